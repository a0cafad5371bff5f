package compress

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A Reader decompresses gzip members or Zstandard frames, any number of them, and passes
// anything else through unchanged. It returns what it can decompress before it reads more
// from its source. It is not safe for concurrent use.
type Reader struct {
	src    *bufio.Reader
	format Format
	r      io.Reader // nil until the format is known
	closer io.Closer // may be nil
}

// bufferSize is how many bytes are read at a time.
const bufferSize = 64 << 10

// NewReader returns a Reader of src, which it does not close.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: bufio.NewReaderSize(src, bufferSize)}
}

// Read reads decompressed bytes. It returns an error if the compressed data is damaged,
// cut off, or followed by anything but more of its format or NUL bytes, after all bytes
// that could be decompressed.
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

// begin detects the format.
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

// Format returns the format of the source, None before the first Read.
func (r *Reader) Format() Format { return r.format }

// Close releases the decompressor. It does not close the source.
func (r *Reader) Close() error {
	if r.closer != nil {
		return r.closer.Close()
	}
	return nil
}

var (
	errCutOff   = errors.New("the compressed data is cut off")
	errTrailing = errors.New("the compressed data is followed by something else, which was not read")
)

// skipPadding skips the NUL bytes that block-wise copies leave after compressed data. At
// the end of the source it returns io.EOF.
func skipPadding(src *bufio.Reader) error {
	for {
		if _, err := src.Peek(1); err != nil {
			return err
		}
		head, _ := src.Peek(src.Buffered())
		rest := bytes.TrimLeft(head, "\x00")
		src.Discard(len(head) - len(rest)) // buffered, so it cannot fail
		if len(rest) > 0 {
			return nil
		}
	}
}
