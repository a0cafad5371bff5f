package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A decompressor reads gzip and Zstandard, which it knows by their first bytes,
// and anything else as it is.
type decompressor struct {
	src    io.Reader
	origin io.Reader // what src reads from, as it was opened; may be nil
	file   *os.File  // to be closed as well; may be nil
	r      io.Reader // nil before the first bytes were seen
}

// What compressed data begins with, but no event.
const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
	skipMagic = "\x2a\x4d\x18" // of a Zstandard frame to be skipped, behind its first byte
)

// isPacked reports whether data that begins like this is compressed.
func isPacked(head []byte) bool {
	return bytes.HasPrefix(head, []byte(gzipMagic)) || bytes.HasPrefix(head, []byte(zstdMagic)) ||
		len(head) > 3 && head[0]&0xf0 == 0x50 && string(head[1:4]) == skipMagic
}

func (d *decompressor) Read(p []byte) (int, error) {
	if d.r == nil {
		n, err := d.src.Read(p)
		switch {
		case n == 0:
			return 0, err
		case p[0] == gzipMagic[0], p[0] == zstdMagic[0], p[0]&0xf0 == 0x50:
			if err := d.start(p[:n]); err != nil {
				return 0, cutOff(err)
			}
		default:
			d.r = d.src
			return n, err
		}
	}
	n, err := d.r.Read(p)
	return n, cutOff(err)
}

// start decides what the source is, of which some bytes were read.
func (d *decompressor) start(read []byte) error {
	head := bytes.Clone(read)
	for len(head) < len(zstdMagic) {
		var more [len(zstdMagic)]byte
		n, err := d.src.Read(more[len(head):])
		head = append(head, more[len(head):][:n]...)
		if err != nil {
			break // it will come again
		}
	}
	d.r = io.MultiReader(bytes.NewReader(head), d.src)
	switch {
	case bytes.HasPrefix(head, []byte(gzipMagic)):
		d.r = &gzipMembers{src: bufio.NewReader(d.r)}
	case isPacked(head):
		r, err := zstd.NewReader(d.r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
		d.r = r
	}
	return nil
}

// gzipMembers reads gzip members one by one: a gzip.Reader that reads them all
// would keep the end of one back until the next one comes.
type gzipMembers struct {
	src    *bufio.Reader
	member gzip.Reader
	within bool // a member
}

func (g *gzipMembers) Read(p []byte) (n int, err error) {
	if !g.within {
		if err := g.member.Reset(g.src); err != nil {
			return 0, err
		}
		g.member.Multistream(false)
		g.within = true
	}
	if n, err = g.member.Read(p); err == io.EOF {
		g.within, err = false, nil
	}
	return n, err
}

// packed reports whether the source, of which something was read, is
// compressed.
func (d *decompressor) packed() bool {
	switch d.r.(type) {
	case *gzipMembers, *zstd.Decoder:
		return true
	}
	return false
}

// Close frees what decompressing took.
func (d *decompressor) Close() error {
	if z, ok := d.r.(*zstd.Decoder); ok {
		z.Close()
	}
	if d.file != nil {
		return d.file.Close()
	}
	return nil
}

// cutOff says what an end in the midst of compressed data means.
func cutOff(err error) error {
	if err == io.ErrUnexpectedEOF {
		return errors.New("the compressed data is cut off")
	}
	return err
}
