package cmd

import (
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
)

// maxReports is how many invalid lines of an input are reported in full.
const maxReports = 10

// An invalidReport says what lines of the inputs were invalid: the first ones
// of each input in full, and then how many more there were.
type invalidReport struct {
	mode    invalidMode
	reports *report.Reporter
	inputs  []*input.Input
	bad     map[*input.Input]int64 // how many invalid lines they had
	said    map[*input.Input]bool  // that no line of it is one of JSON
	any     bool                   // there was one in any input
}

func newInvalidReport(mode invalidMode, inputs []*input.Input, reports *report.Reporter) *invalidReport {
	return &invalidReport{mode: mode, reports: reports, inputs: inputs, bad: map[*input.Input]int64{}, said: map[*input.Input]bool{}}
}

// add reports what was invalid in a batch, and how its input ended.
func (r *invalidReport) add(b *batch) {
	in := b.block.Input
	switch {
	case in == nil: // they were events
		return
	case in.Accepted() == nil:
		r.addLines(b)
	case !r.said[in]: // what all its lines are is said once
		r.said[in] = true
		r.reports.Errorf("%v", report.Named("read", in.Name(), in.Accepted()))
	}
	if b.block.Err != nil && !b.stopped {
		r.reports.Errorf("%v", report.Named("read", in.Name(), b.block.Err))
	}
	if b.block.Last {
		r.endInput(in)
	}
}

func (r *invalidReport) addLines(b *batch) {
	in := b.block.Input
	r.any = r.any || b.bad > 0
	for i, syntax := range b.invalid {
		syntax.Line = b.block.Line(syntax.Line)
		switch {
		case r.mode == failInvalid:
			r.reports.Errorf("%s:%v", in.Name(), &syntax)
		case r.mode == reportInvalid && r.bad[in]+int64(i) < maxReports:
			r.reports.Printf("%s:%v", in.Name(), &syntax)
		}
	}
	if b.bad > 0 {
		r.bad[in] += b.bad
	}
}

func (r *invalidReport) end(bool) {
	for _, in := range r.inputs {
		r.endInput(in)
	}
}

// endInput says how many invalid lines of an input were not reported in full.
func (r *invalidReport) endInput(in *input.Input) {
	if more := r.bad[in] - maxReports; more > 0 && r.mode == reportInvalid {
		r.reports.Printf("%s: %d more invalid lines, %d in all", in.Name(), more, r.bad[in])
	}
	delete(r.bad, in)
}

// An orderReport says where the events of a merged input are not in order of time.
type orderReport struct{ reports *report.Reporter }

func (r *orderReport) add(b *batch) {
	if b.block.Disorder != "" {
		r.reports.Errorf("%s", b.block.Disorder)
	}
}

func (r *orderReport) end(bool) {}
