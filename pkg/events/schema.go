package events

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// A schema is the keys that a type of records has after the envelope, found
// once by reflection.
type schema struct {
	keys []schemaKey
	err  error // the type cannot be a record
}

type schemaKey struct {
	name  string
	lead  string // what comes before its value
	kind  KeyKind
	field []int
}

// A Key is a key that an event type has after the envelope.
type Key struct {
	Name    string
	Kind    KeyKind
	Default Value
}

// Keys returns the keys that an event type has after the envelope, in their
// order, and nothing for a type that the package does not know.
func Keys(eventType string) []Key {
	r, err := NewRecord(eventType)
	if err != nil {
		return nil
	}
	v := reflect.ValueOf(r).Elem()
	var keys []Key
	for _, k := range schemaOf(v.Type()).keys {
		def, err := appendField(nil, k, v.FieldByIndex(k.field))
		if err != nil {
			panic("events: default of " + k.name + ": " + err.Error())
		}
		keys = append(keys, Key{k.name, k.kind, def})
	}
	return keys
}

var schemas sync.Map // of schema by reflect.Type

var (
	envelopeType = reflect.TypeFor[Envelope]()
	stringsType  = reflect.TypeFor[[]string]()
)

func schemaOf(t reflect.Type) *schema {
	if s, ok := schemas.Load(t); ok {
		return s.(*schema)
	}
	s := new(schema)
	s.add(t, nil)
	schemas.Store(t, s)
	return s
}

// add adds the fields of the struct t, which is embedded at index.
func (s *schema) add(t reflect.Type, index []int) {
	if t == envelopeType {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clip(index), i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			s.add(f.Type, at)
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Pointer:
			s.err = fmt.Errorf("%v embeds a pointer: embed %v itself", t, f.Type.Elem())
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		if IsEnvelopeKey(name) || slices.ContainsFunc(s.keys, func(k schemaKey) bool { return k.name == name }) {
			s.err = fmt.Errorf("%v has the key %s twice", t, name)
		}
		s.keys = append(s.keys, schemaKey{name, string(appendKey(nil, name)), kindOf(f.Type), at})
	}
}

// reflected returns the struct that r points to, and its schema.
func reflected(r Record) (reflect.Value, *schema, error) {
	v := reflect.ValueOf(r)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return v, nil, fmt.Errorf("a record must be a pointer to a struct, and %T is none", r)
	}
	v = v.Elem()
	s := schemaOf(v.Type())
	return v, s, s.err
}

// kindOf takes types with methods of their own for AnyKey: they may say
// themselves how they are written.
func kindOf(t reflect.Type) KeyKind {
	switch {
	case t == stringsType:
		return StringsKey
	case t.NumMethod() > 0 || reflect.PointerTo(t).NumMethod() > 0:
		return AnyKey
	}
	switch t.Kind() {
	case reflect.String:
		return StringKey
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return IntKey
	case reflect.Float32, reflect.Float64:
		return FloatKey
	case reflect.Bool:
		return BoolKey
	}
	return AnyKey
}
