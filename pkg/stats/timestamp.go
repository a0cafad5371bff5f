package stats

import (
	"time"

	"auditctl/pkg/events"
)

// A Timestamp is the timestamp of an event, in microseconds. It encodes as events write
// theirs: in UTC, as Python's isoformat does. The zero Timestamp is unknown and encodes
// as null.
type Timestamp struct {
	micros int64 // since 1970
	known  bool
}

// Known reports whether there was a readable timestamp.
func (t Timestamp) Known() bool { return t.known }

// Time returns t in UTC. It has no meaning unless t is known.
func (t Timestamp) Time() time.Time { return time.UnixMicro(t.micros).UTC() }

// MarshalJSON returns t as a string, or null.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if !t.known {
		return []byte("null"), nil
	}
	return events.AppendTimestamp(nil, t.Time()), nil
}
