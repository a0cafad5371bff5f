package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

func appendMetadata(dst []byte, m Metadata, depth int) []byte {
	dst = append(dst, '{')
	for i, a := range m {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendString(dst, a.Key)
		dst = append(dst, ": "...)
		dst = appendAny(dst, a.Value, depth)
	}
	return append(dst, '}')
}

// appendAny appends v, whatever it is, inside of so many open objects and
// arrays; what JSON cannot hold becomes a string. What would nest too deep for a
// line, as a value that contains itself does, becomes the name of its type.
func appendAny(dst []byte, v any, depth int) []byte {
	if depth >= maxDepth {
		return appendString(dst, fmt.Sprintf("%T", v))
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return appendAnyFloat(dst, v, 64)
	case float32:
		return appendAnyFloat(dst, float64(v), 32)
	case Metadata:
		return appendMetadata(dst, v, depth+1)
	case map[string]any:
		dst = append(dst, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendString(dst, key)
			dst = append(dst, ": "...)
			dst = appendAny(dst, v[key], depth+1)
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, elem := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendAny(dst, elem, depth+1)
		}
		return append(dst, ']')
	}
	return appendMarshaled(dst, v, depth)
}

func appendAnyFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"nan"`...)
	case math.IsInf(f, 1):
		return append(dst, `"inf"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-inf"`...)
	}
	return appendFloat(dst, f, bits)
}

// appendMarshaled appends what encoding/json makes of v, or else a string.
// Callers' methods may panic; that must not lose the event either.
func appendMarshaled(dst []byte, v any, depth int) (out []byte) {
	defer func() {
		if recover() != nil {
			out = appendString(dst, fmt.Sprintf("%T", v))
		}
	}()
	if raw, err := json.Marshal(v); err == nil && utf8.Valid(raw) && depth+nesting(raw) <= maxDepth {
		return appendRespelled(dst, raw)
	}
	if loops(reflect.ValueOf(v), 0) {
		return appendString(dst, fmt.Sprintf("%T", v))
	}
	return appendString(dst, fmt.Sprint(v))
}

// maxPrintDepth is how deep a value that JSON cannot hold may nest to be
// printed.
const maxPrintDepth = 100

// loops reports whether printing v might not end: v nests deeper than
// maxPrintDepth.
func loops(v reflect.Value, depth int) bool {
	if depth > maxPrintDepth {
		return true
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return !v.IsNil() && loops(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if loops(v.Field(i), depth+1) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if loops(v.Index(i), depth+1) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if loops(it.Value(), depth+1) {
				return true
			}
		}
	}
	return false
}
