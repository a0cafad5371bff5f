package follow

import (
	"bytes"
	"io"
)

// A trace is what is remembered of the bytes that were read of a file, so that a
// copy of it is known by them, and that it was emptied and written to since shows.
type trace struct {
	head []byte // the first ones
	tail []byte // the last ones

	scratch []byte
}

// So many bytes are remembered.
const (
	traceHead = 4 << 10
	traceTail = 512
)

// add remembers bytes that were read at a position.
func (t *trace) add(p []byte, pos int64) {
	if have := int64(len(t.head)); have == pos && have < traceHead {
		t.head = append(t.head, p[:min(len(p), traceHead-len(t.head))]...)
	}
	if keep := traceTail - len(p); keep < 0 {
		t.tail = append(t.tail[:0], p[-keep:]...)
	} else {
		t.tail = append(t.tail[:copy(t.tail, t.tail[max(0, len(t.tail)-keep):])], p...)
	}
}

// start remembers the bytes of a file before the position at which its reading
// starts.
func (t *trace) start(r io.ReaderAt, pos int64) {
	t.head = readAt(r, make([]byte, min(pos, traceHead)), 0)
	tail := min(pos, traceTail)
	t.tail = readAt(r, make([]byte, tail), pos-tail)
}

// endsAt reports whether the last bytes are still those before a position.
func (t *trace) endsAt(r io.ReaderAt, pos int64) bool {
	if t.scratch == nil {
		t.scratch = make([]byte, traceTail)
	}
	return bytes.Equal(readAt(r, t.scratch[:len(t.tail)], pos-int64(len(t.tail))), t.tail)
}

// begins reports whether the first bytes are still those up to a position.
func (t *trace) begins(r io.ReaderAt, pos int64) bool {
	want := t.head[:min(int64(len(t.head)), pos)]
	return bytes.Equal(readAt(r, make([]byte, len(want)), 0), want)
}

// readAt reads what it can.
func readAt(r io.ReaderAt, p []byte, at int64) []byte {
	n, _ := r.ReadAt(p, at)
	return p[:n]
}

// A likeness is how much of what was read is in a copy.
type likeness int

const (
	none likeness = iota
	part
	whole
)

// compare reads a copy up to a position, or less if it is none.
func (t *trace) compare(r io.Reader, pos int64) likeness {
	have := make([]byte, len(t.head))
	n, err := io.ReadFull(r, have)
	switch {
	case n == 0 || !bytes.Equal(have[:n], t.head[:n]):
		return none
	case err != nil:
		return part
	}
	tail := max(int64(n), pos-int64(len(t.tail))) // what comes before was compared
	if err := skip(r, tail-int64(n)); err != nil {
		return part
	}
	want := t.tail[int64(len(t.tail))-(pos-tail):]
	have = make([]byte, len(want))
	n, err = io.ReadFull(r, have)
	switch {
	case !bytes.Equal(have[:n], want[:n]):
		return none
	case err != nil:
		return part
	}
	return whole
}

func skip(r io.Reader, n int64) error {
	if s, ok := r.(io.Seeker); ok {
		_, err := s.Seek(n, io.SeekCurrent)
		return err
	}
	_, err := io.CopyN(io.Discard, r, n)
	return err
}
