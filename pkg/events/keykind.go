package events

import (
	"fmt"
)

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

// holds reports whether v is a value that a key of kind k takes.
func (k KeyKind) holds(v Value) bool {
	switch k {
	case StringKey:
		return v.Kind() == String
	case IntKey:
		return v.Kind() == Number && skipDigits(v, 1) == len(v)
	case FloatKey:
		_, ok := v.Float()
		return ok
	case BoolKey:
		return v.Kind() == Bool
	case StringsKey:
		if v.Kind() != Array {
			return false
		}
		for elem := range v.Elements() {
			if elem.Kind() != String {
				return false
			}
		}
	case timestampKey:
		_, ok := v.Time()
		return ok
	case idKey:
		return v.Kind() == String || v.Kind() == Null
	case severityKey:
		return v.Kind() == String && v.severity() != ""
	case objectKey:
		return v.Kind() == Object
	}
	return true
}

// appendValue appends v, which k holds, as the reference writer spells it.
func (k KeyKind) appendValue(dst []byte, s *Scanner, v Value) []byte {
	switch k {
	case timestampKey:
		t, _ := v.Time()
		return AppendTimestamp(dst, t)
	case severityKey:
		return appendString(dst, string(v.severity()))
	case FloatKey:
		f, _ := v.Float()
		return appendFloat(dst, f)
	case IntKey: // of any size, as in Python
		if string(v) == "-0" {
			return append(dst, '0')
		}
	}
	return v.AppendSpelled(dst)
}

// severity returns the severity that v, a string, means, "" if it means none.
func (v Value) severity() Severity {
	var buf [32]byte
	s, _ := ParseSeverity(string(v.AppendText(buf[:0])))
	return s
}

// wrongKind says that a key that wants one kind of value has another.
func wrongKind(want KeyKind, have Value) error {
	if want == FloatKey && have.Kind() == Number {
		return fmt.Errorf("%s is out of range", abridged(have))
	}
	return fmt.Errorf("want %s, have %s", want, abridged(have))
}

// abridged is the spelling of v, cut where it is long.
func abridged(v Value) string {
	const most = 40
	if len(v) <= most {
		return string(v)
	}
	return fmt.Sprintf("%.*s…", most, string(v))
}
