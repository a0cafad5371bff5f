package events

import (
	"bytes"
	"iter"
	"math"
	"slices"

	"auditctl/pkg/internal/marks"
)

// A Scanner checks lines and finds their top-level keys and values. It makes
// one pass over a line and allocates nothing once its tables have grown to the
// lines it sees. The zero Scanner is ready. A Scanner is not safe for
// concurrent use, and what it returns refers to the line last scanned.
type Scanner struct {
	line    []byte
	ends    []uint32 // where values end: of the member i at ends[i+1]; ends[0] is 0
	members []member // of a line that is not in the tree; of others once somebody asks
	scratch []byte

	special    marks.Window // of the line
	escapedKey bool         // a key of an object in the line has escapes

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
// and valid UTF-8. UTF-8 byte order marks before it do not count: a file may begin
// with one, and files may have been joined. The error, if any, is a [*SyntaxError]
// without a line number. Scan does not ask for an event_type; [Scanner.Event] does.
func (s *Scanner) Scan(line []byte) error {
	s.special.Fill(line, 0)
	return s.scan(line[:len(line):len(line)])
}

// ScanFirst is Scan for the first of some lines: for the bytes before the first
// line feed, or for all where there is none. [Scanner.Line] returns that line,
// also after an error; the next one starts len(Line())+1 bytes on.
func (s *Scanner) ScanFirst(lines []byte) error {
	end := s.special.Fill(lines, 0)
	if end < 0 {
		done := s.special.End(lines)
		if end = bytes.IndexByte(lines[done:], '\n'); end < 0 {
			end = len(lines)
		} else {
			end += done
		}
	}
	return s.scan(lines[:end:len(lines)])
}

// ScanPrefix is Scan for an object that other text may follow, which
// becomes no part of [Scanner.Line]. It returns how many bytes of text the object
// takes, with the white space and byte order marks before it.
func (s *Scanner) ScanPrefix(text []byte) (n int, err error) {
	s.special.Fill(text, 0)
	text = text[:len(text):len(text)]
	s.begin(text)
	n, err = s.scanText(text, 0, &s.layouts)
	if err == nil {
		s.line = text[:n]
	}
	return n, err
}

// scan scans line, whose first special bytes are marked.
func (s *Scanner) scan(line []byte) error {
	s.begin(line)
	i, path := s.walk(line, 0, &s.layouts)
	if i == len(line)-1 && line[i] == '}' && i > 0 {
		s.path = path
		return nil
	}
	n, err := s.scanText(line, i, path)
	if err == nil {
		if n = skipSpace(line, n); n < len(line) {
			s.fail(n, "text after the end of the object")
			err = s.failure()
		}
	}
	return err
}

// begin forgets the line before.
func (s *Scanner) begin(line []byte) {
	s.line, s.members, s.path = line, s.members[:0], nil
	if cap(s.ends) == 0 {
		s.ends = make([]uint32, 16)
	}
	s.ends = s.ends[:1]
	s.special.Needless, s.escapedKey = false, false
}

// scanText scans the object that line starts with, whose first special bytes are marked, from
// i on, where the value after path ended.
func (s *Scanner) scanText(line []byte, i int, path *separator) (n int, err error) {
	if cap(s.members) > maxMembers {
		s.members = nil
	}
	if len(line) > math.MaxInt32 {
		return 0, &SyntaxError{Column: math.MaxInt32, Reason: "line longer than 2 GiB"}
	}
	if n = s.scanObject(line, i, path); n < 0 {
		return 0, s.failure()
	}
	return n, nil
}

// failure is what fail noted; nothing was found then.
func (s *Scanner) failure() error {
	s.members, s.ends, s.path = s.members[:0], s.ends[:0], nil
	return &SyntaxError{Column: s.at + 1, Reason: s.reason}
}

// Line returns the line last scanned.
func (s *Scanner) Line() []byte { return s.line[:len(s.line):len(s.line)] }

// Lookup returns the value of a top-level key: the last one where the key
// appears more than once, nil if it does not appear at all.
func (s *Scanner) Lookup(key string) Value {
	if start, end, ok := s.find(key); ok {
		return s.line[start:end:end]
	}
	return nil
}

// Span returns where in the line the value is that Lookup returns, Line()[start:end], and
// false if that is nil.
func (s *Scanner) Span(key string) (start, end int, ok bool) {
	from, to, ok := s.find(key)
	return int(from), int(to), ok
}

// LookupAll sets each of values to what Lookup returns for the key of the same
// index. It is faster than as many Lookups where a slice of keys is used again;
// its keys must not change.
func (s *Scanner) LookupAll(keys []string, values []Value) {
	l := s.known()
	indexes, _ := s.recallAll(l, keys)
	if indexes == nil {
		for i, key := range keys {
			values[i] = s.Lookup(key)
		}
		return
	}
	values = values[:len(indexes)]
	for i, index := range indexes {
		if index < 0 {
			values[i] = nil
			continue
		}
		start, end := s.span(l.path[index], index)
		values[i] = s.line[start:end:end]
	}
}

// HasAny reports whether the line has one of the keys at its top level. It is fast where
// a slice of keys is used again; its keys must not change.
func (s *Scanner) HasAny(keys []string) bool {
	indexes, any := s.recallAll(s.known(), keys)
	if indexes == nil {
		return slices.ContainsFunc(keys, func(key string) bool { return s.Lookup(key) != nil })
	}
	return any
}

func (s *Scanner) key(m *member) []byte {
	key := s.line[m.key:m.keyEnd:m.keyEnd]
	if m.escaped {
		return s.text(key)
	}
	return key
}

func (s *Scanner) value(m *member) Value { return s.line[m.val:m.valEnd:m.valEnd] }

// Plain reports whether no key of the line, at any depth, is spelled with escapes, and no
// character of ASCII is escaped that need not be.
func (s *Scanner) Plain() bool {
	return !s.special.Needless && !s.escapedKey && !slices.ContainsFunc(s.all(), func(m member) bool { return m.escaped })
}

// Len returns how many members the line has, a key that appears twice counted
// twice.
func (s *Scanner) Len() int { return max(len(s.members), len(s.ends)-1) }

// Members yields the top-level keys and their values in the order of the line,
// a key that appears twice also twice. The key's bytes may be used until the
// next call of a method of s.
func (s *Scanner) Members() iter.Seq2[[]byte, Value] {
	return func(yield func([]byte, Value) bool) {
		members := s.all()
		for i := range members {
			if m := &members[i]; !yield(s.key(m), s.value(m)) {
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
	if cap(s.scratch) > BlockSize {
		s.scratch = nil
	}
	s.scratch = appendUnescaped(s.scratch[:0], quoted)
	return s.scratch
}

// Event returns the line last scanned as an event. It is an error if the line
// has no top-level string event_type. The event refers to the line's bytes.
func (s *Scanner) Event() (Event, error) {
	start, end, ok := s.findEventType()
	if !ok {
		return Event{}, &SyntaxError{Column: 1, Reason: noEventType}
	}
	if s.line[start] != '"' {
		return Event{}, s.errorAt(start, "event_type is not a string")
	}
	return Event{line: s.line, typ: int(start), typEnd: int(end)}, nil
}

// errorAt is an error about the value that starts at such an index.
func (s *Scanner) errorAt(start uint32, reason string) error {
	return &SyntaxError{Column: int(start) + 1, Reason: reason}
}

// Blank reports whether line holds nothing but JSON white space and byte order
// marks.
func Blank(line []byte) bool { return skipMarks(line, skipSpace(line, 0)) == len(line) }
