package merkle

import (
	"crypto/sha256"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// FullTile is the size of a full tile in bytes.
const FullTile = torchwood.TileWidth * tlog.HashSize

// A TileFunc gets the hashes of a tile, which it must not keep. [Edge.Grow] may call it
// concurrently. It may be nil.
type TileFunc func(t tlog.Tile, hashes []byte) error

func (do TileFunc) call(t tlog.Tile, hashes []byte) error {
	if do == nil {
		return nil
	}
	return do(t, hashes)
}

// TileOf returns a tile of a tree with some leaves. Its width is not positive if it is
// beyond them.
func TileOf(leaves int64, level int, n int64) tlog.Tile {
	count := leaves >> (level * torchwood.TileHeight)
	width := min(count-n*torchwood.TileWidth, torchwood.TileWidth)
	return tlog.Tile{H: torchwood.TileHeight, L: level, N: n, W: int(width)}
}

// LastTile returns the partial tile, perhaps empty, of a level of a tree with some leaves.
func LastTile(leaves int64, level int) tlog.Tile {
	return TileOf(leaves, level, leaves>>(level*torchwood.TileHeight)/torchwood.TileWidth)
}

// tileRoot returns the hash of a full tile in the tile above.
func tileRoot(hashes []byte) tlog.Hash {
	var buf [1 + FullTile]byte
	level := buf[:1+copy(buf[1:], hashes)]
	for len(level) > 1+tlog.HashSize {
		level = level[:1+len(appendNodes(level[1:1], level))]
	}
	return tlog.Hash(level[1:])
}

// appendNodes appends the hash of every two nodes to hashes, as [tlog.NodeHash] computes it:
// the SHA-256 of a one byte and both. buf has a spare byte and then the nodes, which are
// destroyed, see [appendLeaves]. Since they are, hashes may be where they begin.
func appendNodes(hashes, buf []byte) []byte {
	const both = 2 * tlog.HashSize
	for ; len(buf) > both; buf = buf[both:] {
		buf[0] = 1
		node := sha256.Sum256(buf[:1+both])
		hashes = append(hashes, node[:]...)
	}
	return hashes
}
