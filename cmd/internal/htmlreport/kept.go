package htmlreport

import (
	"cmp"
	"iter"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// What a page can carry: a browser opens that much in about two seconds.
const (
	MaxEvents = 50_000
	MaxBytes  = 32 << 20 // of lines
)

// Kept is the events that a page has: all that were added, or if they are more than it can
// carry, those of whole turns. The worse what happened in a turn is, the more it matters;
// of equal ones those that come first in the log do. The zero Kept is ready to use.
type Kept struct {
	// What the page can carry; 0 means MaxEvents and MaxBytes.
	MaxEvents, MaxBytes int

	grouper turns.Grouper
	added   int64
	at      place           // of the event that is being added
	places  map[*byte]place // of all events that are held, by the first byte of their lines

	parts  [alarms][]part
	events int // in the parts
	bytes  int
}

// An alarm is how bad what happened is.
type alarm int

const (
	calm     alarm = iota
	doubtful       // a warning, or a call without an end
	alarming       // an error, a failed call or a denial
	alarms         // how many there are
)

// A place is where an event was read.
type place struct {
	number int64 // of all that were added
	file   int
	line   int64
}

// A part is a turn, or an event that belongs to none.
type part struct {
	*turns.Turn
	events, bytes int
}

// Add adds the event that s scanned, from a line of a file.
func (k *Kept) Add(s *events.Scanner, file int, line int64) {
	if k.places == nil {
		k.places, k.grouper.Keep = map[*byte]place{}, k.hold
	}
	k.added++
	k.at = place{k.added, file, line}
	ended, belongs := k.grouper.Add(s)
	if ended != nil {
		k.take(ended)
	}
	if !belongs {
		k.takeLoose(s)
	}
	for k.grouper.Full() {
		k.take(k.grouper.TakeOldest())
	}
}

// End takes the turns that have not ended.
func (k *Kept) End() {
	for t := k.grouper.TakeOldest(); t != nil; t = k.grouper.TakeOldest() {
		k.take(t)
	}
}

// LeftOut returns how many of the events that were added the page does not have.
func (k *Kept) LeftOut() int64 { return k.added - int64(k.events) }

// hold returns a copy of the event that is being added, and notes where it is from.
func (k *Kept) hold(e events.Event) events.Event {
	e = e.Clone()
	k.places[keyOf(e)] = k.at
	return e
}

// keyOf returns what identifies an event that is held, even if another has the same line.
func keyOf(e events.Event) *byte { return &e.Line()[0] }

// takeLoose takes an event that belongs to no turn.
func (k *Kept) takeLoose(s *events.Scanner) {
	e, err := s.Event()
	if err != nil || !k.fits(part{nil, 1, len(e.Line())}) && alarmOf(e) == calm {
		return
	}
	session := string(s.Text(s.Lookup("session_id").NonNull()))
	k.take(&turns.Turn{ID: turns.ID{Session: session}, Loose: true, Nodes: []turns.Node{{Event: k.hold(e)}}})
}

// take keeps a turn, or forgets it if there is no room for it.
func (k *Kept) take(t *turns.Turn) {
	p, worst := part{Turn: t}, alarmOfCalls(t)
	for e := range eventsOf(t) {
		p.events++
		p.bytes += len(e.Line())
		worst = max(worst, alarmOf(e))
	}
	for a := calm; a < worst && k.carries(p); a++ {
		for last := len(k.parts[a]) - 1; last >= 0 && !k.fits(p); last-- {
			k.forget(k.parts[a][last])
			k.parts[a] = k.parts[a][:last]
		}
	}
	fits := k.fits(p)
	k.events += p.events
	k.bytes += p.bytes
	if fits {
		k.parts[worst] = append(k.parts[worst], p)
	} else {
		k.forget(p)
	}
}

// fits reports whether there is room for another part.
func (k *Kept) fits(p part) bool {
	return k.carries(part{nil, k.events + p.events, k.bytes + p.bytes})
}

// carries reports whether a page can carry a part.
func (k *Kept) carries(p part) bool {
	return p.events <= cmp.Or(k.MaxEvents, MaxEvents) && p.bytes <= cmp.Or(k.MaxBytes, MaxBytes)
}

// forget makes room for other parts.
func (k *Kept) forget(p part) {
	k.events -= p.events
	k.bytes -= p.bytes
	for e := range eventsOf(p.Turn) {
		delete(k.places, keyOf(e))
	}
}

// alarmOf returns how bad what an event tells is.
func alarmOf(e events.Event) alarm {
	switch e.Type() {
	case events.TypeToolCallFailure:
		return alarming
	case events.TypeToolPolicyDecision:
		if events.Denies(textOf(e, "action")) {
			return alarming
		}
	}
	switch rank := events.Severity(textOf(e, "severity")).Rank(); {
	case rank >= events.SeverityError.Rank():
		return alarming
	case rank == events.SeverityWarning.Rank():
		return doubtful
	}
	return calm
}

// alarmOfCalls returns how bad the worst call of the turn ended, or of one below it.
func alarmOfCalls(t *turns.Turn) alarm {
	worst := calm
	for _, n := range t.Nodes {
		if n.Call == nil {
			continue
		}
		switch outcome := n.Call.Outcome(); {
		case turns.Bad(outcome):
			worst = alarming
		case outcome == turns.NoEnd:
			worst = max(worst, doubtful)
		}
		for _, below := range n.Call.Below {
			worst = max(worst, alarmOfCalls(below))
		}
	}
	return worst
}

// eventsOf yields the events of a turn, and of those below its calls.
func eventsOf(t *turns.Turn) iter.Seq[events.Event] {
	return func(yield func(events.Event) bool) { eachEvent(t, yield) }
}

func eachEvent(t *turns.Turn, yield func(events.Event) bool) bool {
	if t.Start.Line() != nil && !yield(t.Start) {
		return false
	}
	for _, n := range t.Nodes {
		if n.Call == nil {
			if !yield(n.Event) {
				return false
			}
			continue
		}
		for e := range eventsOfCall(n.Call) {
			if !yield(e) {
				return false
			}
		}
		for _, below := range n.Call.Below {
			if !eachEvent(below, yield) {
				return false
			}
		}
	}
	return t.End.Line() == nil || yield(t.End)
}

// eventsOfCall yields the events of a call, without those of the agents that it began.
func eventsOfCall(c *turns.Call) iter.Seq[events.Event] {
	return func(yield func(events.Event) bool) {
		for _, list := range [][]events.Event{c.Decisions, {c.Attempt}, c.Repeats, {c.End}, c.Switches} {
			for _, e := range list {
				if e.Line() != nil && !yield(e) {
					return
				}
			}
		}
	}
}

// textOf returns the text of a key, empty if it is null or absent.
func textOf(e events.Event, key string) string { return e.Lookup(key).NonNull().String() }
