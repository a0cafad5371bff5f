// Package selection says which events are wanted. A [Predicate] looks at one
// event; this package makes them of globs, severities, times and expressions
// over keys, and puts them together.
package selection

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"auditctl/pkg/events"
)

// A Predicate reports whether the event that s scanned is wanted. It may use
// the methods of s, and many goroutines may use it at once, each with a Scanner
// of its own.
type Predicate func(s *events.Scanner) bool

// Match reports whether e is wanted. A program that reads whole logs calls the
// predicate with a Scanner of its own, which saves scanning each line twice.
func (p Predicate) Match(e events.Event) bool {
	s := scanners.Get().(*events.Scanner)
	defer scanners.Put(s)
	return s.Scan(e.Line()) == nil && p(s)
}

var scanners = sync.Pool{New: func() any { return new(events.Scanner) }}

// All wants what every one of the predicates wants, and everything if there is
// none.
func All(predicates ...Predicate) Predicate {
	if len(predicates) == 1 {
		return predicates[0]
	}
	return func(s *events.Scanner) bool {
		for _, p := range predicates {
			if !p(s) {
				return false
			}
		}
		return true
	}
}

// Not wants what p does not want.
func Not(p Predicate) Predicate {
	return func(s *events.Scanner) bool { return !p(s) }
}

// OneOf wants events whose top-level key matches one of the globs. An event
// that lacks the key, or has null for it, is not wanted.
func OneOf(key string, globs []Glob) Predicate {
	return func(s *events.Scanner) bool {
		v := s.Lookup(key)
		if k := v.Kind(); k == events.Absent || k == events.Null {
			return false
		}
		text := s.Text(v)
		for i := range globs {
			if globs[i].Match(text) {
				return true
			}
		}
		return false
	}
}

// A SeverityRange is the severities from one to another, both included.
type SeverityRange struct{ least, most int } // ranks

// Severities returns the range from one severity to another.
func Severities(from, to events.Severity) SeverityRange {
	return SeverityRange{from.Rank(), to.Rank()}
}

// ErrSeverity is about a severity that [events.ParseSeverity] does not read.
var ErrSeverity = errors.New("the severity cannot be read")

// Eval reports whether the severity of the event that s scanned is in the range, or
// ErrSeverity. An event without a severity is not in any.
func (r SeverityRange) Eval(s *events.Scanner) (bool, error) {
	v := s.Lookup("severity").NonNull()
	if v.Kind() == events.Absent {
		return false, nil
	}
	rank := 0
	if v.Kind() == events.String {
		rank = events.Severity(s.Text(v)).Rank()
	}
	if rank == 0 {
		return false, ErrSeverity
	}
	return r.least <= rank && rank <= r.most, nil
}

// Severity wants events whose severity is within from and to, both included.
func Severity(from, to events.Severity) Predicate {
	levels := Severities(from, to)
	return func(s *events.Scanner) bool {
		in, _ := levels.Eval(s)
		return in
	}
}

// ParseSeverity reads LEVEL, which is at least that severe, or LEVEL..LEVEL, with levels
// as [events.ParseSeverity] reads them.
func ParseSeverity(text string) (from, to events.Severity, err error) {
	first, last, isRange := strings.Cut(text, "..")
	if !isRange {
		last = string(events.SeverityCritical)
	}
	from, okFrom := events.ParseSeverity(first)
	to, okTo := events.ParseSeverity(last)
	if !okFrom || !okTo {
		unknown := last
		if !okFrom {
			unknown = first
		}
		return "", "", fmt.Errorf("no severity %q: want debug, info, warning, error, critical or info..error", unknown)
	}
	if from.Rank() > to.Rank() {
		return "", "", fmt.Errorf("%s is more severe than %s: write %s..%s", from, to, to, from)
	}
	return from, to, nil
}

// A Period is the time from Since to before Until.
type Period struct{ Since, Until time.Time }

// ErrTimestamp is about a timestamp that is none.
var ErrTimestamp = errors.New("the timestamp cannot be read")

// Eval reports whether the timestamp of the event that s scanned is in the period, or
// ErrTimestamp. An event without a timestamp is not in any.
func (p Period) Eval(s *events.Scanner) (bool, error) {
	v := s.Lookup("timestamp").NonNull()
	t, ok := v.Time()
	if !ok {
		if v != nil {
			return false, ErrTimestamp
		}
		return false, nil
	}
	return !t.Before(p.Since) && t.Before(p.Until), nil
}

// Between wants events whose timestamp is since or later, and before until.
func Between(since, until time.Time) Predicate {
	return func(s *events.Scanner) bool {
		in, _ := Period{since, until}.Eval(s)
		return in
	}
}

// Since wants events whose timestamp is t or later.
func Since(t time.Time) Predicate { return Between(t, EndOfTime) }

// Until wants events whose timestamp is before t.
func Until(t time.Time) Predicate { return Between(time.Time{}, t) }

// EndOfTime is later than any timestamp.
var EndOfTime = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
