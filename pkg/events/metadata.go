package events

// Metadata is a JSON object that keeps its keys in the order in which they were
// set. Values may be whatever encoding/json can hold, json.Number and
// json.RawMessage with their spelling; a value that JSON cannot hold (a channel,
// NaN) is written as a string of its text.
type Metadata []Attr

// An Attr is one key of [Metadata] and its value.
type Attr struct {
	Key   string
	Value any
}

// Set sets a key. A key that was there keeps its place.
func (m *Metadata) Set(key string, value any) {
	for i := range *m {
		if (*m)[i].Key == key {
			(*m)[i].Value = value
			return
		}
	}
	*m = append(*m, Attr{key, value})
}

// Lookup returns the value of a key, and whether it is set.
func (m Metadata) Lookup(key string) (value any, ok bool) {
	for _, a := range m {
		if a.Key == key {
			return a.Value, true
		}
	}
	return nil, false
}
