package compress

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

// zstdParts passes Zstandard frames (RFC 8878) on to a decoder, without the padding
// between them, which the decoder would take for a frame. It waits for no byte that the
// decoder does not need.
type zstdParts struct {
	src      *bufio.Reader
	left     int64 // bytes left of the current part: a header, a block, or a skippable frame
	inFrame  bool  // another block follows
	checksum int64 // bytes of that frame after its last block
}

func (z *zstdParts) Read(p []byte) (int, error) {
	if z.left == 0 {
		next := z.frame
		if z.inFrame {
			next = z.block
		}
		if err := next(); err != nil {
			return 0, err
		}
	}
	n, err := z.src.Read(p[:min(int64(len(p)), z.left)])
	z.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// frame begins the next frame. After the last one it returns io.EOF.
func (z *zstdParts) frame() error {
	if err := skipPadding(z.src); err != nil {
		return err
	}
	var head [8]byte // no frame is shorter
	n, err := z.peek(head[:])
	if err != nil {
		return err
	}
	magic := string(head[:min(n, len(zstdMagic))])
	switch {
	case !slices.ContainsFunc(zstdMagics, func(known string) bool { return strings.HasPrefix(known, magic) }):
		return errTrailing
	case strings.HasPrefix(zstdMagic, magic):
		z.header(head[len(zstdMagic)])
	default:
		z.left = int64(len(head)) + int64(binary.LittleEndian.Uint32(head[len(zstdMagic):]))
	}
	return nil
}

// header begins the header of a frame with this descriptor.
func (z *zstdParts) header(descriptor byte) {
	dictionary, contentSize := descriptor&3, descriptor>>6
	z.left = int64(len(zstdMagic)) + 1 + [...]int64{0, 1, 2, 4}[dictionary] + [...]int64{0, 2, 4, 8}[contentSize]
	singleSegment := descriptor&0x20 != 0
	if !singleSegment || contentSize == 0 {
		z.left++
	}
	z.inFrame, z.checksum = true, int64(descriptor&4)
}

// block begins the next block. The frame's checksum counts as part of the last one.
func (z *zstdParts) block() error {
	var head [4]byte
	if _, err := z.peek(head[:3]); err != nil {
		return err
	}
	header := binary.LittleEndian.Uint32(head[:])
	last, runLength, size := header&1 != 0, header>>1&3 == 1, int64(header>>3)
	if runLength {
		size = 1
	}
	z.left = 3 + size
	if last {
		z.left += z.checksum
		z.inFrame = false
	}
	return nil
}

// peek fills head with the bytes that follow. If there are fewer, Read will notice: a
// part is longer than its head.
func (z *zstdParts) peek(head []byte) (int, error) {
	some, err := z.src.Peek(len(head))
	if err == io.EOF {
		err = nil
	}
	return copy(head, some), err
}
