package events

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"auditctl/pkg/internal/timestamps"
)

// New makes the event that r describes. Where r, of a type of this package, leaves
// its event type or severity empty, they are those of the type, so a literal will
// do; all other fields are written as they are, without the defaults that a
// constructor sets. It is an error if r has no event type, a timestamp out of
// range, or a key of its own that JSON cannot hold; metadata is never a reason.
func New(r Record) (Event, error) {
	line, err := appendRecord(make([]byte, 0, 512), r)
	if err != nil {
		return Event{}, err
	}
	return made(line), nil
}

const (
	openType      = `{"event_type": `
	thenTimestamp = `, "timestamp": `
)

// made returns the event whose line was made here.
func made(line []byte) Event {
	return Event{line: line, typ: len(openType), typEnd: bytes.Index(line, []byte(thenTimestamp))}
}

func appendRecord(dst []byte, r Record) ([]byte, error) {
	v, schema, err := reflected(r)
	if err != nil {
		return nil, err
	}
	e := r.envelope()
	defaults := envelopeOfType(v.Type())
	eventType := cmp.Or(e.EventType, defaults.EventType)
	if eventType == "" {
		return nil, fmt.Errorf("a record without an event type: set the EventType of %T", r)
	}
	dst = appendString(append(dst, openType...), eventType)
	dst = append(dst, thenTimestamp...)
	switch {
	case e.Timestamp.IsZero():
		dst = AppendTimestamp(dst, time.Now())
	case !timestamps.InRange(e.Timestamp.UTC()):
		return nil, fmt.Errorf("timestamp: the year %d is out of range", e.Timestamp.UTC().Year())
	default:
		dst = AppendTimestamp(dst, e.Timestamp)
	}
	dst = appendID(append(dst, `, "agent_id": `...), e.AgentID)
	dst = appendID(append(dst, `, "turn_id": `...), e.TurnID)
	dst = appendID(append(dst, `, "session_id": `...), e.SessionID)
	dst = append(dst, `, "severity": `...)
	dst = appendString(dst, string(cmp.Or(e.Severity, defaults.Severity, SeverityInfo)))
	dst = appendMetadata(append(dst, `, "metadata": `...), e.Metadata, 1)

	for _, k := range schema.keys {
		dst = append(dst, k.lead...)
		if dst, err = appendField(dst, k, v.FieldByIndex(k.field)); err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
	}
	return append(dst, '}'), nil
}

// appendKey appends what comes between a value and the next one.
func appendKey(dst []byte, name string) []byte {
	dst = append(dst, ", "...)
	dst = appendString(dst, name)
	return append(dst, ": "...)
}

func appendField(dst []byte, k schemaKey, v reflect.Value) ([]byte, error) {
	switch k.kind {
	case StringKey:
		return appendString(dst, v.String()), nil
	case IntKey:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case FloatKey:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("JSON cannot hold %v", f)
		}
		if v.Kind() == reflect.Float32 {
			f = widened(float32(f))
		}
		return appendFloat(dst, f), nil
	case BoolKey:
		return strconv.AppendBool(dst, v.Bool()), nil
	case StringsKey:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendString(dst, v.Index(i).String())
		}
		return append(dst, ']'), nil
	}
	raw, err := json.Marshal(v.Addr().Interface())
	if err != nil {
		return nil, err
	}
	if 1+nesting(raw) > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	return appendRespelled(dst, raw), nil
}

func appendID(dst []byte, id string) []byte {
	if id == "" {
		return append(dst, "null"...)
	}
	return appendString(dst, id)
}
