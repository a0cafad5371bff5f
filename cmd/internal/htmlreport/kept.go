package htmlreport

import (
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
// carry, those of whole turns. Turns in which something went wrong take the place of
// others; else those that come first in the log stay. The zero Kept is ready to use.
type Kept struct {
	// What the page can carry; 0 means MaxEvents and MaxBytes.
	MaxEvents, MaxBytes int

	grouper turns.Grouper
	added   int64
	at      place           // of the event that is being added
	places  map[*byte]place // of all events that are held, by the first byte of their lines

	wrong, other []part
	events       int // in the parts
	bytes        int
}

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
	if err != nil || !k.fits(part{nil, 1, len(e.Line())}) && !isWrong(e) {
		return
	}
	session := string(s.Text(s.Lookup("session_id").NonNull()))
	k.take(&turns.Turn{ID: turns.ID{Session: session}, Loose: true, Nodes: []turns.Node{{Event: k.hold(e)}}})
}

// take keeps a turn, or forgets it if there is no room for it.
func (k *Kept) take(t *turns.Turn) {
	p, wrong := part{Turn: t}, hasOpenCall(t)
	for e := range eventsOf(t) {
		p.events++
		p.bytes += len(e.Line())
		wrong = wrong || isWrong(e)
	}
	for wrong && !k.fits(p) && len(k.other) > 0 {
		last := len(k.other) - 1
		k.forget(k.other[last])
		k.other = k.other[:last]
	}
	k.events += p.events
	k.bytes += p.bytes
	switch {
	case !k.fits(part{}):
		k.forget(p)
	case wrong:
		k.wrong = append(k.wrong, p)
	default:
		k.other = append(k.other, p)
	}
}

// fits reports whether there is room for another part.
func (k *Kept) fits(p part) bool {
	most, bytes := k.MaxEvents, k.MaxBytes
	if most == 0 {
		most = MaxEvents
	}
	if bytes == 0 {
		bytes = MaxBytes
	}
	return k.events+p.events <= most && k.bytes+p.bytes <= bytes
}

// forget makes room for other parts.
func (k *Kept) forget(p part) {
	k.events -= p.events
	k.bytes -= p.bytes
	for e := range eventsOf(p.Turn) {
		delete(k.places, keyOf(e))
	}
}

// isWrong reports whether an event tells that something went wrong: one that is at least a
// warning, a failed call or a denial.
func isWrong(e events.Event) bool {
	switch e.Type() {
	case events.TypeToolCallFailure:
		return true
	case events.TypeToolPolicyDecision:
		if events.Denies(textOf(e, "action")) {
			return true
		}
	}
	return events.Severity(textOf(e, "severity")).Rank() >= events.SeverityWarning.Rank()
}

// hasOpenCall reports whether a call of the turn, or of one below it, has no end.
func hasOpenCall(t *turns.Turn) bool {
	for _, n := range t.Nodes {
		if n.Call == nil {
			continue
		}
		if n.Call.Outcome() == turns.NoEnd {
			return true
		}
		for _, below := range n.Call.Below {
			if hasOpenCall(below) {
				return true
			}
		}
	}
	return false
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
		for _, list := range [][]events.Event{c.Decisions, {c.Attempt}, {c.End}, c.Switches} {
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
