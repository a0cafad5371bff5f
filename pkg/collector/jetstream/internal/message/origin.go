package message

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// An origin gives the lines of one place their ids. An id is a hash of the
// origin's name and of all its lines up to that one, and the line's number from
// 0: so the same lines from the same place get the same ids, in whatever run,
// and a line after others than before, as in a file that was written again, gets
// another one. The mark is a hash of the name and the first line.
type origin struct {
	named bool
	next  int64
	chain [sha256.Size]byte
	mark  string
}

// markLength is how many digits the mark of an origin has.
const markLength = 16

// newOrigin returns an origin whose lines go to subjects with some prefix: a server
// drops the second of two messages with one id wherever in the stream they go.
func newOrigin(prefix, name string, named bool) *origin {
	return &origin{named: named, chain: sha256.Sum256([]byte("auditctl origin\n" + prefix + "\n" + name))}
}

// id returns the id of the next line.
func (o *origin) id(line []byte, h hash.Hash) (id string, begins bool) {
	h.Reset()
	h.Write(o.chain[:])
	h.Write(line)
	h.Sum(o.chain[:0])
	var buf [32 + 1 + 20]byte
	text := hex.AppendEncode(buf[:0], o.chain[:16])
	text = strconv.AppendInt(append(text, '.'), o.next, 10)
	if o.next == 0 {
		o.mark = string(text[:markLength])
	}
	begins = o.named && o.next == 0
	o.next++
	return string(text), begins
}
