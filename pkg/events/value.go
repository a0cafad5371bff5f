package events

import (
	"bytes"
	"iter"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"auditctl/pkg/internal/marks"
)

// A Value is one JSON value as it is in a line that was checked. The nil
// Value is that of a key that is absent.
type Value []byte

// A Kind is what a Value is.
type Kind uint8

// The kinds of values.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// Kind returns what v is.
func (v Value) Kind() Kind {
	if len(v) == 0 {
		return Absent
	}
	switch v[0] {
	case '"':
		return String
	case '{':
		return Object
	case '[':
		return Array
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	}
	return Number
}

// NonNull returns v, or nil where v is null, which in the envelope means absent.
func (v Value) NonNull() Value {
	if v.Kind() == Null {
		return nil
	}
	return v
}

// String returns the text of v, see [Value.AppendText].
func (v Value) String() string { return string(v.AppendText(nil)) }

// AppendText appends the text of v: what a string says, with its escapes
// resolved, and any other value as it is spelled. Half a surrogate pair becomes
// U+FFFD, as in encoding/json.
func (v Value) AppendText(dst []byte) []byte {
	if v.Kind() != String {
		return append(dst, v...)
	}
	return appendUnescaped(dst, v[1:len(v)-1])
}

// Time returns the timestamp that v is, a string or a number, see [ParseTimestamp],
// and false if it is none.
func (v Value) Time() (t time.Time, ok bool) {
	switch v.Kind() {
	case Number:
		return ParseTimestamp(v)
	case String:
		text := []byte(v[1 : len(v)-1])
		if hasEscape(text) {
			text = appendUnescaped(nil, text)
		}
		return ParseTimestamp(text)
	}
	return t, false
}

// Float returns the number that v is, and false if it is none or beyond what a
// float64 holds.
func (v Value) Float() (f float64, ok bool) {
	if v.Kind() != Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return f, err == nil
}

// MarshalJSON returns v as it is spelled, and null where it is absent.
func (v Value) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("null"), nil
	}
	return v, nil
}

// Lookup returns the value of a key of an object: the last one where the key
// appears more than once, nil if it does not appear or v is no object.
func (v Value) Lookup(key string) Value {
	var found Value
	for k, val := range v.Members() {
		if string(k) == key {
			found = val
		}
	}
	return found
}

// Members yields the keys and values of an object in their order, and nothing
// if v is no object. The bytes of a key may be used until the next step.
func (v Value) Members() iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		if v.Kind() != Object {
			return
		}
		var scratch []byte
		for i := skipSpace(v, 1); v[i] == '"'; {
			keyEnd, start, end := v.member(i)
			key := v[i+1 : keyEnd-1]
			if hasEscape(key) {
				scratch = appendUnescaped(scratch[:0], key)
				key = scratch
			}
			if !yield(key, v[start:end:end]) {
				return
			}
			i = v.next(end)
		}
	}
}

// member returns where the key at v[i] ends, and where its value starts and ends.
func (v Value) member(i int) (keyEnd, start, end int) {
	keyEnd = v.skip(i)
	start = skipSpace(v, skipSpace(v, keyEnd)+1)
	return keyEnd, start, v.skip(start)
}

// next returns where the member after one that ends before v[i] starts.
func (v Value) next(i int) int {
	if i = skipSpace(v, i); v[i] == ',' {
		i = skipSpace(v, i+1)
	}
	return i
}

// Span returns where the value is that Lookup returns, v[start:end], and false if that is
// nil.
func (v Value) Span(key string) (start, end int, ok bool) {
	if v.Kind() != Object {
		return 0, 0, false
	}
	for i := skipSpace(v, 1); v[i] == '"'; {
		keyEnd, from, to := v.member(i)
		if Value(v[i:keyEnd]).String() == key {
			start, end, ok = from, to, true
		}
		i = v.next(to)
	}
	return start, end, ok
}

// Elements yields the elements of an array, and nothing if v is no array.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.Kind() != Array {
			return
		}
		for i := skipSpace(v, 1); v[i] != ']'; {
			end := v.skip(i)
			if !yield(v[i:end:end]) {
				return
			}
			if i = skipSpace(v, end); v[i] == ',' {
				i = skipSpace(v, i+1)
			}
		}
	}
}

// nesting returns how many objects and arrays are open at once in v.
func nesting(v Value) int {
	depth, most := 0, 0
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '"':
			i = v.skip(i) - 1
		case '{', '[':
			depth++
			most = max(most, depth)
		case '}', ']':
			depth--
		}
	}
	return most
}

// skip returns the index after the value that starts at v[i]. It relies on v
// having been checked.
func (v Value) skip(i int) int {
	depth := 0
	for {
		switch v[i] {
		case '"':
			i = v.skipString(i + 1)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
			continue
		default: // a number or a word
			for i < len(v) && v[i] > ' ' && v[i] != ',' && v[i] != ']' && v[i] != '}' {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
}

// skipString returns the index after the string whose first byte after the
// opening quote is v[i].
func (v Value) skipString(i int) int { return i + marks.Quote(v[i:]) + 1 }

func hasEscape(quoted []byte) bool { return bytes.IndexByte(quoted, '\\') >= 0 }

// appendUnescaped appends the text of a string without its quotes.
func appendUnescaped(dst, quoted []byte) []byte {
	for {
		i := bytes.IndexByte(quoted, '\\')
		if i < 0 {
			return append(dst, quoted...)
		}
		dst = append(dst, quoted[:i]...)
		r, size := unescape(quoted[i:])
		quoted = quoted[i+size:]
		if utf16.IsSurrogate(r) && len(quoted) >= 6 && quoted[0] == '\\' && quoted[1] == 'u' {
			if pair := utf16.DecodeRune(r, hex4(quoted[2:])); pair != utf8.RuneError {
				r = pair
				quoted = quoted[6:]
			}
		}
		dst = utf8.AppendRune(dst, r) // half a pair is written as U+FFFD
	}
}

// unescape returns the UTF-16 unit of the escape that b starts with, and how
// many bytes spell it.
func unescape(b []byte) (unit rune, size int) {
	switch c := b[1]; c {
	case 'u':
		return hex4(b[2:]), 6
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	default: // a quote, a backslash or a slash
		return rune(c), 2
	}
}

// hex4 returns the number that the first four bytes of b spell in hexadecimal
// digits, or -1.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20-'a' <= 5:
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
