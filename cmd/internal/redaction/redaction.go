// Package redaction takes out of what a command passes on what must not be kept, and says
// at the end how much that was.
package redaction

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/redact"
)

// A Redaction is what a command takes out of lines.
type Redaction struct {
	// Redactor is for one goroutine; others get clones of it.
	*redact.Redactor

	RawInvalid bool // invalid lines are passed on as they are

	// Objects are redacted even if they are no events. Otherwise they are invalid lines
	// like any other.
	Objects bool

	Quiet bool // do not say what was redacted

	counts []redact.Count // by What
}

// Add counts what was redacted. It is for one goroutine.
func (r *Redaction) Add(counts []redact.Count) {
	for _, c := range counts {
		i := slices.IndexFunc(r.counts, func(known redact.Count) bool { return known.What == c.What })
		if i < 0 {
			r.counts = append(r.counts, c)
			continue
		}
		r.counts[i].N += c.N
	}
}

// Say says what was counted, the most frequent first.
func (r *Redaction) Say(reports *report.Reporter) {
	if r.Quiet || len(r.counts) == 0 {
		return
	}
	slices.SortFunc(r.counts, func(a, b redact.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.What, b.What)) })
	said := make([]string, len(r.counts))
	for i, c := range r.counts {
		said[i] = fmt.Sprintf("%d %s", c.N, c.What)
	}
	reports.Printf("redacted %s", strings.Join(said, ", "))
}

// Event returns what is left of the line of an event.
func (r *Redaction) Event(line []byte) []byte {
	left := appendLeft(nil, r.Redactor, new(events.Scanner), line)
	r.Add(r.TakeCounts())
	return left
}

// Lines returns what is left of lines, each of which ends with a line feed, in their order.
// A line that is no event is treated as an invalid one.
func (r *Redaction) Lines(lines []byte) []byte {
	var left []byte
	var s events.Scanner
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte{'\n'})
		left = append(appendLeft(left, r.Redactor, &s, line), '\n')
	}
	return left
}

// appendLeft appends what is left of an event.
func appendLeft(dst []byte, r *redact.Redactor, s *events.Scanner, line []byte) []byte {
	if IsEvent(s, line) {
		left, changed := r.Append(dst, line)
		switch {
		case !changed:
			return append(dst, line...)
		case IsEvent(s, left[len(dst):]):
			return left
		}
	}
	return r.AppendInvalid(dst, line)
}

// IsEvent scans a line with s and reports whether it is an event.
func IsEvent(s *events.Scanner, line []byte) bool {
	if s.Scan(line) != nil {
		return false
	}
	_, err := s.Event()
	return err == nil
}
