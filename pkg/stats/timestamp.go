package stats

import (
	"time"

	"auditctl/pkg/events"
)

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
	if !t.known {
		return []byte("null"), nil
	}
	return events.AppendTimestamp(nil, t.Time()), nil
}
