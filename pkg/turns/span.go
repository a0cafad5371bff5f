package turns

import (
	"time"

	"auditctl/pkg/events"
)

// A Span is when a turn or a call began and ended. The end is before the start where
// clocks differ so much.
type Span struct {
	Start, End time.Time
	Known      bool // otherwise both are zero
}

// include makes the span long enough for a time, if that is known.
func (s *Span) include(at time.Time, known bool) {
	switch {
	case !known:
	case !s.Known:
		*s = Span{at, at, true}
	case at.Before(s.Start):
		s.Start = at
	case at.After(s.End):
		s.End = at
	}
}

// Span returns when the turn began and ended: by the timestamps of its start and end, or
// where these do not say, the first and the last time of its events.
func (t *Turn) Span() (s Span) {
	start, began := timeOf(t.Start)
	end, ended := timeOf(t.End)
	if began && ended && start.Before(end) {
		return Span{start, end, true}
	}
	s.include(start, began)
	s.include(end, ended)
	for _, n := range t.Nodes {
		if n.Call == nil {
			s.include(timeOf(n.Event))
			continue
		}
		call := n.Call.Span()
		s.include(call.Start, call.Known)
		s.include(call.End, call.Known)
	}
	return s
}

// Span returns when the call began and ended: by its timestamps, or where one is missing
// by its duration_ms. A call that was denied ends when that was decided; another one
// without an end ends when it begins.
func (c *Call) Span() Span {
	last := c.End
	if last.Line() == nil && c.Refused() {
		last = c.Decisions[len(c.Decisions)-1]
	}
	start, began := timeOf(c.Attempt)
	end, ended := timeOf(last)
	ms, timed := c.End.Lookup("duration_ms").Float()
	timed = timed && 0 <= ms && ms < maxMilliseconds
	took := time.Duration(ms * float64(time.Millisecond))
	switch {
	case began && ended:
	case ended && timed:
		start = end.Add(-took)
	case began && timed:
		end = start.Add(took)
	case began:
		end = start
	default:
		start = end
	}
	return Span{start, end, began || ended}
}

// maxMilliseconds is the longest duration that counts, some thirty years.
const maxMilliseconds = 1e12

func timeOf(e events.Event) (time.Time, bool) { return e.Lookup("timestamp").Time() }
