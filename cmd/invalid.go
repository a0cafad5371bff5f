package cmd

// maxReports is how many invalid lines of an input are reported in full.
const maxReports = 10

// An invalidReport says what lines of the inputs were invalid: the first ones
// of each input in full, and then how many more there were.
type invalidReport struct {
	mode    invalidMode
	reports *reporter
	any     bool // there was one in any input

	input *input // the current one
	lines int64  // its lines before the current batch
	bad   int64  // its invalid lines
}

// add reports what was invalid in a batch, and how its input ended.
func (r *invalidReport) add(b *batch) {
	r.input = b.input
	r.any = r.any || b.bad > 0
	for i, syntax := range b.invalid {
		syntax.Line += r.lines
		switch {
		case r.mode == failInvalid:
			r.reports.errorf("%s:%v", b.input.name, &syntax)
		case r.mode == reportInvalid && r.bad+int64(i) < maxReports:
			r.reports.printf("%s:%v", b.input.name, &syntax)
		}
	}
	r.bad += b.bad
	r.lines += b.lines
	if b.err != nil && !b.stopped {
		r.reports.errorf("%v", named("read", b.input.name, b.err))
	}
	if b.last {
		r.endInput()
	}
}

// endInput says how many invalid lines of an input were not reported in full.
func (r *invalidReport) endInput() {
	if more := r.bad - maxReports; more > 0 && r.mode == reportInvalid {
		r.reports.printf("%s: %d more invalid lines, %d in all", r.input.name, more, r.bad)
	}
	r.bad, r.lines = 0, 0
}
