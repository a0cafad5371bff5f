package compress

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A Reader reads gzip members and Zstandard frames, as many as there are, and anything
// else as it is. It reads no further ahead than it must: what can be decompressed is
// returned before more is asked for.
type Reader struct {
	src    *bufio.Reader
	format Format
	r      io.Reader // nil before the first bytes were seen
	closer io.Closer // may be nil
}

// bufferSize is how many bytes are read at once.
const bufferSize = 64 << 10

// NewReader returns a Reader that reads from src, which it does not close.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: bufio.NewReaderSize(src, bufferSize)}
}

// Read reads what is decompressed.
func (r *Reader) Read(p []byte) (int, error) {
	if r.r == nil {
		if err := r.begin(); err != nil {
			return 0, err
		}
	}
	n, err := r.r.Read(p)
	if err == io.ErrUnexpectedEOF && r.format != None {
		err = errCutOff
	}
	return n, err
}

// begin finds out what the source is.
func (r *Reader) begin() error {
	for n, sure := 1, false; !sure; n = r.src.Buffered() + 1 {
		_, err := r.src.Peek(n)
		head, _ := r.src.Peek(r.src.Buffered())
		if len(head) == 0 {
			return err
		}
		r.format, sure = Detect(head)
		sure = sure || err != nil
	}
	switch r.format {
	case Gzip:
		r.r = &gzipMembers{src: r.src}
	case Zstd:
		frames := newZstdFrames(r.src)
		r.r, r.closer = frames, frames
	default:
		r.r = r.src
	}
	return nil
}

// Format returns the format of what is read, which is known once something was read.
func (r *Reader) Format() Format { return r.format }

// Close frees what decompressing took.
func (r *Reader) Close() error {
	if r.closer != nil {
		return r.closer.Close()
	}
	return nil
}

var (
	errCutOff   = errors.New("the compressed data is cut off")
	errTrailing = errors.New("what follows the compressed data is something else, which was not read")
)

// skipPadding skips the NUL bytes that copies in blocks leave after compressed data.
// At the end it returns io.EOF.
func skipPadding(src *bufio.Reader) error {
	for {
		if _, err := src.Peek(1); err != nil {
			return err
		}
		head, _ := src.Peek(src.Buffered())
		rest := bytes.TrimLeft(head, "\x00")
		src.Discard(len(head) - len(rest)) // which are buffered
		if len(rest) > 0 {
			return nil
		}
	}
}
