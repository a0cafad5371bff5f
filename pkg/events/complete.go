package events

import (
	"slices"
	"sync"
	"time"
)

// Complete makes an event of one JSON object with an event_type: it puts the
// keys in their order, fills in the defaults of those that are absent (the
// timestamp: now), and spells the line as the reference writer does. Keys that
// the type does not have follow in the order in which they stand, with their
// numbers as spelled. A value of the wrong kind is a [*SyntaxError]; so is
// whatever [Parse] refuses.
//
// The timestamp is written in UTC and cut to the microsecond, the severity as the one of
// [Severities] that it means.
func Complete(line []byte) (Event, error) {
	s := scanners.Get().(*Scanner)
	defer scanners.Put(s)
	if err := s.scanLine(line); err != nil {
		return Event{}, err
	}
	out, err := s.AppendComplete(nil)
	if err != nil {
		return Event{}, err
	}
	return made(out), nil
}

// AppendComplete appends the line last scanned as [Complete] makes it, without
// a line feed.
func (s *Scanner) AppendComplete(dst []byte) ([]byte, error) {
	event, err := s.Event()
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst = append(dst, openType...)
	dst = s.Lookup("event_type").AppendSpelled(dst)
	form := formOf(event.Type())
	for _, k := range form {
		dst = appendKey(dst, k.Name)
		from, to, ok := s.find(k.Name)
		value := Value(s.line[from:to:to])
		switch {
		case ok && !k.Kind.holds(value):
			return dst[:start], s.errorAt(from, k.Name+": "+wrongKind(k.Kind, value).Error())
		case ok:
			dst = k.Kind.appendValue(dst, s, value)
		case k.Kind == timestampKey:
			dst = AppendTimestamp(dst, time.Now())
		default:
			dst = append(dst, k.Default...)
		}
	}
	members := s.all()
	for i := range members {
		m := &members[i]
		if key := s.key(m); string(key) != "event_type" && !form.has(string(key)) {
			dst = append(dst, ", "...)
			dst = appendRespelledString(dst, s.line[m.key:m.keyEnd])
			dst = append(dst, ": "...)
			dst = s.value(m).AppendSpelled(dst)
		}
	}
	return append(dst, '}'), nil
}

// A form is the keys that a type of events has after event_type, those of the
// envelope first.
type form []Key

func (f form) has(key string) bool {
	return slices.ContainsFunc(f, func(k Key) bool { return key == k.Name })
}

// forms has a function for each type that makes its form the first time.
var forms = sync.OnceValue(func() map[string]func() form {
	all := map[string]func() form{}
	for _, t := range types {
		all[t.name] = sync.OnceValue(func() form {
			return append(envelopeForm(t.make().envelope().Severity), Keys(t.name)...)
		})
	}
	return all
})

// formOf returns the form of a type; one that is not known has the keys of base.
func formOf(eventType string) form {
	of, ok := forms()[eventType]
	if !ok {
		of = forms()[TypeBase]
	}
	return of()
}
