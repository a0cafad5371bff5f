package merkle

import (
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
func tileRoot(t tlog.Tile, hashes []byte) (tlog.Hash, error) {
	below := (t.L+1)*torchwood.TileHeight - 1
	left, err := tlog.HashFromTile(t, hashes, tlog.StoredHashIndex(below, 2*t.N))
	if err != nil {
		return tlog.Hash{}, err
	}
	right, err := tlog.HashFromTile(t, hashes, tlog.StoredHashIndex(below, 2*t.N+1))
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.NodeHash(left, right), nil
}
