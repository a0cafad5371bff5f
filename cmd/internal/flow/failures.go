package flow

import (
	"fmt"

	"auditctl/cmd/internal/report"
)

// Failures counts the events on which something failed, for an [Observer].
type Failures struct {
	Events int64
	First  string // where the first one was, and what was wrong
}

// Add counts the failures in a block that are of a kind.
func (f *Failures) Add(r *Result, of func(error) bool) {
	var first *Failure
	before := f.Events
	for i := range r.Failures {
		if next := &r.Failures[i]; of(next.Err) {
			f.Events += next.Events
			if first == nil || next.Line < first.Line {
				first = next
			}
		}
	}
	if first == nil || before > 0 {
		return
	}
	f.First = report.Shortened(first.Why.Error())
	if in := r.Block.Input; in != nil { // merged lines have no line numbers
		f.First = fmt.Sprintf("%s:%d: %s", in.Name(), r.Block.Line(first.Line), f.First)
	}
}
