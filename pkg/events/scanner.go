package events

import (
	"bytes"
	"iter"
	"math"
	"slices"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may nest, as in encoding/json.
const maxDepth = 10000

// A Scanner checks lines and finds their top-level keys and values. It makes
// one pass over a line and allocates nothing once its tables have grown to the
// lines it sees. The zero Scanner is ready. A Scanner is not safe for
// concurrent use, and what it returns refers to the line last scanned.
type Scanner struct {
	line    []byte
	members []member
	scratch []byte

	special specials // of the line, see special.go

	// objects holds a bit for each open container: set for an object.
	objects [maxDepth/64 + 1]uint64

	// What earlier lines looked like, see layout.go.
	layouts    separator
	separators int
	path       *separator // the last one of the line, if all are in the tree

	// Where the line broke the grammar, and how.
	at     int
	reason string
}

// A member is where a top-level key and its value stand in the line. The key
// is without its quotes.
type member struct {
	key, keyEnd uint32
	val, valEnd uint32
	escaped     bool // the key is spelled with escapes
}

// maxMembers is how large a table of members a Scanner keeps from one line to
// the next.
const maxMembers = 4096

// Scan checks that line is one JSON object: exactly what encoding/json accepts,
// and valid UTF-8. The error, if any, is a [*SyntaxError] without a line
// number. Scan does not ask for an event_type; [Scanner.Event] does.
func (s *Scanner) Scan(line []byte) error {
	s.special.fill(line, 0)
	return s.scan(line)
}

// ScanFirst is Scan for the first of some lines: the bytes up to a line feed,
// which it finds as it goes. [Scanner.Line] returns the line.
func (s *Scanner) ScanFirst(lines []byte) error {
	end := s.special.fill(lines, 0)
	if end < 0 {
		done := min(s.special.words*64, len(lines))
		if end = bytes.IndexByte(lines[done:], '\n'); end < 0 {
			end = len(lines)
		} else {
			end += done
		}
	}
	return s.scan(lines[:end])
}

// scan scans line, whose first special bytes are marked.
func (s *Scanner) scan(line []byte) error {
	s.line, s.members, s.path = line, s.members[:0], nil
	if cap(s.members) > maxMembers {
		s.members = nil
	}
	if cap(s.scratch) > BlockSize {
		s.scratch = nil
	}
	if len(line) > math.MaxInt32 {
		return &SyntaxError{Column: math.MaxInt32, Reason: "line longer than 2 GiB"}
	}
	if !s.scanObject(line) {
		s.members, s.path = s.members[:0], nil
		return &SyntaxError{Column: s.at + 1, Reason: s.reason}
	}
	return nil
}

// scanObject checks the whole line and records its members.
func (s *Scanner) scanObject(b []byte) bool {
	i, path := s.scanLearned(b)
	for i >= 0 {
		start := i
		i = skipSpace(b, i)
		switch {
		case len(s.members) == 0:
			if i == len(b) || b[i] != '{' {
				s.fail(i, "not a JSON object")
				return false
			}
			if i = skipSpace(b, i+1); i < len(b) && b[i] == '}' {
				return s.end(b, i+1)
			}
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			s.path = path
			return s.end(b, i+1)
		default:
			s.unexpected(b, i, "',' or '}'")
			return false
		}
		m := s.newMember()
		m.key = uint32(i + 1)
		if i, m.escaped = s.scanKey(b, i); i < 0 {
			return false
		}
		m.keyEnd = uint32(i - 1)
		if i = s.scanColon(b, i); i < 0 {
			return false
		}
		m.val = uint32(i)
		if i = s.scanValue(b, i); i < 0 {
			return false
		}
		m.valEnd = uint32(i)
		path = s.learn(path, b, start, m)
	}
	return false
}

// newMember adds a member to be filled in where it stands: the processor waits
// for one that is made elsewhere, field by field, and then copied as a whole.
func (s *Scanner) newMember() *member {
	n := len(s.members)
	if n == cap(s.members) {
		s.members = slices.Grow(s.members, 16)
	}
	s.members = s.members[:n+1]
	return &s.members[n]
}

// end checks that nothing but white space follows the object.
func (s *Scanner) end(b []byte, i int) bool {
	if i = skipSpace(b, i); i < len(b) {
		s.fail(i, "text after the end of the object")
		return false
	}
	return true
}

// scanValue checks the value that starts at b[i] and returns the index behind it,
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

// scanMemberKey checks a key at b[i] and the colon behind it and returns the
// index where the value starts, or -1.
func (s *Scanner) scanMemberKey(b []byte, i int) int {
	if i, _ = s.scanKey(b, i); i < 0 {
		return -1
	}
	return s.scanColon(b, i)
}

// scanKey checks a key at b[i] and returns the index behind its quote, or -1,
// and whether it is spelled with escapes.
func (s *Scanner) scanKey(b []byte, i int) (end int, escaped bool) {
	if i == len(b) || b[i] != '"' {
		return s.unexpected(b, i, "a key"), false
	}
	return s.scanString(b, i+1)
}

// scanColon checks the colon behind a key and returns the index where the value
// starts, or -1.
func (s *Scanner) scanColon(b []byte, i int) int {
	if i = skipSpace(b, i); i == len(b) || b[i] != ':' {
		return s.unexpected(b, i, "':'")
	}
	return skipSpace(b, i+1)
}

// scanString checks the string whose first byte after the opening quote is b[i]. It
// returns the index behind the closing quote, or -1, and whether the string
// has escapes.
func (s *Scanner) scanString(b []byte, i int) (end int, escaped bool) {
	start := i - 1
	for {
		i = s.special.near(i)
		if i >= len(b) {
			return s.fail(start, "unterminated string"), escaped
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, escaped
		case c == '\\':
			escaped = true
			if i = s.scanEscape(b, i); i < 0 {
				return -1, escaped
			}
		case c < ' ':
			return s.fail(i, "control character "+quoteByte(c)+" in a string"), escaped
		case c < utf8.RuneSelf:
			i = s.special.index(b, i)
		default:
			r, size := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && size == 1 {
				return s.fail(i, "invalid UTF-8"), escaped
			}
			i += size
		}
	}
}

// scanEscape checks the escape whose backslash is b[i].
func (s *Scanner) scanEscape(b []byte, i int) int {
	if i+1 == len(b) {
		return s.fail(i, "unterminated string")
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 <= len(b) && hex4(b[i+2:]) >= 0 {
			return i + 6
		}
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

// unexpected notes that something else than what was expected stands at b[i].
func (s *Scanner) unexpected(b []byte, i int, want string) int {
	if i == len(b) {
		return s.fail(i, "line ends where "+want+" should be")
	}
	return s.fail(i, quoteByte(b[i])+" where "+want+" should be")
}

func (s *Scanner) fail(at int, reason string) int {
	s.at, s.reason = at, reason
	return -1
}

// Line returns the line last scanned.
func (s *Scanner) Line() []byte { return s.line[:len(s.line):len(s.line)] }

// Lookup returns the value of a top-level key: the last one where the key
// stands more than once, nil where it does not stand at all.
func (s *Scanner) Lookup(key string) Value {
	if m := s.find(key); m != nil {
		return s.value(m)
	}
	return nil
}

// lastIndex returns which member is the last with the key, -1 if none is.
func (s *Scanner) lastIndex(key string) int {
	for i := len(s.members) - 1; i >= 0; i-- {
		if string(s.key(&s.members[i])) == key {
			return i
		}
	}
	return -1
}

func (s *Scanner) key(m *member) []byte {
	key := s.line[m.key:m.keyEnd:m.keyEnd]
	if m.escaped {
		return s.text(key)
	}
	return key
}

func (s *Scanner) value(m *member) Value { return s.line[m.val:m.valEnd:m.valEnd] }

// Len returns how many members the line has, a key that stands twice counted
// twice.
func (s *Scanner) Len() int { return len(s.members) }

// Members yields the top-level keys and their values in the order of the line,
// a key that stands twice also twice. The key's bytes may be used until the
// next call of a method of s.
func (s *Scanner) Members() iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		for i := range s.members {
			m := &s.members[i]
			if !yield(s.key(m), s.value(m)) {
				return
			}
		}
	}
}

// Text returns the text of v as [Value.AppendText] appends it, without copying
// where v has no escapes. The bytes may be used until the next call of a
// method of s.
func (s *Scanner) Text(v Value) []byte {
	if v.Kind() != String {
		return v
	}
	return s.text(v[1 : len(v)-1])
}

func (s *Scanner) text(quoted []byte) []byte {
	if !hasEscape(quoted) {
		return quoted
	}
	s.scratch = appendUnescaped(s.scratch[:0], quoted)
	return s.scratch
}

// Event returns the line last scanned as an event. It is an error if the line
// has no top-level string event_type. The event refers to the line's bytes.
func (s *Scanner) Event() (Event, error) {
	m := s.find("event_type")
	if m == nil {
		return Event{}, &SyntaxError{Column: 1, Reason: "no event_type"}
	}
	if s.value(m).Kind() != String {
		return Event{}, s.errorAt(m, "event_type is not a string")
	}
	return Event{line: s.line, typ: int(m.val), typEnd: int(m.valEnd)}, nil
}

// errorAt is an error about the value of m.
func (s *Scanner) errorAt(m *member, reason string) error {
	return &SyntaxError{Column: int(m.val) + 1, Reason: reason}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && isSpace(b[i]) {
		i++
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// Blank reports whether line holds nothing but JSON white space.
func Blank(line []byte) bool { return skipSpace(line, 0) == len(line) }
