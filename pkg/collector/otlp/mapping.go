package otlp

import (
	"math"
	"slices"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"

	"auditctl/pkg/events"
)

// A mapping maps lines to records, as the package doc says.
type mapping struct {
	scanner events.Scanner
	values  [6]events.Value
}

// mappedKeys are the keys of the envelope except event_type.
var mappedKeys = []string{"timestamp", "severity", "agent_id", "session_id", "turn_id", "metadata"}

// severityNumbers are the numbers of the severities, by rank.
var severityNumbers = []logspb.SeverityNumber{
	logspb.SeverityNumber_SEVERITY_NUMBER_UNSPECIFIED,
	logspb.SeverityNumber_SEVERITY_NUMBER_DEBUG,
	logspb.SeverityNumber_SEVERITY_NUMBER_INFO,
	logspb.SeverityNumber_SEVERITY_NUMBER_WARN,
	logspb.SeverityNumber_SEVERITY_NUMBER_ERROR,
	logspb.SeverityNumber_SEVERITY_NUMBER_FATAL,
}

// record returns the record of a line.
func (m *mapping) record(line []byte) *logspb.LogRecord {
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

	r := &logspb.LogRecord{EventName: event.Type(), Body: text(string(line))}
	if t, ok := timestamp.Time(); ok && t.Unix() >= 0 && t.Unix() < math.MaxUint64/1_000_000_000 {
		r.TimeUnixNano = uint64(t.Unix())*1e9 + uint64(t.Nanosecond())
	}
	if severity.Kind() == events.String {
		r.SeverityText = severity.String()
		r.SeverityNumber = severityNumbers[events.Severity(r.SeverityText).Rank()]
	}
	r.TraceId, r.SpanId = traceID(session), spanID(session, turn)
	for _, known := range []struct {
		name  string
		value events.Value
	}{{"gen_ai.agent.id", agent}, {"session.id", session}, {"auditctl.turn.id", turn}} {
		if known.value != nil {
			r.Attributes = append(r.Attributes, attribute(known.name, anyValue(known.value, 0)))
		}
	}
	switch metadata.Kind() {
	case events.Absent, events.Null:
	case events.Object:
		for _, kv := range members(metadata, 0) {
			if kv.Value.Value != nil {
				kv.Key = "auditctl.metadata." + kv.Key
				r.Attributes = append(r.Attributes, kv)
			}
		}
	default:
		r.Attributes = append(r.Attributes, attribute("auditctl.metadata", anyValue(metadata, 0)))
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
func unknown(line []byte) *logspb.LogRecord {
	return &logspb.LogRecord{Body: &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: slices.Clone(line)}}}
}
