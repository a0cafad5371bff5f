package turns

import (
	"slices"

	"auditctl/pkg/events"
)

// The keys that may hold a call id, at the top level and in metadata.
var (
	idKeys  = []string{"call_id", "tool_call_id", "tool_use_id", "metadata"}
	idNames = idKeys[:3]
)

// CallIDKeys returns the keys that CallID looks for.
func CallIDKeys() []string { return slices.Clone(idNames) }

// CallID returns the id that the attempt of a tool call and its end have in common, from
// the event that s scanned: its call_id, tool_call_id or tool_use_id, in that order, or
// else the same keys of its metadata. Only numbers and non-empty strings are ids; CallID
// returns nil if the event has none. The value refers to the scanned line.
func CallID(s *events.Scanner) events.Value {
	var found [4]events.Value
	s.LookupAll(idKeys, found[:])
	return idOf(found[:3], found[3])
}

// idOf returns the call id of an event with these values of idNames, and this metadata.
func idOf(found []events.Value, metadata events.Value) events.Value {
	if found[0] != nil || found[1] != nil || found[2] != nil {
		if id := firstID(found); id != nil {
			return id
		}
	}
	if len(metadata) <= len(`{}`) {
		return nil
	}
	return inMetadata(metadata)
}

func inMetadata(v events.Value) events.Value {
	var found [3]events.Value
	for key, val := range v.Members() {
		for i, name := range idNames {
			if string(key) == name {
				found[i] = val
			}
		}
	}
	return firstID(found[:])
}

func firstID(found []events.Value) events.Value {
	for _, v := range found {
		switch v.Kind() {
		case events.Number:
			return v
		case events.String:
			if len(v) > len(`""`) {
				return v
			}
		}
	}
	return nil
}
