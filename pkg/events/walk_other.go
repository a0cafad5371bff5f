//go:build !amd64 && !arm64

package events

// walk is scanFrequent, or what takes its place.
func (s *Scanner) walk(b []byte, i int, path *separator) (int, *separator) {
	return s.scanFrequent(b, i, path)
}
