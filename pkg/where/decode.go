package where

import (
	"bytes"
	"encoding/json"

	"auditctl/pkg/events"
)

// decodeEvent returns the event that s scanned as gojq wants its input.
func decodeEvent(s *events.Scanner) any {
	object := make(map[string]any, s.Len())
	for key, v := range s.Members() {
		object[string(key)] = decode(v, maxSteps)
	}
	return object
}

// decodeKeys is decodeEvent with only these keys.
func decodeKeys(s *events.Scanner, keys []string) any {
	object := make(map[string]any, len(keys))
	for _, key := range keys {
		if v := s.Lookup(key); v != nil {
			object[key] = decode(v, maxSteps)
		}
	}
	return object
}

// maxSteps is how deep decode follows a value by itself. It looks at all of it on
// each step, package json only once, but longer.
const maxSteps = 20

// decode returns v as gojq wants it. Numbers stay as they are spelled; gojq
// takes integers of any size out of them.
func decode(v events.Value, steps int) any {
	if steps == 0 {
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		var value any
		d.Decode(&value) // v was checked
		return value
	}
	switch v.Kind() {
	case events.Bool:
		return v[0] == 't'
	case events.Number:
		return json.Number(v)
	case events.String:
		return v.String()
	case events.Array:
		list := []any{}
		for elem := range v.Elements() {
			list = append(list, decode(elem, steps-1))
		}
		return list
	case events.Object:
		object := map[string]any{}
		for key, val := range v.Members() {
			object[string(key)] = decode(val, steps-1)
		}
		return object
	}
	return nil
}
