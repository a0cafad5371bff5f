package merkle

import (
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// blockSize is how many bytes of lines are hashed by one goroutine at a time.
	blockSize = 1 << 20

	// blockTiles is how many tiles of lines are, which bounds the memory for the
	// hashes of short lines.
	blockTiles = 64
)

// A block is a block of lines and their hashes.
type block struct {
	first int64  // the leaf of its first line
	lines int64  // how many
	buf   []byte // a spare byte, then complete lines; nil once they are hashed, as a long line is

	hashes []byte      // of its leaves
	roots  []tlog.Hash // of the full tiles at their start
	err    error
	done   chan struct{} // closed when hashes, roots and err are set
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 1+blockSize); return &b }}

func release(buf []byte) {
	buf = buf[:cap(buf)]
	buffers.Put(&buf)
}

// hash computes the hashes of a block, which e amends, and passes its full tiles on.
func (b *block) hash(e *Edge) {
	defer close(b.done)
	if b.buf != nil {
		b.hashes = appendLeaves(make([]byte, 0, FullTile), b.buf)
		release(b.buf)
		b.buf = nil
	}
	if e.Amend != nil {
		if b.err = e.Amend(b.first, b.hashes); b.err != nil {
			return
		}
	}
	if b.first%torchwood.TileWidth != 0 {
		return
	}
	for i := 0; i+FullTile <= len(b.hashes); i += FullTile {
		t := tlog.Tile{
			H: torchwood.TileHeight,
			N: b.first/torchwood.TileWidth + int64(len(b.roots)),
			W: torchwood.TileWidth,
		}
		root, err := tileRoot(t, b.hashes[i:i+FullTile])
		if err == nil {
			err = e.Full.call(t, b.hashes[i:i+FullTile])
		}
		if err != nil {
			b.err = err
			return
		}
		b.roots = append(b.roots, root)
	}
}
