package merkle

import (
	"bytes"
	"crypto/sha256"
)

// appendLeaves appends the leaf hash of every line to hashes, as
// [tlog.RecordHash] makes it of one: SHA-256 of a zero byte and the line without
// its line feed. The first byte of buf is not looked at; after it come whole
// lines, each ended by a line feed.
//
// Hashing is what sealing and verifying spend their time on. So that no line is
// copied after its zero byte, the byte before the line is made that zero: it is
// the line feed of the line before, which is done with. The lines in buf are
// spoilt by that.
func appendLeaves(hashes, buf []byte) []byte {
	for len(buf) > 1 {
		end := 1 + bytes.IndexByte(buf[1:], '\n')
		buf[0] = 0
		leaf := sha256.Sum256(buf[:end])
		hashes = append(hashes, leaf[:]...)
		buf = buf[end:]
	}
	return hashes
}
