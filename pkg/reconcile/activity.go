package reconcile

import (
	"maps"
	"slices"
)

const (
	second instant = 1e6
	minute         = 60 * second
)

// An activity says in which minutes there were events, and when in these the first and the
// last was.
type activity struct {
	minutes map[instant]*span
	current *span // of the last event
	at      instant
}

// maxMinutes is how many minutes with events are known.
const maxMinutes = 1 << 20

func (a *activity) add(t instant) {
	at := t / minute
	if t < 0 {
		at--
	}
	if a.current == nil || at != a.at {
		a.at, a.current = at, a.minutes[at]
		if a.current == nil {
			a.current = &span{unknown, unknown}
			if a.minutes == nil {
				a.minutes = map[instant]*span{}
			}
			if len(a.minutes) < maxMinutes {
				a.minutes[at] = a.current
			}
		}
	}
	a.current.add(t)
}

// A stretch is a time without events, and how many calls there were in it.
type stretch struct {
	span
	calls int64
}

// A stretch is worth telling if it is as long and has as many calls.
const (
	minSilence = minute
	minCalls   = 5
)

// silences returns the stretches between two events in which calls were missed.
func (a *activity) silences(missed []instant) (all []stretch) {
	slices.Sort(missed)
	spans := slices.SortedFunc(maps.Values(a.minutes), func(x, y *span) int { return int(min(1, max(-1, x.first-y.first))) })
	next := 0
	var now stretch
	flush := func() {
		if now.calls >= minCalls && now.last-now.first >= minSilence {
			all = append(all, now)
		}
		now = stretch{}
	}
	for _, t := range missed {
		for next < len(spans) && spans[next].first <= t {
			next++
		}
		if next == 0 || next == len(spans) || spans[next-1].last > t {
			continue
		}
		gap := span{spans[next-1].last, spans[next].first}
		if gap != now.span {
			flush()
			now.span = gap
		}
		now.calls++
	}
	flush()
	return all
}
