package dialect

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"auditctl/pkg/events"
)

const (
	maxType = 120    // characters of a type that a log tells
	minDeep = 20_000 // bytes of a line that may be nested too deep for an event
)

// A tableDecoder makes one event of each record, as a table says.
type tableDecoder struct {
	name    string
	table   *table
	types   []string // that have keys of their own
	w       writer
	eval    evaluator
	wrapped unwrapper

	// Of the record that is decoded.
	values []events.Value // of table.others
	used   []*byte        // where values begin that are in the event already, whole
	names  []string       // the keys of its metadata so far
	clash  []member       // what has one of these names, too
}

type member struct {
	key   string
	value events.Value
}

func newTableDecoder(name string, t *table) *tableDecoder {
	return &tableDecoder{name: name, table: t, types: events.Types(), values: make([]events.Value, len(t.others))}
}

func (d *tableDecoder) Decode(dst []byte, r Record) ([]byte, error) {
	s, way := d.wrapped.find(d.table, r.Scanner)
	d.eval.reset(s)
	d.used = d.used[:0]
	typeOf := d.table.envelope[slotType]
	v := d.eval.first(typeOf, isScalar)
	if v == nil {
		return dst, Unknown("no " + typeOf.subject())
	}
	text := d.eval.text(v)
	eventType := string(beginningOf(text, maxType))
	if v.Kind() == events.String && len(eventType) == len(text) && !bytes.ContainsRune(text, utf8.RuneError) {
		d.use(v) // all of it
	}
	e := d.envelope(eventType)
	for i := range d.table.others {
		t := &d.table.others[i]
		if d.values[i] = d.eval.first(t.from, t.fits); !t.text || d.values[i].Kind() == events.String {
			d.use(d.values[i])
		}
	}

	isTyped := slices.Contains(d.types, eventType)
	d.w.reset(d.name, dst, r.Line)
	d.event(eventType, e, s, r.Scanner, way)
	line := d.w.dst[len(dst) : len(d.w.dst)-1]
	switch {
	case isTyped:
		if complete, ok := completed(line); ok {
			return append(append(dst, complete...), '\n'), nil
		}
		// The keys are not those of auditctl's type of that name.
		d.w.reset(d.name, dst, r.Line)
		d.event(d.name+"."+eventType, e, s, r.Scanner, way)
	case len(line) >= minDeep && len(d.names) > 0:
		if _, err := events.Parse(line); err != nil {
			return dst, err
		}
	}
	return d.w.dst, nil
}

// completed returns the line of an event with all the keys of its type in their order,
// and whether they can be so. An absent time stays absent.
func completed(line []byte) ([]byte, bool) {
	const absent, any = `, "timestamp": null, `, `, "timestamp": "1970-01-01T00:00:00+00:00", `
	timed := bytes.Replace(line, []byte(absent), []byte(any), 1)
	event, err := events.Complete(timed)
	if err != nil {
		return nil, false
	}
	if len(timed) == len(line) {
		return event.Line(), true
	}
	return bytes.Replace(event.Line(), []byte(any), []byte(absent), 1), true
}

// envelope returns what the record says of the envelope.
func (d *tableDecoder) envelope(eventType string) (e envelope) {
	from := &d.table.envelope
	var ok bool
	v := d.eval.first(from[slotTimestamp], func(v events.Value) bool {
		e.time, ok = readTime(v)
		return ok
	})
	if ok && isExact(v, e.time) {
		d.use(v)
	}
	v = d.eval.first(from[slotSeverity], func(v events.Value) bool {
		e.severity, ok = events.ParseSeverity(string(d.eval.text(v)))
		return ok
	})
	if v != nil && string(v[1:len(v)-1]) == string(severityOf(eventType, e.severity)) {
		d.use(v)
	}
	e.agent, e.session, e.turn = d.id(slotAgent), d.id(slotSession), d.id(slotTurn)
	return e
}

func (d *tableDecoder) id(slot int) events.Value {
	v := d.eval.first(d.table.envelope[slot], isScalar)
	if v.Kind() == events.String {
		d.use(v)
	}
	return v
}

// event appends the event of a record that s scanned, and that whole has wrapped at way
// if that is not nil.
func (d *tableDecoder) event(eventType string, e envelope, s, whole *events.Scanner, way path) {
	d.names, d.clash = d.names[:0], d.clash[:0]
	d.w.begin(eventType, e)
	d.metadata(s, whole, way)
	d.w.keys()
	for i := range d.table.others {
		if t := &d.table.others[i]; !t.metadata && d.values[i] != nil {
			d.w.key(t.name)
			d.w.dst = t.appendValue(d.w.dst, d.values[i])
		}
	}
	if eventType == events.TypeToolCallComplete && !d.isTaken([]byte("status")) && s.Lookup("status") == nil {
		d.w.string("status", "ended") // whether with success is not said
	}
	for key, v := range s.Members() {
		if !d.isUsed(v) && !d.isTaken(key) {
			d.w.key(string(key))
			d.w.dst = v.AppendSpelled(d.w.dst)
		}
	}
	d.w.end()
}

// metadata writes the metadata: what the table has for it, what the record is wrapped
// in, the record's keys whose names are those of other values in the event, and the
// members of the record's own metadata.
func (d *tableDecoder) metadata(s, whole *events.Scanner, way path) {
	for i := range d.table.others {
		if t := &d.table.others[i]; t.metadata && d.values[i] != nil {
			d.names = append(d.names, t.name)
			d.w.metaKey(t.name)
			d.w.dst = t.appendValue(d.w.dst, d.values[i])
		}
	}
	if way != nil {
		d.names = append(d.names, "wrapper")
		d.w.metaKey("wrapper")
		record := whole.Line()
		d.w.dst = appendWithout(d.w.dst, record[bytes.IndexByte(record, '{'):], way)
	}
	for key, v := range s.Members() {
		if v.Kind() != events.Null && d.isTaken(key) && !d.isUsed(v) && (string(key) != "metadata" || v.Kind() != events.Object) {
			d.keep(key, v)
			d.names = append(d.names, string(key))
		}
	}
	for key, own := range s.Members() {
		if string(key) == "metadata" {
			for key, v := range own.Members() {
				if !d.isUsed(v) {
					d.keep(key, v)
				}
			}
		}
	}
	if len(d.clash) > 0 {
		d.w.metaKey("original")
		d.w.dst = append(d.w.dst, '{')
		for i, m := range d.clash {
			if i > 0 {
				d.w.dst = append(d.w.dst, ", "...)
			}
			d.w.dst = append(events.AppendString(d.w.dst, m.key), ": "...)
			d.w.dst = m.value.AppendSpelled(d.w.dst)
		}
		d.w.dst = append(d.w.dst, '}')
	}
}

// keep writes a key of the record as one of metadata, unless its name is taken: then it
// is kept until the end of the metadata.
func (d *tableDecoder) keep(key []byte, v events.Value) {
	if string(key) == "source" || string(key) == "original" || slices.Contains(d.names, string(key)) {
		d.clash = append(d.clash, member{string(key), v})
		return
	}
	d.w.metaKey(string(key))
	d.w.dst = v.AppendSpelled(d.w.dst)
}

// use notes that a value, if it is one of the record, is in the event.
func (d *tableDecoder) use(v events.Value) {
	if v != nil {
		d.used = append(d.used, &v[0])
	}
}

func (d *tableDecoder) isUsed(v events.Value) bool { return slices.Contains(d.used, &v[0]) }

// isTaken reports whether the event has another value under a top-level key.
func (d *tableDecoder) isTaken(key []byte) bool {
	if events.IsEnvelopeKey(string(key)) {
		return true
	}
	for i := range d.table.others {
		if t := &d.table.others[i]; !t.metadata && d.values[i] != nil && t.name == string(key) {
			return true
		}
	}
	return false
}

// fits reports whether v may be the value of t.
func (t *target) fits(v events.Value) bool { return !t.text || isScalar(v) }

func (t *target) appendValue(dst []byte, v events.Value) []byte {
	if t.text {
		return appendText(dst, v)
	}
	return v.AppendSpelled(dst)
}

// beginningOf returns the first n characters of a text.
func beginningOf(text []byte, n int) []byte {
	for i := range string(text) {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
