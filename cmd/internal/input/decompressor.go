package input

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"

	"auditctl/pkg/compress"
	"auditctl/pkg/dialect"
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

	from   *From  // what may be decoded; nil: nothing
	live   bool   // do not wait for more lines to find out what the first ones are
	layout layout // of what is read

	r          io.Reader        // nil until the first bytes were read
	failed     error            // of that
	ahead      *readAhead       // what r is; may be nil
	compressed *compress.Reader // what r reads from; nil if the data is not compressed
}

func (d *decompressor) Read(p []byte) (int, error) {
	if err := d.begin(); err != nil {
		return 0, err
	}
	if d.piece > 0 && len(p) > d.piece {
		p = p[:d.piece]
	}
	return d.r.Read(p)
}

// begin detects the format and the layout of the source, unless that was done.
func (d *decompressor) begin() error {
	if d.r == nil && d.failed == nil {
		d.failed = d.detect(d.src)
	}
	return d.failed
}

// jump goes on at an offset of the file that is read as it is, of which something was read.
func (d *decompressor) jump(f file, to int64) error {
	d.r = d.src
	_, err := f.Seek(to, io.SeekStart)
	return err
}

// formatHead is the most bytes that are looked at to detect a format and a layout.
const formatHead = 64 << 10

func (d *decompressor) detect(src io.Reader) error {
	r := bufio.NewReaderSize(src, cmp.Or(d.piece, formatHead))
	var is *Format
	layouts := detector{from: d.from}
	for n, known := 1, false; !known; n = r.Buffered() + 1 {
		_, err := r.Peek(n)
		head, _ := r.Peek(r.Buffered())
		if len(head) == 0 {
			return err
		}
		is, known = formatOf(head, err != nil)
		known = known || err != nil
		switch {
		case d.from == nil:
			known = known || d.prompt && bytes.IndexByte(head, '\n') >= 0
		case known:
			d.layout, known = layouts.layout(head, is, err != nil && err != bufio.ErrBufferFull)
			if !known && (err != nil || d.live && d.layout.form == dialect.Lines && bytes.IndexByte(head, '\n') >= 0) {
				d.layout.open, known = true, true
			}
		}
	}
	switch {
	case is == nil || !d.layout.isEvents() && is.json:
	case is.compression != compress.None && d.compressed == nil:
		d.compressed = compress.NewReader(r)
		return d.detect(d.compressed)
	case d.accept != nil && !d.accept(is):
		if is.json && d.from != nil {
			return fmt.Errorf("it is %s, and none of its objects has an event_type: name its dialect with --from, or its keys with --keys", is.name)
		}
		return is
	}
	if d.r = r; d.compressed == nil {
		head, _ := r.Peek(r.Buffered())
		d.r = &headed{bytes.Clone(head), src}
	}
	if d.layout.dialect != nil && !d.live && d.piece == 0 {
		d.ahead = newReadAhead(d.r)
		d.r = d.ahead
	}
	return nil
}

// A headed reads a head, of which it keeps nothing once that is read, and then a source.
// Thousands of files may be followed.
type headed struct {
	head []byte
	src  io.Reader
}

func (r *headed) Read(p []byte) (int, error) {
	if len(r.head) == 0 {
		return r.src.Read(p)
	}
	n := copy(p, r.head)
	if r.head = r.head[n:]; len(r.head) == 0 {
		r.head = nil
	}
	return n, nil
}

// isCompressed reports whether the source, of which something was read, is
// compressed.
func (d *decompressor) isCompressed() bool { return d.compressed != nil }

// Close frees the decompressor, and closes file.
func (d *decompressor) Close() error {
	if d.ahead != nil {
		d.ahead.Close()
	}
	if d.compressed != nil {
		d.compressed.Close()
	}
	if d.file != nil {
		return d.file.Close()
	}
	return nil
}
