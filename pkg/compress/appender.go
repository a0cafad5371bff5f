package compress

import (
	"bytes"
	"errors"
	"io"
	"io/fs"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An Appender compresses batches of lines, each as a member or frame of its own, for
// a file that is appended to: whoever reads the file sees the lines of each batch as
// soon as it is there. After a batch that ends with a line it adds a mark, a member or
// frame of nothing, by which [Format.EndsWhole] knows that the last line is whole.
type Appender struct {
	format Format
	gzip   *gzip.Writer
	zstd   *zstd.Encoder
	out    bytes.Buffer
}

// NewAppender returns an Appender of a format, which is not None.
func (f Format) NewAppender() *Appender {
	a := &Appender{format: f}
	if f == Gzip {
		a.gzip = gzip.NewWriter(nil)
	} else {
		a.zstd = newZstdWriter(nil)
	}
	return a
}

// Compress returns lines, of which there is a byte at least, compressed. What it
// returns is good until the next call.
func (a *Appender) Compress(lines []byte) []byte {
	a.out.Reset()
	if a.format == Gzip {
		a.gzip.Reset(&a.out)
		a.gzip.Write(lines) // in memory neither fails
		a.gzip.Close()
	} else {
		a.out.Write(a.zstd.EncodeAll(lines, a.out.AvailableBuffer()))
	}
	if lines[len(lines)-1] == '\n' {
		a.out.WriteString(marks[a.format])
	}
	return a.out.Bytes()
}

// marks are an empty member and a frame to be skipped.
var marks = map[Format]string{
	Gzip: "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	Zstd: "\x50\x2a\x4d\x18\x04\x00\x00\x00end\n",
}

// EndsWhole reports whether a file of some size decompresses to its end, without
// padding, so that it can be appended to, and whether that is the end of a line. Where
// the file ends with an Appender's mark it reads no more than that. The error is one
// of reading the file; the format is not None.
func (f Format) EndsWhole(file io.ReaderAt, size int64) (whole, endsLine bool, err error) {
	end := make([]byte, len(marks[f]))
	if _, err := file.ReadAt(end, max(0, size-int64(len(end)))); err == nil && string(end) == marks[f] {
		return true, true, nil
	}
	last := lastByte('\n')
	r, err := f.strict(io.NewSectionReader(file, 0, size))
	if err == nil {
		_, err = io.Copy(&last, r)
		r.Close()
	}
	if errors.As(err, new(*fs.PathError)) {
		return false, false, err
	}
	return err == nil, err == nil && last == '\n', nil
}

// strict returns what reads nothing but members or frames.
func (f Format) strict(src io.Reader) (io.ReadCloser, error) {
	if f == Gzip {
		return gzip.NewReader(src)
	}
	return newZstdDecoder(src).IOReadCloser(), nil
}

// A lastByte is the last byte that was written to it.
type lastByte byte

func (b *lastByte) Write(p []byte) (int, error) {
	if len(p) > 0 {
		*b = lastByte(p[len(p)-1])
	}
	return len(p), nil
}
