package merkle

import (
	"slices"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// Sizes are how many leaves the trees have that checkpoints were signed of, the
// smallest first. A checkpoint asks for the tiles that are not full in its tree.
type Sizes []int64

// AskFor reports whether a checkpoint asks for a tile that is not full.
func (s Sizes) AskFor(t tlog.Tile) bool {
	first := t.N*torchwood.TileWidth + int64(t.W)
	i, _ := slices.BinarySearch(s, first<<(t.L*torchwood.TileHeight))
	return i < len(s) && s[i]>>(t.L*torchwood.TileHeight) == first
}
