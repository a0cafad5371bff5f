package where

import "reflect"

// walk visits the parts of an expression that are pointers, each before its own parts.
func walk(part reflect.Value, visit func(part any)) {
	switch part.Kind() {
	case reflect.Pointer:
		if part.IsNil() {
			return
		}
		visit(part.Interface())
		walk(part.Elem(), visit)
	case reflect.Struct:
		for i := range part.NumField() {
			walk(part.Field(i), visit)
		}
	case reflect.Slice:
		for i := range part.Len() {
			walk(part.Index(i), visit)
		}
	}
}
