package turns

import "hash/maphash"

// names has strings that occur again and again, so that each is made once. Of those with
// the same hash it has the last.
type names [1 << 9]string

// maxName is the longest that is kept, in bytes.
const maxName = 128

// of returns text as a string.
func (n *names) of(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if len(text) > maxName {
		return string(text)
	}
	name := &n[maphash.Bytes(seed, text)%uint64(len(n))]
	if *name != string(text) {
		*name = string(text)
	}
	return *name
}
