package view

import "auditctl/pkg/events"

// A reading is an event with the values that are shown of it. The zero reading is of no
// event.
type reading struct {
	s      *events.Scanner
	of     *typeLook
	values []events.Value // of of.all
}

// Where the keys of the envelope are in a typeLook's all. Those of the type follow.
const (
	typeKey = iota
	timestampKey
	agentKey
	turnKey
	sessionKey
	severityKey
	metadataKey
	envelopeLen
)

// read makes r a reading of the event that s scanned.
func (r *reading) read(v *look, s *events.Scanner) {
	r.s = s
	r.of = v.ofType(s.Text(s.Lookup("event_type")))
	if n := len(r.of.all); n <= cap(r.values) {
		r.values = r.values[:n]
	} else {
		r.values = make([]events.Value, n)
	}
	s.LookupAll(r.of.all, r.values)
}

// lookup returns the value of any key, nil if there is no such key or event.
func (r *reading) lookup(key string) events.Value {
	if r.s == nil {
		return nil
	}
	return r.s.Lookup(key)
}

// textOf returns the text of the value of any key, empty if it is null. It may be used until
// the next call of a method of r.s.
func (r *reading) textOf(key string) []byte {
	if val := r.lookup(key).NonNull(); val != nil {
		return r.s.Text(val)
	}
	return nil
}

// details returns the event's metadata, nil if it has none.
func (r *reading) details() events.Value {
	if r.s == nil {
		return nil
	}
	return r.values[metadataKey]
}

// hasUnknown reports whether the event has keys that its type does not have.
func (r *reading) hasUnknown() bool {
	known := 0
	for _, val := range r.values {
		if val != nil {
			known++
		}
	}
	return known < r.s.Len()
}

// A treeReading is the reading of an event that was kept.
type treeReading struct {
	reading
	scanner events.Scanner
}

// keep makes r a reading of an event, or of none if that is zero.
func (r *treeReading) keep(v *look, e events.Event) {
	if r.s = nil; e.Line() != nil {
		_ = r.scanner.Scan(e.Line()) // which is an event
		r.read(v, &r.scanner)
	}
}
