package cmd

import (
	"encoding/binary"
	"time"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/htmlreport"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// timelineBars is how many bars the timeline of a report has at most.
const timelineBars = 120

// A reportTally counts the selected events and keeps them for a page. It is a flow.Locator
// and a flow.Observer.
type reportTally struct {
	summary stats.Summary
	kept    htmlreport.Kept
	files   []reportSource
	numbers map[*input.Input]int // of files

	lines   []int64 // where the events of the next block are
	scanner events.Scanner
}

// A reportSource is an input, and what was found in it.
type reportSource struct {
	*input.Input
	htmlreport.File
}

func newReportTally(f *flow.Flow, zone *time.Location) *reportTally {
	t := &reportTally{numbers: map[*input.Input]int{}}
	t.summary.Location, t.summary.Buckets, t.summary.Top = zone, timelineBars, stats.MaxOpen
	for _, in := range f.Inputs {
		t.number(in)
	}
	return t
}

// number returns the number of an input among the files.
func (t *reportTally) number(in *input.Input) int {
	n, ok := t.numbers[in]
	if !ok {
		n = len(t.files)
		t.numbers[in] = n
		t.files = append(t.files, reportSource{Input: in})
	}
	return n
}

// lengths is how many bytes the lengths of a note and its line take.
const lengths = 4 + 4

// appendNote is a flow.Show that appends a note for the summary, then the line, each after
// its length.
func (t *reportTally) appendNote(dst []byte, s *events.Scanner) []byte {
	start := len(dst)
	dst = t.summary.AppendNote(append(dst, make([]byte, lengths)...), s)
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-lengths))
	binary.LittleEndian.PutUint32(dst[start+4:], uint32(len(s.Line())))
	return append(dst, s.Line()...)
}

func (t *reportTally) Locate(lines []int64) { t.lines = lines }

func (t *reportTally) Arrange(dst, notes []byte, in *input.Input) ([]byte, error) {
	file := t.number(in)
	for len(notes) > 0 {
		note := lengths + binary.LittleEndian.Uint32(notes)
		end := note + binary.LittleEndian.Uint32(notes[4:])
		t.summary.AddNotes(notes[lengths:note])
		if err := t.scanner.Scan(notes[note:end]); err == nil { // it was an event before
			t.kept.Add(&t.scanner, file, t.lines[0])
		}
		t.files[file].Selected++
		notes, t.lines = notes[end:], t.lines[1:]
	}
	return dst, nil
}

func (t *reportTally) Rest(dst []byte) []byte { return dst }

// Holds reports that what is counted is not written yet.
func (t *reportTally) Holds() bool { return true }

func (t *reportTally) Add(r *flow.Result) {
	f := &t.files[t.number(r.Block.Input)]
	f.Events += r.Events
	f.Invalid += r.Bad
	if n := len(r.Block.Origins); n > 0 {
		f.Lines = r.Block.Origins[n-1].Line
	} else {
		f.Lines += r.Lines
	}
	if r.Block.Err != nil {
		f.Problem = r.Block.Err.Error()
	}
}

func (t *reportTally) End(bool) {}

// sources returns the files, with the seals that of returns for those that have a path.
func (t *reportTally) sources(of func(path string) htmlreport.Seal) []htmlreport.File {
	files := make([]htmlreport.File, len(t.files))
	for i, source := range t.files {
		f := source.File
		f.Name = source.Input.Name()
		if d := source.Input.Dialect(); d != nil {
			f.Dialect = d.Title
		}
		if st := source.Stat(); st != nil && st.Mode().IsRegular() && source.Path() != "-" {
			f.Seal = of(source.Path())
		}
		files[i] = f
	}
	return files
}
