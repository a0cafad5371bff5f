package flow

import (
	"maps"
	"slices"
	"strings"

	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
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
	flow   *Flow
	inputs map[*input.Input]*invalidLines // that have not ended
	said   map[*input.Input]bool          // it was reported to have no lines of JSON
	any    bool                           // some input had an invalid line
}

// invalidLines is what was invalid in an input.
type invalidLines struct {
	bad int64 // how many

	reported int // how many were reported

	// An input that has nothing but JSON without event_type is likely to be another
	// program's log. Then there is a hint instead of the reports, which are held.
	mixed   bool // it has something else
	held    []events.SyntaxError
	untyped []byte // a line of that kind

	unknown      int64 // records of another dialect than was expected
	firstUnknown events.SyntaxError
	untimed      int64 // events whose timestamp could not be read where they were decoded
	dialect      *dialect.Dialect
}

func newInvalidReport(f *Flow) *invalidReport {
	return &invalidReport{flow: f, inputs: map[*input.Input]*invalidLines{}, said: map[*input.Input]bool{}}
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
	lines := r.inputs[in]
	if lines == nil {
		lines = &invalidLines{mixed: r.flow.Hint == nil}
		r.inputs[in] = lines
	}
	if r.any = r.any || b.Bad > 0; r.flow.Invalid == SkipInvalid {
		return
	}
	if b.Events > 0 {
		r.mix(in, lines)
	}
	if lines.untyped == nil {
		lines.untyped = b.Untyped
	}
	for _, syntax := range b.Invalid {
		syntax.Line = b.Block.Line(syntax.Line)
		if r.flow.Redaction != nil {
			syntax.Reason = syntax.Unquoted()
		}
		switch {
		case r.flow.Invalid == FailInvalid:
			r.flow.Reports.Errorf("%s:%v", in.Name(), &syntax)
		case lines.mixed || !syntax.Untyped():
			r.mix(in, lines)
			r.report(in, lines, syntax)
		case len(lines.held) < maxReports:
			lines.held = append(lines.held, syntax)
		}
	}
	lines.bad += b.Bad - b.Unknown
	if !lines.mixed && lines.bad >= maxReports {
		r.hint(in, lines)
	}
	if lines.unknown == 0 && b.Unknown > 0 {
		lines.firstUnknown, lines.dialect = *b.FirstUnknown.Err, b.FirstUnknown.Unknown
	}
	lines.unknown += b.Unknown
	lines.untimed += b.Block.Untimed
}

// mix notes that an input has something else than JSON without event_type.
func (r *invalidReport) mix(in *input.Input, lines *invalidLines) {
	lines.mixed = true
	for _, syntax := range lines.held {
		r.report(in, lines, syntax)
	}
	lines.held = nil
}

// report reports an invalid line, unless enough of them were.
func (r *invalidReport) report(in *input.Input, lines *invalidLines, syntax events.SyntaxError) {
	if lines.reported < maxReports {
		lines.reported++
		r.flow.Reports.Printf("%s:%v", in.Name(), &syntax)
	}
}

// hint says once what can be done about an input, instead of reporting its lines.
func (r *invalidReport) hint(in *input.Input, lines *invalidLines) {
	if lines.reported == 0 && len(lines.held) > 0 {
		lines.reported = maxReports
		r.flow.Reports.Printf("%s: no event_type in its lines: %s", in.Name(), r.flow.Hint(lines.untyped))
	}
	lines.held = nil
}

func (r *invalidReport) End(bool) {
	for _, in := range r.flow.Inputs {
		r.endInput(in)
	}
	later := slices.Collect(maps.Keys(r.inputs)) // logs that appeared below directories
	slices.SortFunc(later, func(a, b *input.Input) int { return strings.Compare(a.Name(), b.Name()) })
	for _, in := range later {
		r.endInput(in)
	}
}

// endInput reports how many invalid lines of an input were not reported in full.
func (r *invalidReport) endInput(in *input.Input) {
	lines := r.inputs[in]
	if lines == nil || r.flow.Invalid != ReportInvalid {
		return
	}
	delete(r.inputs, in)
	if !lines.mixed {
		r.hint(in, lines)
	}
	if more := lines.bad - maxReports; more > 0 {
		r.flow.Reports.Printf("%s: %d more invalid lines, %d in all", in.Name(), more, lines.bad)
	}
	if lines.untimed > 0 {
		r.flow.Reports.Printf("%s: the timestamps of %s cannot be read", in.Name(), report.Counted(lines.untimed, "record"))
	}
	if lines.unknown > 0 {
		r.flow.Reports.Printf("%s: %s cannot be read as %s, the first: %s:%v",
			in.Name(), report.Counted(lines.unknown, "record"), lines.dialect.Title, in.Name(), &lines.firstUnknown)
	}
}
