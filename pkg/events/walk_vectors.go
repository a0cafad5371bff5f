//go:build amd64 || arm64

package events

import "auditctl/pkg/internal/marks"

// walk is scanFrequent, or what takes its place.
func (s *Scanner) walk(b []byte, i int, path *separator) (int, *separator) {
	if marks.InUse() == marks.Words {
		return s.scanFrequent(b, i, path)
	}
	first, start, end := s.special.Bits()
	path, n := walkVectors(b, path, first, start, end, s.ends)
	s.ends = s.ends[:n]
	return int(s.ends[n-1]), path
}

// walkVectors is scanFrequent that goes on in longer strings, over escapes that need be, and
// over numbers and words. The last of ends is where the value after path ends; those it finds are
// added as far as there is room, and n is how many there are then. It stops before a value that
// goes beyond end, or that is not as the grammar has it.
//
//go:noescape
func walkVectors(b []byte, path *separator, marks *uint64, start, end int, ends []uint32) (last *separator, n int)
