package input

import (
	"bufio"
	"bytes"
	"io"
	"os"

	"auditctl/pkg/compress"
)

// A decompressor reads gzip and Zstandard, which it knows by their first bytes,
// and anything else as it is.
type decompressor struct {
	src    io.Reader
	origin io.Reader // what src reads from, as it was opened; may be nil
	file   *os.File  // to be closed as well; may be nil

	// accept says whether data of a format that has no lines of JSON is read all the
	// same. Where it is not, the format is the error. Where accept is nil all data is
	// read.
	accept func(*Format) bool

	// prompt reads no further than the first line to find out which format it is.
	prompt bool

	r          io.Reader        // nil before the first bytes were seen
	compressed *compress.Reader // what r is from; nil if the data is not compressed
}

func (d *decompressor) Read(p []byte) (int, error) {
	if d.r == nil {
		if err := d.begin(d.src); err != nil {
			return 0, err
		}
	}
	return d.r.Read(p)
}

// maxHead is how many bytes are looked at to find out what data is.
const maxHead = 64 << 10

// begin finds out what the source is.
func (d *decompressor) begin(src io.Reader) error {
	r := bufio.NewReaderSize(src, maxHead)
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

// Close frees what decompressing took.
func (d *decompressor) Close() error {
	if d.compressed != nil {
		d.compressed.Close()
	}
	if d.file != nil {
		return d.file.Close()
	}
	return nil
}
