package merkle

import (
	"bytes"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	// readSize is how many bytes are read at a time: few enough for the scheduler to wait
	// for them, and for a cache.
	readSize = 128 << 10

	// blockSize is how many bytes of lines are hashed by one goroutine at a time.
	blockSize = 1 << 20

	// blockTiles is how many tiles of lines are, which bounds the memory for the
	// hashes of short lines.
	blockTiles = 64
)

// A block is a block of lines.
type block struct {
	first int64  // the leaf of its first line
	lines int64  // how many
	buf   []byte // a spare byte, then complete lines; nil for a long line
	long  []byte // the hash of a line that was too long for buf

	roots []tlog.Hash // of the full tiles at its start, once it is hashed
	rest  []byte      // the hashes of the leaves after those
}

// A buffer is where a block is read.
type buffer [1 + blockSize]byte

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func release(buf []byte) { buffers.Put((*buffer)(buf[:cap(buf)])) }

// leafBuffers are where the hashes of the leaves of a block are computed.
var leafBuffers = sync.Pool{New: func() any { return new([]byte) }}

// leaves appends the hashes of the leaves of a block, and releases its lines.
func (b *block) leaves(hashes []byte) []byte {
	if b.long != nil {
		return append(hashes, b.long...)
	}
	hashes = appendLeaves(hashes, b.buf)
	release(b.buf)
	b.buf = nil
	return hashes
}

// hash computes the hashes of a block, which e amends, and passes its full tiles on.
func (b *block) hash(e *Edge) error {
	buf := leafBuffers.Get().(*[]byte)
	defer leafBuffers.Put(buf)
	all := b.leaves((*buf)[:0])
	*buf = all
	if e.Amend != nil {
		if err := e.Amend(b.first, all); err != nil {
			return err
		}
	}
	if b.first%torchwood.TileWidth == 0 {
		for ; len(all) >= FullTile; all = all[FullTile:] {
			t := tlog.Tile{
				H: torchwood.TileHeight,
				N: b.first/torchwood.TileWidth + int64(len(b.roots)),
				W: torchwood.TileWidth,
			}
			if err := e.Full.call(t, all[:FullTile]); err != nil {
				return err
			}
			b.roots = append(b.roots, tileRoot(all[:FullTile]))
		}
	}
	b.rest = bytes.Clone(all)
	return nil
}
