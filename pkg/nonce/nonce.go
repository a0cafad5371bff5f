// Package nonce gives events random bytes before they are sealed, so that nobody can guess
// a line that was erased by trying which one has its hash. Without them a short line, or one
// of which all but a little is known, can be found that way.
package nonce

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/metadata"
)

// Key is the key of a nonce in the metadata of an event. Its value is a string of 32
// hexadecimal digits.
const Key = "nonce"

// size is that of a nonce, in bytes.
const size = 16

// A Source sets nonces in lines. Of a line it changes only the value of the key in metadata,
// which it adds if it is not there. The zero Source is ready to use; it is for one goroutine.
type Source struct {
	// MaxLine is how long a line may be that gets a nonce, in bytes; 0 is no limit.
	MaxLine int

	scanner events.Scanner
	random  [256 * size]byte
	used    int // of random, from its end
	value   [2*size + 2]byte
}

// Append appends lines, each of which ends with a line feed, to dst, and gives each event a
// nonce unless it has one. What is no event, or has metadata that is neither an object nor
// null, is appended as it is.
func (s *Source) Append(dst, lines []byte) []byte {
	for len(lines) > 0 {
		err := s.scanner.ScanFirst(lines)
		line := s.scanner.Line()
		end := min(len(line)+1, len(lines))
		if err == nil && (s.MaxLine == 0 || len(line) <= s.MaxLine) && !has(&s.scanner) {
			if with, ok := metadata.Append(dst, &s.scanner, metadata.Member{Key: Key, Value: s.next()}); ok {
				dst = append(with, lines[len(line):end]...)
				lines = lines[end:]
				continue
			}
		}
		dst = append(dst, lines[:end]...)
		lines = lines[end:]
	}
	return dst
}

// next returns a new nonce in quotation marks, until the next call. Random bytes are read
// for many at once.
func (s *Source) next() []byte {
	if s.used == 0 {
		rand.Read(s.random[:]) // never fails
		s.used = len(s.random)
	}
	s.used -= size
	hex.Encode(s.value[1:], s.random[s.used:][:size])
	s.value[0], s.value[len(s.value)-1] = '"', '"'
	return s.value[:]
}

// has reports whether the event that was scanned has a nonce.
func has(s *events.Scanner) bool {
	m := s.Lookup("metadata")
	if !bytes.Contains(m, []byte(`"`+Key)) && bytes.IndexByte(m, '\\') < 0 {
		return false
	}
	value := m.Lookup(Key)
	if value.Kind() != events.String || len(value) != 2*size+2 {
		return false
	}
	var decoded [size]byte
	_, err := hex.Decode(decoded[:], value[1:len(value)-1])
	return err == nil
}
