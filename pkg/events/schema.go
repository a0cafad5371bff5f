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
	kind  KeyKind
	field []int
}

// A KeyKind is what values a key takes.
type KeyKind uint8

// The kinds of keys. AnyKey is the kind of fields that callers' own types
// declare in other ways.
const (
	AnyKey KeyKind = iota
	StringKey
	IntKey
	FloatKey
	BoolKey
	StringsKey // a list of strings

	// The kinds of keys in the envelope.
	timestampKey
	idKey
	severityKey
	objectKey
)

func (k KeyKind) String() string {
	switch k {
	case StringKey:
		return "a string"
	case IntKey:
		return "an integer"
	case FloatKey:
		return "a number"
	case BoolKey:
		return "true or false"
	case StringsKey:
		return "a list of strings"
	case timestampKey:
		return "a date and time as RFC 3339 writes it"
	case idKey:
		return "a string or null"
	case severityKey:
		return "debug, info, warning, error or critical"
	case objectKey:
		return "an object"
	}
	return "a value"
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
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		if isEnvelopeKey(name) || slices.ContainsFunc(s.keys, func(k schemaKey) bool { return k.name == name }) {
			s.err = fmt.Errorf("%v has the key %s twice", t, name)
		}
		s.keys = append(s.keys, schemaKey{name, kindOf(f.Type), at})
	}
}

func isEnvelopeKey(name string) bool {
	return name == "event_type" || otherForm.has([]byte(name))
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
