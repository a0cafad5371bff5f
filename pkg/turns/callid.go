package turns

import "auditctl/pkg/events"

// Where a call id may be. Those of metadata have the same names.
var (
	idKeys = []string{"call_id", "tool_call_id", "tool_use_id", "metadata"}
	idName = idKeys[:3]
)

// CallID returns the id that joins the attempt of a call and its end, of the event
// that s scanned: its call_id, tool_call_id or tool_use_id, or else the one that its
// metadata has. Only a number or a string that is not empty is an id; CallID returns
// nil where the event has none.
func CallID(s *events.Scanner) events.Value {
	var found [4]events.Value
	s.LookupAll(idKeys, found[:])
	if id := firstID(found[:3]); id != nil {
		return id
	}
	if len(found[3]) <= len(`{}`) {
		return nil
	}
	clear(found[:3])
	for key, val := range found[3].Members() {
		for i, name := range idName {
			if string(key) == name {
				found[i] = val
			}
		}
	}
	return firstID(found[:3])
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
