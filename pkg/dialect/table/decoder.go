package table

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

const (
	maxType = 120    // characters of a type that a log tells
	minDeep = 20_000 // bytes of a line that may be nested too deep for an event
)

// A decoder makes one event of each record, as a table says.
type decoder struct {
	name    string
	table   *table
	types   []string // that have keys of their own
	w       event.Writer
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

func newTableDecoder(name string, t *table) *decoder {
	return &decoder{name: name, table: t, types: events.Types(), values: make([]events.Value, len(t.others))}
}

func (d *decoder) Untimed() int64 { return d.w.Untimed() }

func (d *decoder) Decode(dst []byte, r dialect.Record) ([]byte, error) {
	s, way := d.wrapped.find(d.table, r.Scanner)
	d.eval.reset(s)
	d.used = d.used[:0]
	typeOf := d.table.envelope[slotType]
	v := d.eval.first(typeOf, isScalar)
	if v == nil {
		return dst, dialect.Unknown("no " + typeOf.subject())
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
	d.w.Reset(d.name, dst, r.Line)
	d.event(eventType, e, s, r.Scanner, way)
	line := d.w.Dst[len(dst) : len(d.w.Dst)-1]
	switch {
	case isTyped:
		if complete, ok := completed(line); ok {
			return append(append(dst, complete...), '\n'), nil
		}
		// The keys are not those of auditctl's type of that name.
		d.w.Reset(d.name, dst, r.Line)
		d.event(d.name+"."+eventType, e, s, r.Scanner, way)
	case len(line) >= minDeep && len(d.names) > 0:
		if _, err := events.Parse(line); err != nil {
			return dst, err
		}
	}
	return d.w.Dst, nil
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
func (d *decoder) envelope(eventType string) (e event.Envelope) {
	from := &d.table.envelope
	var ok bool
	v := d.eval.first(from[slotTimestamp], func(v events.Value) bool {
		if e.Time, ok = readTime(v); !ok {
			e.Timestamp = v
		}
		return ok
	})
	if ok && isExact(v, e.Time) {
		d.use(v)
	}
	v = d.eval.first(from[slotSeverity], func(v events.Value) bool {
		e.Severity, ok = events.ParseSeverity(string(d.eval.text(v)))
		return ok
	})
	if v != nil && string(v[1:len(v)-1]) == string(event.SeverityOf(eventType, e.Severity)) {
		d.use(v)
	}
	e.Agent, e.Session, e.Turn = d.id(slotAgent), d.id(slotSession), d.id(slotTurn)
	return e
}

func (d *decoder) id(slot int) events.Value {
	v := d.eval.first(d.table.envelope[slot], isScalar)
	if v.Kind() == events.String {
		d.use(v)
	}
	return v
}

// event appends the event of a record that s scanned, and that whole has wrapped at way
// if that is not nil.
func (d *decoder) event(eventType string, e event.Envelope, s, whole *events.Scanner, way path) {
	d.names, d.clash = d.names[:0], d.clash[:0]
	d.w.Begin(eventType, e)
	d.metadata(s, whole, way)
	d.w.Keys()
	for i := range d.table.others {
		if t := &d.table.others[i]; !t.metadata && d.values[i] != nil {
			d.w.Key(t.name)
			d.w.Dst = t.appendValue(d.w.Dst, d.values[i])
		}
	}
	if eventType == events.TypeToolCallComplete && !d.isTaken([]byte("status")) && s.Lookup("status") == nil {
		d.w.String("status", "ended") // whether with success is not said
	}
	for key, v := range s.Members() {
		if !d.isUsed(v) && !d.isTaken(key) {
			d.w.Key(string(key))
			d.w.Dst = v.AppendSpelled(d.w.Dst)
		}
	}
	d.w.End()
}

// metadata writes the metadata: what the table has for it, what the record is wrapped
// in, the record's keys whose names are those of other values in the event, and the
// members of the record's own metadata.
func (d *decoder) metadata(s, whole *events.Scanner, way path) {
	for i := range d.table.others {
		if t := &d.table.others[i]; t.metadata && d.values[i] != nil {
			d.names = append(d.names, t.name)
			d.w.MetaKey(t.name)
			d.w.Dst = t.appendValue(d.w.Dst, d.values[i])
		}
	}
	if way != nil {
		d.names = append(d.names, "wrapper")
		d.w.MetaKey("wrapper")
		record := whole.Line()
		d.w.Dst = appendWithout(d.w.Dst, record[bytes.IndexByte(record, '{'):], way)
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
		d.w.MetaKey("original")
		d.w.Dst = append(d.w.Dst, '{')
		for i, m := range d.clash {
			if i > 0 {
				d.w.Dst = append(d.w.Dst, ", "...)
			}
			d.w.Dst = append(events.AppendString(d.w.Dst, m.key), ": "...)
			d.w.Dst = m.value.AppendSpelled(d.w.Dst)
		}
		d.w.Dst = append(d.w.Dst, '}')
	}
}

// keep writes a key of the record as one of metadata, unless its name is taken: then it
// is kept until the end of the metadata.
func (d *decoder) keep(key []byte, v events.Value) {
	if string(key) == "source" || string(key) == "original" || slices.Contains(d.names, string(key)) {
		d.clash = append(d.clash, member{string(key), v})
		return
	}
	d.w.MetaKey(string(key))
	d.w.Dst = v.AppendSpelled(d.w.Dst)
}

// use notes that a value, if it is one of the record, is in the event.
func (d *decoder) use(v events.Value) {
	if v != nil {
		d.used = append(d.used, &v[0])
	}
}

func (d *decoder) isUsed(v events.Value) bool { return slices.Contains(d.used, &v[0]) }

// isTaken reports whether the event has another value under a top-level key.
func (d *decoder) isTaken(key []byte) bool {
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
		return event.AppendText(dst, v)
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
