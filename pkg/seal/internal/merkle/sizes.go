package merkle

import (
	"slices"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// Sizes are the numbers of leaves of the checkpoints that were signed, smallest first. A
// checkpoint needs the partial tiles of its tree.
type Sizes []int64

// Need reports whether a checkpoint needs a partial tile.
func (s Sizes) Need(t tlog.Tile) bool {
	first := t.N*torchwood.TileWidth + int64(t.W)
	i, _ := slices.BinarySearch(s, first<<(t.L*torchwood.TileHeight))
	return i < len(s) && s[i]>>(t.L*torchwood.TileHeight) == first
}
