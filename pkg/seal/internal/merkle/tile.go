package merkle

import (
	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// FullTile is how many bytes of hashes a full tile has.
const FullTile = torchwood.TileWidth * tlog.HashSize

// A TileFunc takes the hashes of a tile, and must not keep them. [Edge.Grow] may call
// it for several tiles at once. If it is nil nobody wants them.
type TileFunc func(t tlog.Tile, hashes []byte) error

func (do TileFunc) call(t tlog.Tile, hashes []byte) error {
	if do == nil {
		return nil
	}
	return do(t, hashes)
}

// TileOf returns a tile of a tree of some leaves. If it is beyond them its width is
// not positive.
func TileOf(leaves int64, level int, n int64) tlog.Tile {
	count := leaves >> (level * torchwood.TileHeight)
	width := min(count-n*torchwood.TileWidth, torchwood.TileWidth)
	return tlog.Tile{H: torchwood.TileHeight, L: level, N: n, W: int(width)}
}

// LastTile returns the tile of a level that is not full, perhaps empty, in a tree of
// some leaves.
func LastTile(leaves int64, level int) tlog.Tile {
	return TileOf(leaves, level, leaves>>(level*torchwood.TileHeight)/torchwood.TileWidth)
}

// tileRoot returns the hash that a full tile has in the tile above.
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
