package cmd

import "auditctl/cmd/internal/report"

// maxReports is how many invalid lines of an input are reported in full.
const maxReports = 10

// An invalidReport says what lines of the inputs were invalid: the first ones
// of each input in full, and then how many more there were.
type invalidReport struct {
	mode    invalidMode
	reports *report.Reporter
	any     bool // there was one in any input
}

// add reports what was invalid in a batch, and how its input ended.
func (r *invalidReport) add(b *batch) {
	in := b.input
	if in == nil {
		return // they were events
	}
	if in.is != nil { // what all its lines are is said once
		b.invalid, b.bad = b.invalid[:0], 0
		if !in.told {
			r.reports.Errorf("%v", report.Named("read", in.name, in.is))
			in.told = true
		}
	}
	r.any = r.any || b.bad > 0
	for i, syntax := range b.invalid {
		syntax.Line += b.linesBefore()
		switch {
		case r.mode == failInvalid:
			r.reports.Errorf("%s:%v", in.name, &syntax)
		case r.mode == reportInvalid && in.bad+int64(i) < maxReports:
			r.reports.Printf("%s:%v", in.name, &syntax)
		}
	}
	in.bad += b.bad
	in.lines += b.lines
	if b.err != nil && !b.stopped {
		r.reports.Errorf("%v", report.Named("read", in.name, b.err))
	}
	if b.last {
		r.endInput(in)
		in.lines = 0 // another file may take its place
		if in.skipped != nil {
			in.skipped.close()
			in.skipped = nil
		}
	}
}

// endInput says how many invalid lines of an input were not reported in full.
func (r *invalidReport) endInput(in *input) {
	if more := in.bad - maxReports; more > 0 && r.mode == reportInvalid {
		r.reports.Printf("%s: %d more invalid lines, %d in all", in.name, more, in.bad)
	}
	in.bad = 0
}
