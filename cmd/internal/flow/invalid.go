package flow

import (
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
)

// Invalid says what to do with lines that are not events. The zero value reports them.
type Invalid int

const (
	ReportInvalid Invalid = iota
	SkipInvalid           // ignore them silently
	FailInvalid           // end at the first one
)

// maxReports is how many invalid lines of an input are reported in full.
const maxReports = 10

// An invalidReport reports the invalid lines of the inputs: the first ones of each
// input in full, and then how many more there were.
type invalidReport struct {
	flow *Flow
	bad  map[*input.Input]int64 // how many invalid lines they had
	said map[*input.Input]bool  // it was reported to have no lines of JSON
	any  bool                   // some input had one
}

func newInvalidReport(f *Flow) *invalidReport {
	return &invalidReport{flow: f, bad: map[*input.Input]int64{}, said: map[*input.Input]bool{}}
}

// Add reports what was invalid in a batch, and how its input ended.
func (r *invalidReport) Add(b *Result) {
	in := b.Block.Input
	switch {
	case in == nil: // lines of several inputs are all events
		return
	case in.Accepted() == nil:
		r.addLines(b)
	case !r.said[in]: // instead of each of its lines
		r.said[in] = true
		r.flow.Reports.Errorf("%v", report.Named("read", in.Name(), in.Accepted()))
	}
	if b.Block.Err != nil && !b.Stopped {
		r.flow.Reports.Errorf("%v", report.Named("read", in.Name(), b.Block.Err))
	}
	if b.Block.Last {
		r.endInput(in)
	}
}

func (r *invalidReport) addLines(b *Result) {
	in := b.Block.Input
	r.any = r.any || b.Bad > 0
	for i, syntax := range b.Invalid {
		syntax.Line = b.Block.Line(syntax.Line)
		switch {
		case r.flow.Invalid == FailInvalid:
			r.flow.Reports.Errorf("%s:%v", in.Name(), &syntax)
		case r.flow.Invalid == ReportInvalid && r.bad[in]+int64(i) < maxReports:
			r.flow.Reports.Printf("%s:%v", in.Name(), &syntax)
		}
	}
	if b.Bad > 0 {
		r.bad[in] += b.Bad
	}
}

func (r *invalidReport) End(bool) {
	for _, in := range r.flow.Inputs {
		r.endInput(in)
	}
}

// endInput reports how many invalid lines of an input were not reported in full.
func (r *invalidReport) endInput(in *input.Input) {
	if more := r.bad[in] - maxReports; more > 0 && r.flow.Invalid == ReportInvalid {
		r.flow.Reports.Printf("%s: %d more invalid lines, %d in all", in.Name(), more, r.bad[in])
	}
	delete(r.bad, in)
}
