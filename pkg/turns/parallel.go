package turns

import "time"

// Parallel returns which nodes of the turn ran at the same time: the first and last node of
// each row of calls, each of which began while an earlier one of its row was running. That
// is by their timestamps if they have any, else by the order of the log. Calls without a
// call id do not count, for which end is theirs may be a guess. A call without an end is
// taken to end when it begins.
func (t *Turn) Parallel() (rows [][2]int) {
	var row [2]int
	var latest span // the one of the row that ends last
	begun := false
	flush := func() {
		if row[1] > row[0] {
			rows = append(rows, row)
		}
	}
	for i, n := range t.Nodes {
		c := n.Call
		if c == nil || c.id == "" || c.began == 0 && c.ended == 0 {
			continue
		}
		s := c.span()
		if begun && s.beginsIn(latest) {
			row[1] = i
		} else {
			flush()
			row, latest, begun = [2]int{i, i}, s, true
		}
		if latest.endsBefore(s) {
			latest = s
		}
	}
	flush()
	return rows
}

// A span is when a call began and ended.
type span struct {
	began, ended int64     // numbers of events
	start, end   time.Time // zero if not known
	known        bool
}

func (c *Call) span() (s span) {
	s.began, s.ended = c.began, c.ended
	if s.began == 0 {
		s.began = s.ended
	}
	s.ended = max(s.began, s.ended)

	var known, ended bool
	last := c.End
	if last.Line() == nil && c.Refused() {
		last = c.Decisions[len(c.Decisions)-1]
	}
	s.start, known = c.Attempt.Lookup("timestamp").Time()
	s.end, ended = last.Lookup("timestamp").Time()
	ms, timed := c.End.Lookup("duration_ms").Float()
	timed = timed && 0 <= ms && ms < maxMilliseconds
	took := time.Duration(ms * float64(time.Millisecond))
	switch {
	case known && ended:
	case ended && timed:
		s.start = s.end.Add(-took)
	case known && timed:
		s.end = s.start.Add(took)
	case known:
		s.end = s.start
	default:
		s.start = s.end
	}
	s.known = known || ended
	return s
}

// maxMilliseconds is the longest duration that counts, some thirty years.
const maxMilliseconds = 1e12

// beginsIn reports whether s begins before o ends.
func (s span) beginsIn(o span) bool {
	if s.known && o.known && !s.start.Equal(o.end) {
		return s.start.Before(o.end)
	}
	return s.began < o.ended
}

func (s span) endsBefore(o span) bool {
	if s.known && o.known {
		return s.end.Before(o.end)
	}
	return s.ended < o.ended
}
