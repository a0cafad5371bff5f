package otlp

import (
	"strconv"

	"auditctl/pkg/events"
)

// maxNesting is how many levels of objects and arrays are mapped as such. Protobuf
// decoders refuse messages that are nested too deeply, some from a hundred levels on, and
// each level here takes three.
const maxNesting = 16

// valueOf returns v, which is nested depth levels deep. Null is the empty value.
func valueOf(v events.Value, depth int) value {
	switch v.Kind() {
	case events.Absent, events.Null:
		return nil
	case events.Bool:
		return string(v) == "true"
	case events.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n
		}
		if f, ok := v.Float(); ok {
			return f
		}
	case events.Array:
		if depth < maxNesting {
			var list []value
			for element := range v.Elements() {
				list = append(list, valueOf(element, depth+1))
			}
			return list
		}
	case events.Object:
		if depth < maxNesting {
			return members(v, depth)
		}
	}
	return v.String()
}

// members returns the keys and values of an object, which is nested depth levels deep. Of
// duplicate keys the last value counts.
func members(v events.Value, depth int) []attribute {
	var all []attribute
	places := map[string]int{}
	for key, value := range v.Members() {
		if i, ok := places[string(key)]; ok {
			all[i].value = valueOf(value, depth+1)
			continue
		}
		places[string(key)] = len(all)
		all = append(all, attribute{string(key), valueOf(value, depth+1)})
	}
	return all
}
