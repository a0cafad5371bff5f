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
	if found[0] != nil || found[1] != nil || found[2] != nil {
		if id := firstID(found[:3]); id != nil {
			return id
		}
	}
	if len(found[3]) <= len(`{}`) {
		return nil
	}
	return inMetadata(found[3])
}

// callID returns the text of the call id, empty where there is none.
func callID(s *events.Scanner) string {
	if id := CallID(s); id != nil {
		return string(s.Text(id))
	}
	return ""
}

func inMetadata(v events.Value) events.Value {
	var found [3]events.Value
	for key, val := range v.Members() {
		for i, name := range idName {
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
