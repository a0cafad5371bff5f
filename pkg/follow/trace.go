package follow

import (
	"bytes"
	"io"
)

// A trace is the first and last bytes that were read of a file, to recognize copies of
// the file, and to notice that it was truncated and written again.
type trace struct {
	head []byte
	tail []byte

	scratch []byte
}

// How many bytes a trace keeps.
const (
	traceHead = 4 << 10
	traceTail = 512
)

// add adds bytes that were read at a position.
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

// start makes t the trace of a file that was read up to a position.
func (t *trace) start(r io.ReaderAt, pos int64) {
	t.head = readAt(r, make([]byte, min(pos, traceHead)), 0)
	tail := min(pos, traceTail)
	t.tail = readAt(r, make([]byte, tail), pos-tail)
}

// endsAt reports whether the tail is still what comes before a position.
func (t *trace) endsAt(r io.ReaderAt, pos int64) bool {
	if t.scratch == nil {
		t.scratch = make([]byte, traceTail)
	}
	return bytes.Equal(readAt(r, t.scratch[:len(t.tail)], pos-int64(len(t.tail))), t.tail)
}

// begins reports whether the file still begins with the head, up to a position.
func (t *trace) begins(r io.ReaderAt, pos int64) bool {
	want := t.head[:min(int64(len(t.head)), pos)]
	return bytes.Equal(readAt(r, make([]byte, len(want)), 0), want)
}

// readAt returns what can be read of p at an offset.
func readAt(r io.ReaderAt, p []byte, at int64) []byte {
	n, _ := r.ReadAt(p, at)
	return p[:n]
}

// A likeness is how much of what was read a copy has.
type likeness int

const (
	none likeness = iota
	part
	whole
)

// compare compares what may be a copy with what was read up to a position. If it returns
// whole, the rest of the copy is what r has left.
func (t *trace) compare(r io.Reader, pos int64) likeness {
	have := make([]byte, len(t.head))
	n, err := io.ReadFull(r, have)
	switch {
	case n == 0 || !bytes.Equal(have[:n], t.head[:n]):
		return none
	case err != nil:
		return part
	}
	tail := max(int64(n), pos-int64(len(t.tail))) // up to n was compared
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
