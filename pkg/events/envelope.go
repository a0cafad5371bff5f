package events

import (
	"slices"
	"time"
)

// An Envelope is the seven keys that every event starts with. Types of events
// embed it.
type Envelope struct {
	// EventType names the type. Where it is empty it is that of the struct, if the
	// struct is one of this package; else the event cannot be made.
	EventType string

	// Timestamp is when it happened, in the years 1 to 9999. It is written in
	// UTC, cut to the microsecond. The zero time means the moment the
	// event is made.
	Timestamp time.Time

	// AgentID, TurnID and SessionID say who did it, and in which turn of which
	// session. The empty string is written as null.
	AgentID   string
	TurnID    string
	SessionID string

	// Severity, where it is empty, is the default of the struct's type, and
	// SeverityInfo for structs that are not of this package.
	Severity Severity

	// Metadata is whatever else the caller wants to keep.
	Metadata Metadata
}

// NewEnvelope returns the envelope with which a constructor of an event type
// starts.
func NewEnvelope(eventType string, severity Severity) Envelope {
	return Envelope{EventType: eventType, Severity: severity}
}

func (e *Envelope) envelope() *Envelope { return e }

// A Record is the typed form of an event: a pointer to one of the structs of
// this package, or to any struct that embeds [Envelope]. Its other exported
// fields are keys of the event, in the order in which they are declared, under
// the name that the json tag gives. Such a field may be of any type that
// encoding/json can hold.
type Record interface {
	envelope() *Envelope
}

// EnvelopeOf returns the envelope embedded in r, to read or set.
func EnvelopeOf(r Record) *Envelope { return r.envelope() }

// envelopeForm returns the keys of the envelope after event_type.
func envelopeForm(severity Severity) form {
	return form{
		{"timestamp", timestampKey, nil},
		{"agent_id", idKey, Value("null")},
		{"turn_id", idKey, Value("null")},
		{"session_id", idKey, Value("null")},
		{"severity", severityKey, appendString(nil, string(severity))},
		{"metadata", objectKey, Value("{}")},
	}
}

var envelopeKeys = []string{"event_type", "timestamp", "agent_id", "turn_id", "session_id", "severity", "metadata"}

// EnvelopeKeys returns the seven keys of the envelope in their order.
func EnvelopeKeys() []string { return slices.Clone(envelopeKeys) }

// IsEnvelopeKey reports whether key is one of the seven of the envelope.
func IsEnvelopeKey(key string) bool { return slices.Contains(envelopeKeys, key) }
