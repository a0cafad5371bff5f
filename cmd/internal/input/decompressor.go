package input

import (
	"bufio"
	"bytes"
	"cmp"
	"io"

	"auditctl/pkg/compress"
)

// A decompressor decompresses gzip and Zstandard, which it recognizes by their first
// bytes, and reads anything else as it is.
type decompressor struct {
	src    io.Reader
	origin io.Reader // what src reads from, as it was opened; may be nil
	file   io.Closer // to be closed as well; may be nil
	piece  int       // how many bytes are read at a time; 0: as many as there are

	// accept reports whether data of a format without lines of JSON is read all the
	// same. If not, the format is the error. If accept is nil, all data is read.
	accept func(*Format) bool

	// prompt lets begin read no further than the first line to detect the format.
	prompt bool

	r          io.Reader        // nil until the first bytes were read
	compressed *compress.Reader // what r reads from; nil if the data is not compressed
}

func (d *decompressor) Read(p []byte) (int, error) {
	if d.r == nil {
		if err := d.begin(d.src); err != nil {
			return 0, err
		}
	}
	if d.piece > 0 && len(p) > d.piece {
		p = p[:d.piece]
	}
	return d.r.Read(p)
}

// maxHead is the most bytes that are looked at to detect a format.
const maxHead = 64 << 10

// begin detects the format of the source.
func (d *decompressor) begin(src io.Reader) error {
	r := bufio.NewReaderSize(src, cmp.Or(d.piece, maxHead))
	var is *Format
	for n, known := 1, false; !known; n = r.Buffered() + 1 {
		_, err := r.Peek(n)
		head, _ := r.Peek(r.Buffered())
		if len(head) == 0 {
			return err
		}
		is, known = formatOf(head, err != nil)
		known = known || err != nil || d.prompt && bytes.IndexByte(head, '\n') >= 0
	}
	switch {
	case is == nil:
	case is.compression != compress.None && d.compressed == nil:
		d.compressed = compress.NewReader(r)
		return d.begin(d.compressed)
	case d.accept != nil && !d.accept(is):
		return is
	}
	d.r = r
	return nil
}

// isCompressed reports whether the source, of which something was read, is
// compressed.
func (d *decompressor) isCompressed() bool { return d.compressed != nil }

// Close frees the decompressor, and closes file.
func (d *decompressor) Close() error {
	if d.compressed != nil {
		d.compressed.Close()
	}
	if d.file != nil {
		return d.file.Close()
	}
	return nil
}
