package compress

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An Appender compresses batches of lines for a file that is appended to. Each batch is
// a gzip member or Zstandard frame of its own, so that readers of the file see its lines
// as soon as it is written. A batch that ends with a line feed gets a mark, an empty
// member or frame, by which [Format.EndsWhole] can tell that the last line is complete.
// It is not safe for concurrent use.
type Appender struct {
	format Format
	gzip   *gzip.Writer
	zstd   *zstd.Encoder
	out    bytes.Buffer
}

// NewAppender returns an Appender for a format other than None.
func (f Format) NewAppender() *Appender {
	a := &Appender{format: f}
	if f == Gzip {
		a.gzip = gzip.NewWriter(nil)
	} else {
		a.zstd = newZstdWriter(nil)
	}
	return a
}

// Compress compresses lines, of which there must be at least one byte. The result is
// valid until the next call.
func (a *Appender) Compress(lines []byte) []byte {
	a.out.Reset()
	if a.format == Gzip {
		a.gzip.Reset(&a.out)
		a.gzip.Write(lines) // writes to memory cannot fail
		a.gzip.Close()
	} else {
		a.out.Write(a.zstd.EncodeAll(lines, a.out.AvailableBuffer()))
	}
	if lines[len(lines)-1] == '\n' {
		a.out.WriteString(marks[a.format])
	}
	return a.out.Bytes()
}

// marks are an empty gzip member and a skippable Zstandard frame.
var marks = map[Format]string{
	Gzip: "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	Zstd: "\x50\x2a\x4d\x18\x04\x00\x00\x00end\n",
}

// EndsWhole reports whether a file of the given size consists of complete members or
// frames, without padding, so that it can be appended to, and whether the decompressed
// text ends with a line feed. It reads the whole file unless that ends with an Appender's
// mark. The error is an [*fs.PathError] from reading the file, never one of its content.
// The format must not be None.
func (f Format) EndsWhole(file io.ReaderAt, size int64) (whole, endsLine bool, err error) {
	end := make([]byte, len(marks[f]))
	if _, err := file.ReadAt(end, max(0, size-int64(len(end)))); err == nil && string(end) == marks[f] {
		return true, true, nil
	}
	last := lastByte('\n')
	r, err := f.strict(bufio.NewReaderSize(io.NewSectionReader(file, 0, size), bufferSize))
	if err == nil {
		_, err = io.Copy(&last, r)
		r.Close()
	}
	if errors.As(err, new(*fs.PathError)) {
		return false, false, err
	}
	return err == nil, err == nil && last == '\n', nil
}

// strict returns a reader that accepts nothing but members or frames.
func (f Format) strict(src io.Reader) (io.ReadCloser, error) {
	if f == Gzip {
		return gzip.NewReader(src)
	}
	return newZstdDecoder(src).IOReadCloser(), nil
}

// A lastByte is a writer that keeps only the last byte.
type lastByte byte

func (b *lastByte) Write(p []byte) (int, error) {
	if len(p) > 0 {
		*b = lastByte(p[len(p)-1])
	}
	return len(p), nil
}
