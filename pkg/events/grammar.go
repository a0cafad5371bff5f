package events

import (
	"bytes"
	"unicode/utf8"
)

// This file is the grammar of JSON. Functions that scan return the index after
// what they scanned, or -1 once fail has noted where and how the line broke it.

// maxDepth is how deep objects and arrays may nest, as in encoding/json.
const maxDepth = 10000

// scanObject checks the object that b starts with and records its members: those up to i, the
// last of them after path, are recorded.
func (s *Scanner) scanObject(b []byte, i int, path *separator) int {
	i, path = s.scanLearned(b, i, path)
	for i >= 0 {
		start := i
		i = skipSpace(b, i)
		switch {
		case path == &s.layouts:
			if i == len(b) || b[i] != '{' {
				if i = s.afterMarks(b, i); i < 0 {
					return -1
				}
			}
			if i = skipSpace(b, i+1); i < len(b) && b[i] == '}' {
				return i + 1
			}
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			s.path = path
			return i + 1
		default:
			return s.unexpected(b, i, "',' or '}'")
		}
		m := member{key: uint32(i + 1)}
		if i, m.escaped = s.scanKey(b, i); i < 0 {
			return -1
		}
		m.keyEnd = uint32(i - 1)
		if i = s.scanColon(b, i); i < 0 {
			return -1
		}
		m.val = uint32(i)
		if i = s.scanValue(b, i); i < 0 {
			return -1
		}
		m.valEnd = uint32(i)
		path = s.add(path, b, start, m)
	}
	return -1
}

// scanValue checks the value that starts at b[i] and returns the index after it,
// or -1.
func (s *Scanner) scanValue(b []byte, i int) int {
	if i == len(b) {
		return s.unexpected(b, i, "a value")
	}
	switch b[i] {
	case '"':
		i, _ = s.scanString(b, i+1)
		return i
	case '{', '[':
		return s.scanContainer(b, i)
	}
	return s.scanScalar(b, i)
}

// scanScalar checks the number, true, false or null at b[i].
func (s *Scanner) scanScalar(b []byte, i int) int {
	switch c := b[i]; {
	case c == '-' || c-'0' <= 9:
		return s.scanNumber(b, i)
	case c == 't':
		return s.scanLiteral(b, i, "true")
	case c == 'f':
		return s.scanLiteral(b, i, "false")
	case c == 'n':
		return s.scanLiteral(b, i, "null")
	}
	return s.unexpected(b, i, "a value")
}

// scanContainer checks the object or array that opens at b[i].
func (s *Scanner) scanContainer(b []byte, i int) int {
	depth := 1 // the line's own object is open
	for {
		// Here a value starts at b[i].
		if i == len(b) {
			return s.unexpected(b, i, "a value")
		}
		switch c := b[i]; c {
		case '"':
			if i, _ = s.scanString(b, i+1); i < 0 {
				return -1
			}
		case '{', '[':
			if depth == maxDepth {
				return s.fail(i, "nested deeper than 10000 levels")
			}
			word, bit := depth/64, uint64(1)<<(depth%64)
			depth++
			s.objects[word] &^= bit
			closer := byte(']')
			if c == '{' {
				s.objects[word] |= bit
				closer = '}'
			}
			if i = skipSpace(b, i+1); i < len(b) && b[i] == closer {
				i++
				depth--
				break
			}
			if c == '{' {
				if i = s.scanMemberKey(b, i); i < 0 {
					return -1
				}
			}
			continue
		default:
			if i = s.scanScalar(b, i); i < 0 {
				return -1
			}
		}

		// A value ended before b[i]: go on to the next one, or close what
		// ends here.
		for {
			if depth == 1 {
				return i
			}
			i = skipSpace(b, i)
			inObject := s.objects[(depth-1)/64]>>((depth-1)%64)&1 == 1
			switch {
			case i < len(b) && b[i] == ',':
				i = skipSpace(b, i+1)
				if inObject {
					if i = s.scanMemberKey(b, i); i < 0 {
						return -1
					}
				}
			case i < len(b) && b[i] == '}' && inObject, i < len(b) && b[i] == ']' && !inObject:
				i++
				depth--
				continue
			case inObject:
				return s.unexpected(b, i, "',' or '}'")
			default:
				return s.unexpected(b, i, "',' or ']'")
			}
			break
		}
	}
}

// scanMemberKey checks a key at b[i] and the colon after it and returns the
// index where the value starts, or -1.
func (s *Scanner) scanMemberKey(b []byte, i int) int {
	i, escaped := s.scanKey(b, i)
	if i < 0 {
		return -1
	}
	s.escapedKey = s.escapedKey || escaped
	return s.scanColon(b, i)
}

// scanKey checks a key at b[i] and returns the index after its quote, or -1,
// and whether it is spelled with escapes.
func (s *Scanner) scanKey(b []byte, i int) (end int, escaped bool) {
	if i == len(b) || b[i] != '"' {
		return s.unexpected(b, i, "a key"), false
	}
	return s.scanString(b, i+1)
}

// scanColon checks the colon after a key and returns the index where the value
// starts, or -1.
func (s *Scanner) scanColon(b []byte, i int) int {
	if i = skipSpace(b, i); i == len(b) || b[i] != ':' {
		return s.unexpected(b, i, "':'")
	}
	return skipSpace(b, i+1)
}

// scanString checks the string whose first byte after the opening quote is b[i]. It
// returns the index after the closing quote, or -1, and whether the string
// has escapes.
func (s *Scanner) scanString(b []byte, i int) (end int, escaped bool) {
	start := i - 1
	for {
		i = s.special.Near(i)
		if i >= len(b) {
			return s.fail(start, "unterminated string"), escaped
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, escaped
		case c == '\\':
			escaped = true
			after := s.special.AfterEscapes(b, i)
			if after == i {
				return s.notAnEscape(b, i), escaped
			}
			i = after
		case c < ' ':
			return s.fail(i, "control character "+quoteByte(c)+" in a string"), escaped
		case c < utf8.RuneSelf: // near gave up before it found one
			i = s.special.Index(b, i)
		default:
			r, size := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && size == 1 {
				return s.fail(i, "invalid UTF-8"), escaped
			}
			i += size
		}
	}
}

// notAnEscape notes what is wrong with the backslash at b[i].
func (s *Scanner) notAnEscape(b []byte, i int) int {
	if i+1 == len(b) {
		return s.fail(i, "unterminated string")
	}
	return s.fail(i, "invalid escape in a string")
}

// scanNumber checks the number that starts at b[i].
func (s *Scanner) scanNumber(b []byte, i int) int {
	start := i
	if b[i] == '-' {
		i++
	}
	switch {
	case i == len(b) || b[i]-'0' > 9:
		return s.fail(start, "invalid number")
	case b[i] == '0':
		i++
	default:
		i = skipDigits(b, i)
	}
	if i < len(b) && b[i] == '.' {
		j := skipDigits(b, i+1)
		if j == i+1 {
			return s.fail(start, "invalid number")
		}
		i = j
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		j := skipDigits(b, i)
		if j == i {
			return s.fail(start, "invalid number")
		}
		i = j
	}
	if i < len(b) && b[i]-'0' <= 9 {
		return s.fail(start, "invalid number: leading zero")
	}
	return i
}

func (s *Scanner) scanLiteral(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return s.unexpected(b, i, "a value")
	}
	return i + len(word)
}

// unexpected notes that something else than what was expected is at b[i].
func (s *Scanner) unexpected(b []byte, i int, want string) int {
	if i == len(b) {
		return s.fail(i, "line ends where "+want+" should be")
	}
	return s.fail(i, quoteByte(b[i])+" where "+want+" should be")
}

// notAnObject says what a text is that is no object.
func notAnObject(text []byte) string {
	if len(text) > 0 && text[0] == '[' {
		return "a JSON array, not an object"
	}
	return "not a JSON object"
}

func (s *Scanner) fail(at int, reason string) int {
	s.at, s.reason = at, reason
	return -1
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && isSpace(b[i]) {
		i++
	}
	return i
}

// skipMarks skips byte order marks, and the white space around them.
func skipMarks(b []byte, i int) int {
	for bytes.HasPrefix(b[i:], []byte(byteOrderMark)) {
		i = skipSpace(b, i+len(byteOrderMark))
	}
	return i
}

// afterMarks returns where the object is that has byte order marks before it, or -1.
// Inlined into scanObject it would make every line a quarter slower.
//
//go:noinline
func (s *Scanner) afterMarks(b []byte, i int) int {
	if i = skipMarks(b, i); i == len(b) || b[i] != '{' {
		return s.fail(i, notAnObject(b[i:]))
	}
	return i
}

// byteOrderMark is what some writers begin a file with.
const byteOrderMark = "\ufeff"

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}
