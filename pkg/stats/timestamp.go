package stats

import "time"

// A Timestamp is that of an event. It encodes as those of events do: in UTC, as
// Python's isoformat writes it. The zero Timestamp is none, and null.
type Timestamp struct {
	micros int64 // since 1970
	known  bool
}

// Known reports whether there is a timestamp that can be read.
func (t Timestamp) Known() bool { return t.known }

// Time returns t in UTC.
func (t Timestamp) Time() time.Time { return time.UnixMicro(t.micros).UTC() }

// MarshalJSON returns t as a string, or null.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	switch {
	case !t.known:
		return []byte("null"), nil
	case t.micros%1e6 == 0:
		return t.Time().AppendFormat(nil, `"2006-01-02T15:04:05+00:00"`), nil
	}
	return t.Time().AppendFormat(nil, `"2006-01-02T15:04:05.000000+00:00"`), nil
}
