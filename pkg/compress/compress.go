// Package compress reads and writes gzip (RFC 1952) and Zstandard (RFC 8878), for
// logs that are read while they are written.
//
// A [Reader] reads either, which it knows by the first bytes, and anything else as it
// is. It returns what it can decompress before it waits for more, skips the NUL bytes
// that copies in blocks leave, and reports data that is cut off or followed by
// something else, so that no line is missed in silence. An [Appender] compresses lines
// for a file that is appended to; [Format.NewWriter] compresses a whole file.
package compress

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A Format is how a file is compressed. It is the suffix of the names of such files.
type Format string

// The formats.
const (
	None Format = ""
	Gzip Format = ".gz"
	Zstd Format = ".zst"
)

// ByName returns the format that the name of a file says it has.
func ByName(path string) Format {
	switch f := Format(filepath.Ext(path)); f {
	case Gzip, Zstd:
		return f
	}
	return None
}

const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
)

// zstdMagics are those of frames and of the 16 kinds of frames to be skipped.
var zstdMagics = func() []string {
	all := []string{zstdMagic}
	for kind := range 16 {
		all = append(all, string([]byte{0x50 + byte(kind)})+"\x2a\x4d\x18")
	}
	return all
}()

// HeadSize is how many bytes [Detect] needs to be sure.
const HeadSize = len(zstdMagic)

// Detect returns the format of data that begins with head. It is sure unless head is
// too short to tell; until then it is None.
func Detect(head []byte) (f Format, sure bool) {
	sure = true
	begins := func(magic string) bool {
		have := string(head[:min(len(head), len(magic))])
		if have != magic && strings.HasPrefix(magic, have) {
			sure = false
		}
		return have == magic
	}
	if begins(gzipMagic) {
		return Gzip, true
	}
	for _, magic := range zstdMagics {
		if begins(magic) {
			return Zstd, true
		}
	}
	return None, sure
}

// NewWriter returns a writer that compresses to w, as one member or frame, which Close
// ends; it does not close w. It works in the goroutine of its caller and takes little
// memory. The format is not None.
func (f Format) NewWriter(w io.Writer) io.WriteCloser {
	if f == Gzip {
		return gzip.NewWriter(w)
	}
	return newZstdWriter(w)
}

func newZstdWriter(w io.Writer) *zstd.Encoder {
	encoder, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are in order
	}
	return encoder
}
