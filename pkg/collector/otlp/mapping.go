package otlp

import (
	"math"
	"slices"

	"auditctl/pkg/events"
)

// A mapping maps lines to records, as the package doc says.
type mapping struct {
	scanner events.Scanner
	values  [6]events.Value
}

// mappedKeys are the keys of the envelope except event_type.
var mappedKeys = []string{"timestamp", "severity", "agent_id", "session_id", "turn_id", "metadata"}

// severityNumbers are the numbers of the severities, by rank: none, DEBUG, INFO, WARN,
// ERROR and FATAL.
var severityNumbers = [...]uint64{0, 5, 9, 13, 17, 21}

// record returns the record of a line.
func (m *mapping) record(line []byte) record {
	if m.scanner.Scan(line) != nil {
		return unknown(line)
	}
	event, err := m.scanner.Event()
	if err != nil {
		return unknown(line)
	}
	m.scanner.LookupAll(mappedKeys, m.values[:])
	timestamp, severity, metadata := m.values[0], m.values[1], m.values[5]
	agent, session, turn := id(m.values[2]), id(m.values[3]), id(m.values[4])

	r := record{eventName: event.Type(), body: string(line)}
	if t, ok := timestamp.Time(); ok && t.Unix() >= 0 && t.Unix() < math.MaxUint64/1_000_000_000 {
		r.time = uint64(t.Unix())*1e9 + uint64(t.Nanosecond())
	}
	if severity.Kind() == events.String {
		r.severityText = severity.String()
		r.severity = severityNumbers[events.Severity(r.severityText).Rank()]
	}
	r.traceID, r.spanID = traceID(session), spanID(session, turn)
	for _, known := range []struct {
		name  string
		value events.Value
	}{{"gen_ai.agent.id", agent}, {"session.id", session}, {"auditctl.turn.id", turn}} {
		if known.value != nil {
			r.attributes = append(r.attributes, attribute{known.name, valueOf(known.value, 0)})
		}
	}
	switch metadata.Kind() {
	case events.Absent, events.Null:
	case events.Object:
		for _, kv := range members(metadata, 0) {
			if kv.value != nil {
				r.attributes = append(r.attributes, attribute{"auditctl.metadata." + kv.key, kv.value})
			}
		}
	default:
		r.attributes = append(r.attributes, attribute{"auditctl.metadata", valueOf(metadata, 0)})
	}
	return r
}

// id returns an id, nil if it is absent, null or empty.
func id(v events.Value) events.Value {
	if string(v) == `""` {
		return nil
	}
	return v.NonNull()
}

// unknown returns the record of a line that is not an event.
func unknown(line []byte) record { return record{body: slices.Clone(line)} }
