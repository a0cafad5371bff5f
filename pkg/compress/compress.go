// Package compress reads and writes gzip (RFC 1952) and Zstandard (RFC 8878), for
// logs that are read while they are written.
//
// A [Reader] recognizes either by its first bytes and passes anything else through
// unchanged. It returns what it can decompress before it waits for more, skips the NUL
// padding that block-wise copies leave, and returns an error if the data is cut off or
// followed by something else, so that no line is lost silently. An [Appender] compresses
// lines for a file that is appended to; [Format.NewWriter] compresses a whole file.
package compress

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A Format is a compression format, written as the extension of its files.
type Format string

// The formats.
const (
	None Format = ""
	Gzip Format = ".gz"
	Zstd Format = ".zst"
)

// ByName returns the format that the extension of a path names, None if it names none.
// Case matters.
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

// zstdMagics are those of a frame and of the 16 kinds of skippable frames.
var zstdMagics = func() []string {
	all := []string{zstdMagic}
	for kind := range 16 {
		all = append(all, string([]byte{0x50 + byte(kind)})+"\x2a\x4d\x18")
	}
	return all
}()

// HeadSize is how many bytes [Detect] needs at most.
const HeadSize = len(zstdMagic)

// Detect returns the format of data that begins with head. If head is too short to tell,
// sure is false and the format None.
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

// NewWriter returns a writer that compresses to w as one member or frame. Close completes
// it; it does not close w. It starts no goroutines and uses little memory. The format
// must not be None.
func (f Format) NewWriter(w io.Writer) io.WriteCloser {
	if f == Gzip {
		return gzip.NewWriter(w)
	}
	return newZstdWriter(w)
}

func newZstdWriter(w io.Writer) *zstd.Encoder {
	encoder, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are valid
	}
	return encoder
}
