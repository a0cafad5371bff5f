package repair

import "bytes"

// elements appends the elements of an array that the line is, or a line of, as parts:
// objects with commas between them. It returns where what is left begins: nothing
// where it is no such line; all but the elements before the first that is broken
// where the line has the array's opening bracket, so that no object can be around
// them.
func (s *splitter) elements() (end int) {
	at := s.skip(0)
	opened := s.is(at, '[')
	if opened || s.is(at, ',') {
		at = s.skip(at + 1)
	}
	for !s.closed(at) {
		n, err := s.ScanPrefix(s.line[at:])
		if err != nil {
			return s.broken(at, opened)
		}
		_, err = s.Event()
		s.add(at, at+n, err)
		switch at = s.skip(at + n); {
		case s.is(at, ','):
			at = s.skip(at + 1)
		case !s.closed(at):
			return s.broken(at, opened)
		}
	}
	return len(s.line)
}

// broken returns where what is left of a line begins that is broken at an index.
func (s *splitter) broken(at int, opened bool) (end int) {
	if opened && len(s.parts) > 0 {
		s.sound = false
		return at
	}
	s.parts = nil
	return 0
}

// closed reports whether nothing follows at an index, or the array's end.
func (s *splitter) closed(at int) bool {
	if s.is(at, ']') {
		at = s.skip(at + 1)
	}
	return at == len(s.line)
}

func (s *splitter) is(at int, c byte) bool { return at < len(s.line) && s.line[at] == c }

// skip returns the index of what follows the white space at an index.
func (s *splitter) skip(at int) int {
	return len(s.line) - len(bytes.TrimLeft(s.line[at:], whiteSpace))
}
