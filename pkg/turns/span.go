package turns

import "time"

// A Span is when a turn or a call began and ended. The end is before the start where
// clocks differ so much.
type Span struct {
	Start, End time.Time
	Known      bool // otherwise both are zero
}

// A stamp is the time of an event, if that is known.
type stamp struct {
	time.Time
	known bool
}

// include makes the span long enough for a time, if that is known.
func (s *Span) include(at stamp) {
	switch {
	case !at.known:
	case !s.Known:
		*s = Span{at.Time, at.Time, true}
	case at.Before(s.Start):
		s.Start = at.Time
	case at.After(s.End):
		s.End = at.Time
	}
}

// Span returns when the turn began and ended: by the timestamps of its start and end, or
// where these do not say, the first and the last time of its events.
func (t *Turn) Span() (s Span) {
	if t.began.known && t.ended.known && t.began.Before(t.ended.Time) {
		return Span{t.began.Time, t.ended.Time, true}
	}
	s = t.between
	s.include(t.began)
	s.include(t.ended)
	for _, n := range t.Nodes {
		if n.Call != nil {
			call := n.Call.Span()
			s.include(stamp{call.Start, call.Known})
			s.include(stamp{call.End, call.Known})
		}
	}
	return s
}

// Span returns when the call began and ended: by its timestamps, or where one is missing
// by its duration_ms. A call that was denied ends when that was decided; another one
// without an end ends when it begins.
func (c *Call) Span() Span {
	start, end := c.attemptAt, c.endAt
	if c.End.Line() == nil && c.Refused() {
		end = c.decidedAt
	}
	timed := c.timed && 0 <= c.ms && c.ms < maxMilliseconds
	took := time.Duration(c.ms * float64(time.Millisecond))
	switch {
	case start.known && end.known:
	case end.known && timed:
		start.Time = end.Add(-took)
	case start.known && timed:
		end.Time = start.Add(took)
	case start.known:
		end = start
	default:
		start.Time = end.Time
	}
	return Span{start.Time, end.Time, start.known || end.known}
}

// maxMilliseconds is the longest duration that counts, some thirty years.
const maxMilliseconds = 1e12
