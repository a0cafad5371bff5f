package where

import (
	"encoding/json"

	"auditctl/pkg/events"
)

// decodeEvent returns the event that s scanned as gojq wants its input.
func decodeEvent(s *events.Scanner) any {
	object := make(map[string]any, s.Len())
	for key, v := range s.Members() {
		object[string(key)] = decode(v)
	}
	return object
}

// decodeKeys is decodeEvent with only these keys.
func decodeKeys(s *events.Scanner, keys []string) any {
	object := make(map[string]any, len(keys))
	for _, key := range keys {
		if v := s.Lookup(key); v != nil {
			object[key] = decode(v)
		}
	}
	return object
}

// decode returns v as gojq wants it. Numbers stay as they are spelled; gojq
// takes integers of any size out of them.
func decode(v events.Value) any {
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
			list = append(list, decode(elem))
		}
		return list
	case events.Object:
		object := map[string]any{}
		for key, val := range v.Members() {
			object[string(key)] = decode(val)
		}
		return object
	}
	return nil
}
