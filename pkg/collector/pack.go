package collector

import (
	"bytes"
	"errors"
	"io"
	"io/fs"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A packer compresses batches of lines, each by itself, for a file that is
// appended to.
type packer interface {
	// pack returns lines compressed, and behind them, unless the last one has
	// no end yet, the mark. The bytes are good until the next call.
	pack(lines []byte) []byte

	// mark is what a file ends with whose last line is whole: a part that
	// decompresses to nothing.
	mark() []byte

	// unpack returns what r decompresses to.
	unpack(r io.Reader) (io.ReadCloser, error)
}

// endsWhole reports whether a file of some size decompresses to its end, so that
// it can be appended to, and whether that is the end of a line. It need not look
// further than the mark. The error is one of reading the file.
func endsWhole(p packer, f io.ReaderAt, size int64) (whole, endsLine bool, err error) {
	mark := p.mark()
	end := make([]byte, len(mark))
	if _, err := f.ReadAt(end, max(0, size-int64(len(end)))); err == nil && bytes.Equal(end, mark) {
		return true, true, nil
	}
	last := lastByte('\n')
	r, err := p.unpack(io.NewSectionReader(f, 0, size))
	if err == nil {
		_, err = io.Copy(&last, r)
		r.Close()
	}
	if errors.As(err, new(*fs.PathError)) {
		return false, false, err
	}
	return err == nil, err == nil && last == '\n', nil
}

// A lastByte is the last byte that was written to it.
type lastByte byte

func (b *lastByte) Write(p []byte) (int, error) {
	if len(p) > 0 {
		*b = lastByte(p[len(p)-1])
	}
	return len(p), nil
}

// marked appends the mark to what lines were packed to, if they have an end.
func marked(packed, lines, mark []byte) []byte {
	if lines[len(lines)-1] == '\n' {
		packed = append(packed, mark...)
	}
	return packed
}

// A gzipPacker makes gzip members (RFC 1952).
type gzipPacker struct {
	w   *gzip.Writer
	out bytes.Buffer
}

func newGzipPacker() *gzipPacker { return &gzipPacker{w: gzip.NewWriter(nil)} }

func (p *gzipPacker) pack(lines []byte) []byte {
	p.out.Reset()
	p.w.Reset(&p.out)
	p.w.Write(lines) // in memory neither fails
	p.w.Close()
	return marked(p.out.Bytes(), lines, p.mark())
}

// mark is an empty member.
func (*gzipPacker) mark() []byte {
	return []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00")
}

func (*gzipPacker) unpack(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }

// A zstdPacker makes Zstandard frames (RFC 8878).
type zstdPacker struct {
	w   *zstd.Encoder
	out []byte
}

func newZstdPacker() *zstdPacker {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // only for options that are wrong
	}
	return &zstdPacker{w: w}
}

func (p *zstdPacker) pack(lines []byte) []byte {
	p.out = p.w.EncodeAll(lines, p.out[:0])
	p.out = marked(p.out, lines, p.mark())
	return p.out
}

// mark is a skippable frame.
func (*zstdPacker) mark() []byte { return []byte("\x50\x2a\x4d\x18\x04\x00\x00\x00end\n") }

func (*zstdPacker) unpack(r io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}
