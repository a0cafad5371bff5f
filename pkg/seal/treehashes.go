package seal

import (
	"errors"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A treeHashes reads the stored hashes of a tree, and verifies that they lead to its root. It
// keeps the last tile of each level, so that reading from left to right reads each once.
type treeHashes struct {
	sidecar *sidecar
	tree    tlog.Tree
	tiles   []keptTile // by level
}

type keptTile struct {
	n      int64
	hashes []byte // nil: none is kept
}

// at returns the hash of the nth full subtree of a level.
func (h *treeHashes) at(level int, n int64) (tlog.Hash, error) {
	index := tlog.StoredHashIndex(level, n)
	t := tlog.TileForIndex(torchwood.TileHeight, index)
	hashes, err := h.tile(merkle.TileOf(h.tree.N, t.L, t.N))
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.HashFromTile(t, hashes, index)
}

// tile returns the hashes of a tile.
func (h *treeHashes) tile(t tlog.Tile) ([]byte, error) {
	for t.L >= len(h.tiles) {
		h.tiles = append(h.tiles, keptTile{})
	}
	if kept := h.tiles[t.L]; kept.hashes != nil && kept.n == t.N {
		return kept.hashes, nil
	}
	read := h.fullTile
	if t.W < torchwood.TileWidth {
		read = h.partialTile
	}
	hashes, err := read(t)
	if err != nil {
		return nil, err
	}
	h.tiles[t.L] = keptTile{t.N, hashes}
	return hashes, nil
}

// fullTile reads a full tile, whose root is in the tile above.
func (h *treeHashes) fullTile(t tlog.Tile) ([]byte, error) {
	hashes, err := h.sidecar.tile(t, new(tileBuffer))
	if err != nil {
		return nil, h.sidecar.treeError(err)
	}
	want, err := h.at((t.L+1)*torchwood.TileHeight, t.N)
	if err != nil {
		return nil, err
	}
	var root merkle.Stack
	for i := 0; i+tlog.HashSize <= len(hashes); i += tlog.HashSize {
		root.Add(0, tlog.Hash(hashes[i:i+tlog.HashSize]))
	}
	if len(hashes) != merkle.FullTile || root.Root() != want {
		return nil, h.sidecar.treeError(errors.New("the hashes of " + torchwood.TilePath(t) + " are others"))
	}
	return hashes, nil
}

// partialTile reads the last tile of a level.
func (h *treeHashes) partialTile(t tlog.Tile) (hashes []byte, err error) {
	indexes := make([]int64, t.W)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(t.L*torchwood.TileHeight, t.N*torchwood.TileWidth+int64(i))
	}
	all, err := h.sidecar.tree(h.tree).ReadHashes(indexes)
	if err != nil {
		return nil, h.sidecar.treeError(err)
	}
	for _, hash := range all {
		hashes = append(hashes, hash[:]...)
	}
	return hashes, nil
}
