package message

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// An origin computes the ids of the lines of a source. An id is a hash of the origin's name
// and all its lines up to that one, and the number of the line, counted from 0. So the
// same lines of the same origin have the same ids in any run, but a line that comes after
// other lines than before, as in a file that was rewritten, has another id. The mark is a
// hash of the name and the first line.
type origin struct {
	named bool
	next  int64
	chain [sha256.Size]byte
	mark  string
}

// markLength is the number of hexadecimal digits in a mark.
const markLength = 16

// newOrigin returns an origin whose lines go to subjects with a prefix. The ids depend on
// the prefix, since a server drops the second of two messages with the same id, whatever
// their subjects.
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
