package events

// Metadata is a JSON object that keeps its keys in the order in which they were
// set. Values may be whatever encoding/json can hold: [Value], json.Number and
// json.RawMessage with their spelling, and the fields of structs as encoding/json
// writes them. A value that JSON cannot hold (an error, a channel, NaN) is
// written as a string of its text, and so is one with a String method of which
// encoding/json would write nothing but {}.
type Metadata []Attr

// An Attr is one key of [Metadata] and its value.
type Attr struct {
	Key   string
	Value any
}

// Set sets a key. A key that was there keeps its place.
func (m *Metadata) Set(key string, value any) {
	if i := m.index(key); i >= 0 {
		(*m)[i].Value = value
		return
	}
	*m = append(*m, Attr{key, value})
}

// Lookup returns the value of a key, and whether it is set.
func (m Metadata) Lookup(key string) (value any, ok bool) {
	if i := m.index(key); i >= 0 {
		return m[i].Value, true
	}
	return nil, false
}

// index returns where key is, -1 if nowhere. Of two the last one counts, as in
// a line.
func (m Metadata) index(key string) int {
	for i := len(m) - 1; i >= 0; i-- {
		if m[i].Key == key {
			return i
		}
	}
	return -1
}

// MarshalJSON writes m as in the line of an event.
func (m Metadata) MarshalJSON() ([]byte, error) { return appendMetadata(nil, m, 0), nil }

// UnmarshalJSON reads an object. Numbers become a json.Number, arrays a []any
// and objects Metadata; null leaves m as it is.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	switch v := Value(data); v.Kind() {
	case Null:
	case Object:
		*m = decodeMetadata(v)
	default:
		return wrongKind(objectKey, v)
	}
	return nil
}
