package merkle

import (
	"bytes"
	"crypto/sha256"
)

// appendLeaves appends the leaf hash of every line to hashes, as [tlog.RecordHash] computes
// it: the SHA-256 of a zero byte and the line without its line feed. buf has a spare byte
// and then complete lines, each ended by a line feed.
//
// Sealing and verifying spend most of their time hashing. To avoid copying a line after a
// zero byte, the byte before it, which is the line feed of the previous line, is set to
// zero. This destroys the lines in buf.
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
