package collector

import (
	"bytes"
	"io"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A packing is how a file is compressed: the suffix of names of such files.
type packing string

const (
	plain     packing = ""
	gzipped   packing = ".gz"
	zstandard packing = ".zst"
)

var packings = []packing{plain, gzipped, zstandard}

// packingOf returns how a file of some name is to be compressed.
func packingOf(path string) packing {
	switch p := packing(filepath.Ext(path)); p {
	case gzipped, zstandard:
		return p
	}
	return plain
}

// packingWith returns how a file is compressed that begins with head, and whose name
// says something. Lines are known by the { of the first one.
func packingWith(head []byte, named packing) packing {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return gzipped
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")),
		len(head) >= 4 && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18": // a frame to be skipped
		return zstandard
	case bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte{'{'}):
		return plain
	}
	return named
}

// packer returns a packer of this kind, nil for files that are not compressed.
func (p packing) packer() packer {
	switch p {
	case gzipped:
		return newGzipPacker()
	case zstandard:
		return newZstdPacker()
	}
	return nil
}

// compress returns a writer that compresses to w, in the background of who works.
func (p packing) compress(w io.Writer) (io.WriteCloser, error) {
	if p == gzipped {
		return gzip.NewWriter(w), nil
	}
	return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
}
