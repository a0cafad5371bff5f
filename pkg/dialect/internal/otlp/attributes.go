package otlp

import (
	"bytes"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// attributes are a list of OTLP's keys and values, as plain JSON.
type attributes struct {
	list  []attribute
	plain []byte // what the values are in that stood in OTLP's way in the record
}

type attribute struct {
	key   []byte
	value events.Value
	taken bool // by first
}

// maxAttributeDepth is how deep lists and maps in an attribute may nest. What is deeper
// stays as OTLP writes it.
const maxAttributeDepth = 16

// read reads a list of attributes. They refer to it.
func (a *attributes) read(list events.Value) {
	a.list, a.plain = a.list[:0], a.plain[:0]
	for element := range list.Elements() {
		key, value := keyValue(element)
		if value = a.valueOf(value); value.NonNull() != nil {
			a.list = append(a.list, attribute{key: event.TextOf(key), value: value})
		}
	}
}

func keyValue(element events.Value) (key, value events.Value) {
	for name, v := range element.Members() {
		switch string(name) {
		case "key":
			key = v
		case "value":
			value = v
		}
	}
	return key, value
}

// valueOf returns an AnyValue as plain JSON, nil if it is empty.
func (a *attributes) valueOf(v events.Value) events.Value {
	kind, value := anyValue(v)
	if kind != "arrayValue" && kind != "kvlistValue" {
		return value
	}
	start := len(a.plain)
	a.plain = appendAny(a.plain, v, 0)
	return a.plain[start:len(a.plain):len(a.plain)]
}

// anyValue returns the kind and the value of an AnyValue. A number that is spelled as a
// string is returned as a number. Values that are not wrapped are as they are.
func anyValue(v events.Value) (kind string, value events.Value) {
	if v.Kind() != events.Object {
		return "", v
	}
	for key, val := range v.Members() {
		switch k := string(key); k {
		case "stringValue", "boolValue", "doubleValue", "bytesValue", "arrayValue", "kvlistValue":
			return k, val
		case "intValue":
			if val.Kind() == events.String && isInteger(val[1:len(val)-1]) {
				val = val[1 : len(val)-1]
			}
			return k, val
		}
	}
	return "", nil
}

// isInteger reports whether text is an integer as JSON spells it.
func isInteger(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' {
		return false
	}
	return !slices.ContainsFunc(digits, func(c byte) bool { return c < '0' || c > '9' })
}

// appendAny appends an AnyValue as plain JSON.
func appendAny(dst []byte, v events.Value, depth int) []byte {
	kind, value := anyValue(v)
	switch {
	case value == nil:
		return append(dst, "null"...)
	case kind != "arrayValue" && kind != "kvlistValue" || depth == maxAttributeDepth:
		return append(dst, value...)
	case kind == "arrayValue":
		dst = append(dst, '[')
		for element := range value.Lookup("values").Elements() {
			dst = append(appendAny(dst, element, depth+1), ',')
		}
		return closed(dst, ']')
	}
	dst = append(dst, '{')
	for element := range value.Lookup("values").Elements() {
		key, value := keyValue(element)
		dst = append(event.AppendText(dst, key), ':')
		dst = append(appendAny(dst, value, depth+1), ',')
	}
	return closed(dst, '}')
}

// closed closes a list or an object, in place of the comma after its last element.
func closed(dst []byte, c byte) []byte {
	return append(bytes.TrimSuffix(dst, []byte(",")), c)
}

// first returns the value of the first of some names that is not an empty string, and
// takes it. An attribute that was taken before is not found.
func (a *attributes) first(names ...string) events.Value {
	if i := a.index(names); i >= 0 {
		a.list[i].taken = true
		return a.list[i].value
	}
	return nil
}

// peek is as first, without taking it.
func (a *attributes) peek(names ...string) events.Value {
	if i := a.index(names); i >= 0 {
		return a.list[i].value
	}
	return nil
}

func (a *attributes) index(names []string) int {
	for _, name := range names {
		for i := range a.list {
			if at := &a.list[i]; !at.taken && string(at.key) == name && string(at.value) != `""` {
				return i
			}
		}
	}
	return -1
}

// rest writes the attributes that were not taken as metadata, cut as preview does.
func (a *attributes) rest(w *event.Writer) {
	for i := range a.list {
		at := &a.list[i]
		if at.taken {
			continue
		}
		name := w.MetaName(at.key)
		if slices.Contains(names, name) {
			name = "otlp." + name
		}
		switch at.value.Kind() {
		case events.Number, events.Bool:
			w.Meta(name, at.value)
		default:
			w.MetaPreview(name, at.value)
		}
	}
}

// names are the names of metadata that records have in places of their own.
var names = []string{"call_id", "model", "message", "service.name", "scope", "trace_id", "span_id", "parent_span_id"}
