package events

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// decode sets the fields of r from the line that s scanned.
func decode(s *Scanner, r Record) error {
	v, schema, err := reflected(r)
	if err != nil {
		return err
	}
	if err := decodeEnvelope(s, r.envelope()); err != nil {
		return err
	}
	for _, k := range schema.keys {
		val := s.Lookup(k.name)
		if val == nil {
			continue
		}
		if err := decodeField(val, k.kind, v.FieldByIndex(k.field)); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
	}
	return nil
}

func decodeEnvelope(s *Scanner, e *Envelope) error {
	for _, f := range []struct {
		key string
		set func(string)
	}{
		{"event_type", func(t string) { e.EventType = t }},
		{"agent_id", func(t string) { e.AgentID = t }},
		{"turn_id", func(t string) { e.TurnID = t }},
		{"session_id", func(t string) { e.SessionID = t }},
		{"severity", func(t string) { e.Severity = Severity(t) }},
	} {
		v := s.Lookup(f.key).NonNull()
		if v == nil {
			continue
		}
		if !StringKey.holds(v) {
			return fmt.Errorf("%s: %w", f.key, wrongKind(idKey, v))
		}
		f.set(v.String())
	}

	if v := s.Lookup("timestamp").NonNull(); v != nil {
		t, ok := v.Time()
		if !ok {
			return fmt.Errorf("timestamp: %w", wrongKind(timestampKey, v))
		}
		e.Timestamp = t
	}

	if v := s.Lookup("metadata").NonNull(); v != nil {
		if !objectKey.holds(v) {
			return fmt.Errorf("metadata: %w", wrongKind(objectKey, v))
		}
		e.Metadata = decodeMetadata(v)
	}
	return nil
}

func decodeMetadata(v Value) Metadata {
	var m Metadata
	places := map[string]int{}
	for key, val := range v.Members() {
		if i, ok := places[string(key)]; ok {
			m[i].Value = decodeAny(val)
			continue
		}
		places[string(key)] = len(m)
		m = append(m, Attr{string(key), decodeAny(val)})
	}
	return m
}

// decodeAny turns v into nil, a bool, a string, a json.Number, a []any or
// Metadata.
func decodeAny(v Value) any {
	switch v.Kind() {
	case Bool:
		return v[0] == 't'
	case String:
		return v.String()
	case Number:
		return json.Number(v)
	case Array:
		list := []any{}
		for elem := range v.Elements() {
			list = append(list, decodeAny(elem))
		}
		return list
	case Object:
		return decodeMetadata(v)
	}
	return nil
}

func decodeField(v Value, kind KeyKind, field reflect.Value) error {
	if kind == AnyKey {
		return json.Unmarshal(v, field.Addr().Interface())
	}
	if !kind.holds(v) {
		return wrongKind(kind, v)
	}
	switch kind {
	case StringKey:
		field.SetString(v.String())
	case BoolKey:
		field.SetBool(v[0] == 't')
	case IntKey:
		n, err := strconv.ParseInt(string(v), 10, field.Type().Bits())
		if err != nil {
			return fmt.Errorf("%s is out of range", v)
		}
		field.SetInt(n)
	case FloatKey:
		f, err := strconv.ParseFloat(string(v), field.Type().Bits())
		if err != nil {
			return wrongKind(kind, v)
		}
		field.SetFloat(f)
	case StringsKey:
		list := []string{}
		for elem := range v.Elements() {
			list = append(list, elem.String())
		}
		field.Set(reflect.ValueOf(list))
	}
	return nil
}
