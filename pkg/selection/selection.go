// Package selection says which events are wanted. A [Predicate] looks at one
// event; this package makes them of globs, severities, times and expressions
// over keys, and puts them together.
package selection

import (
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

// Severity wants events whose severity is within from and to, both included.
// unread, which may be nil, is called for each event whose severity is another than
// those of [events.Severities], by the goroutine that asked.
func Severity(from, to events.Severity, unread func(*events.Scanner)) Predicate {
	least, most := from.Rank(), to.Rank()
	return func(s *events.Scanner) bool {
		v := s.Lookup("severity").NonNull()
		if v.Kind() == events.Absent {
			return false
		}
		rank := 0
		if v.Kind() == events.String {
			rank = events.Severity(s.Text(v)).Rank()
		}
		if rank == 0 && unread != nil {
			unread(s)
		}
		return rank > 0 && least <= rank && rank <= most
	}
}

// ParseSeverity reads LEVEL, which is at least that severe, or LEVEL..LEVEL.
func ParseSeverity(text string) (from, to events.Severity, err error) {
	first, last, isRange := strings.Cut(text, "..")
	if !isRange {
		last = string(events.SeverityCritical)
	}
	from, to = events.Severity(strings.ToLower(first)), events.Severity(strings.ToLower(last))
	for _, s := range []events.Severity{from, to} {
		if s.Rank() == 0 {
			return "", "", fmt.Errorf("no severity %q: want debug, info, warning, error, critical, or two of them as in info..error", s)
		}
	}
	if from.Rank() > to.Rank() {
		return "", "", fmt.Errorf("%s is graver than %s: write %s..%s", from, to, to, from)
	}
	return from, to, nil
}

// Between wants events whose timestamp is since or later, and before until. unread,
// which may be nil, is called for each event that has a timestamp which cannot be
// read, by the goroutine that asked.
func Between(since, until time.Time, unread func(*events.Scanner)) Predicate {
	return func(s *events.Scanner) bool {
		v := s.Lookup("timestamp").NonNull()
		t, ok := v.Time()
		if !ok && v != nil && unread != nil {
			unread(s)
		}
		return ok && !t.Before(since) && t.Before(until)
	}
}

// Since wants events whose timestamp is t or later.
func Since(t time.Time) Predicate { return Between(t, EndOfTime, nil) }

// Until wants events whose timestamp is before t.
func Until(t time.Time) Predicate { return Between(time.Time{}, t, nil) }

// EndOfTime is later than any timestamp.
var EndOfTime = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
