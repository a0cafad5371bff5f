package events

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

var stringType = reflect.TypeFor[string]()

// An anyEncoder appends values of any type; what JSON cannot hold becomes a
// string.
type anyEncoder struct {
	dst []byte

	// open is where the maps and slices live that are being written, to notice
	// one that contains itself.
	open []open

	// depth is how many objects and arrays of the line are open.
	depth int
}

type open struct {
	at     unsafe.Pointer
	length int
}

func appendMetadata(dst []byte, m Metadata, depth int) []byte {
	e := anyEncoder{dst: dst, depth: depth}
	e.metadata(m)
	return e.dst
}

func (e *anyEncoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.dst = append(e.dst, "null"...)
	case string:
		e.dst = appendString(e.dst, v)
	case bool:
		e.dst = strconv.AppendBool(e.dst, v)
	case int:
		e.dst = strconv.AppendInt(e.dst, int64(v), 10)
	case int64:
		e.dst = strconv.AppendInt(e.dst, v, 10)
	case float64:
		e.dst = appendAnyFloat(e.dst, v)
	case float32:
		e.dst = appendAnyFloat(e.dst, widened(v))
	case Metadata:
		e.metadata(v)
	case map[string]any:
		e.object(v, reflect.ValueOf(v).UnsafePointer(), slices.Sorted(maps.Keys(v)), func(key string) any { return v[key] })
	case []any:
		e.list(v, unsafe.Pointer(unsafe.SliceData(v)), len(v), func(i int) any { return v[i] })
	default:
		if !e.reflected(v) {
			e.marshaled(v)
		}
	}
}

// reflected appends a list, map or float of any other type that does not say
// itself how it is written, so that what is in it is written as it would be on
// its own.
func (e *anyEncoder) reflected(v any) bool {
	switch v.(type) {
	case json.Marshaler, encoding.TextMarshaler, error, []byte:
		return false
	}
	r := reflect.ValueOf(v)
	switch t := r.Type(); {
	case r.CanFloat():
		e.value(r.Float())
	case t.Kind() == reflect.Slice && !r.IsNil():
		e.list(v, r.UnsafePointer(), r.Len(), func(i int) any { return r.Index(i).Interface() })
	case t.Kind() == reflect.Array:
		e.list(v, nil, r.Len(), func(i int) any { return r.Index(i).Interface() })
	case t.Kind() == reflect.Map && !r.IsNil() && t.Key() == stringType:
		keys := make([]string, 0, r.Len())
		for _, key := range r.MapKeys() {
			keys = append(keys, key.String())
		}
		slices.Sort(keys)
		e.object(v, r.UnsafePointer(), keys, func(key string) any { return r.MapIndex(reflect.ValueOf(key)).Interface() })
	default:
		return false
	}
	return true
}

// list appends the n elements of v, which lives at an address if it can contain
// itself.
func (e *anyEncoder) list(v any, at unsafe.Pointer, n int, elem func(int) any) {
	if !e.enter(v, at, n) {
		return
	}
	e.dst = append(e.dst, '[')
	for i := range n {
		if i > 0 {
			e.dst = append(e.dst, ", "...)
		}
		e.value(elem(i))
	}
	e.leave(']')
}

// object appends the keys of v.
func (e *anyEncoder) object(v any, at unsafe.Pointer, keys []string, value func(string) any) {
	if !e.enter(v, at, len(keys)) {
		return
	}
	e.dst = append(e.dst, '{')
	for i, key := range keys {
		e.member(i, key, value(key))
	}
	e.leave('}')
}

func (e *anyEncoder) metadata(m Metadata) {
	if !e.enter(m, unsafe.Pointer(unsafe.SliceData(m)), len(m)) {
		return
	}
	e.dst = append(e.dst, '{')
	for i, a := range m {
		e.member(i, a.Key, a.Value)
	}
	e.leave('}')
}

func (e *anyEncoder) member(i int, key string, v any) {
	if i > 0 {
		e.dst = append(e.dst, ", "...)
	}
	e.dst = appendString(e.dst, key)
	e.dst = append(e.dst, ": "...)
	e.value(v)
}

// enter opens v. If v contains itself, or would nest too deep for a line, the
// name of its type is written instead.
func (e *anyEncoder) enter(v any, at unsafe.Pointer, length int) bool {
	if e.depth == maxDepth || at != nil && length > 0 && slices.Contains(e.open, open{at, length}) {
		e.dst = appendString(e.dst, fmt.Sprintf("%T", v))
		return false
	}
	e.open = append(e.open, open{at, length})
	e.depth++
	return true
}

func (e *anyEncoder) leave(closer byte) {
	e.dst = append(e.dst, closer)
	e.open = e.open[:len(e.open)-1]
	e.depth--
}

func appendAnyFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"nan"`...)
	case math.IsInf(f, 1):
		return append(dst, `"inf"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-inf"`...)
	}
	return appendFloat(dst, f)
}

// marshaled appends what encoding/json makes of v, or else a string. Callers'
// methods may panic; that must not lose the event either.
func (e *anyEncoder) marshaled(v any) {
	dst := e.dst
	defer func() {
		if recover() != nil {
			e.dst = appendString(dst, fmt.Sprintf("%T", v))
		}
	}()
	if _, ok := v.(json.Marshaler); !ok {
		if err, ok := v.(error); ok {
			e.dst = appendString(dst, err.Error())
			return
		}
	}
	raw, err := json.Marshal(v)
	text, prints := v.(fmt.Stringer)
	switch {
	case prints && string(raw) == "{}": // all that it holds is unexported
		e.dst = appendString(dst, text.String())
	case err == nil && utf8.Valid(raw) && e.depth+nesting(raw) <= maxDepth:
		e.dst = appendRespelled(dst, raw)
	case err == nil:
		e.dst = appendString(dst, string(raw))
	case loops(reflect.ValueOf(v), 0):
		e.dst = appendString(dst, fmt.Sprintf("%T", v))
	default:
		e.dst = appendString(dst, fmt.Sprint(v))
	}
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
