package merkle

import (
	"fmt"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// An Edge is the right edge of a growing tree: the partial tile of each level. That is
// enough to add leaves and to compute the root. The zero Edge is that of an empty tree. It
// is not safe for concurrent use.
type Edge struct {
	// Full is called for each tile that becomes full. It may be changed between calls
	// of Grow.
	Full TileFunc

	// Amend, if not nil, is called for the hashes of leaves before they are added to the
	// tree, and may change them. leaf is that of the first one. Grow may call it
	// concurrently.
	Amend func(leaf int64, hashes []byte) error

	n     int64    // leaves
	tiles [][]byte // the hashes of the partial tile of each level
}

// LoadEdge returns the edge of the first n leaves of a tree.
func LoadEdge(n int64, tree tlog.HashReader, full TileFunc) (*Edge, error) {
	e := &Edge{n: n, Full: full}
	var indexes []int64
	for count := n; count > 0; count >>= torchwood.TileHeight {
		level := len(e.tiles) * torchwood.TileHeight
		first := count &^ (torchwood.TileWidth - 1)
		for i := first; i < count; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(level, i))
		}
		e.tiles = append(e.tiles, make([]byte, 0, FullTile))
	}
	if n == 0 {
		return e, nil
	}
	hashes, err := tree.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for level := range e.tiles {
		width := int(n>>(level*torchwood.TileHeight)) % torchwood.TileWidth
		for _, h := range hashes[:width] {
			e.tiles[level] = append(e.tiles[level], h[:]...)
		}
		hashes = hashes[width:]
	}
	return e, nil
}

// Leaves returns the number of leaves.
func (e *Edge) Leaves() int64 { return e.n }

// addLeaves adds leaves: full tiles with these roots, which were already passed to e.Full,
// and hashes after them.
func (e *Edge) addLeaves(roots []tlog.Hash, hashes []byte) error {
	for _, root := range roots {
		e.n += torchwood.TileWidth
		if err := e.add(1, root); err != nil {
			return err
		}
	}
	for ; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
		e.n++
		if err := e.add(0, tlog.Hash(hashes[:tlog.HashSize])); err != nil {
			return err
		}
	}
	return nil
}

// add adds a hash to the tile of a level, and once that is full, its root to the tile
// above.
func (e *Edge) add(level int, h tlog.Hash) error {
	for level >= len(e.tiles) {
		e.tiles = append(e.tiles, make([]byte, 0, FullTile))
	}
	e.tiles[level] = append(e.tiles[level], h[:]...)
	if len(e.tiles[level]) < FullTile {
		return nil
	}
	t := e.tile(level)
	t.N-- // its leaves are already counted
	t.W = torchwood.TileWidth
	if err := e.Full.call(t, e.tiles[level]); err != nil {
		return err
	}
	root := tileRoot(e.tiles[level])
	e.tiles[level] = e.tiles[level][:0]
	return e.add(level+1, root)
}

func (e *Edge) tile(level int) tlog.Tile { return LastTile(e.n, level) }

// Partial calls do for every partial tile that is not empty, one after the other.
func (e *Edge) Partial(do TileFunc) error {
	for level, hashes := range e.tiles {
		if len(hashes) == 0 {
			continue
		}
		if err := do(e.tile(level), hashes); err != nil {
			return err
		}
	}
	return nil
}

// Root returns the root of the tree.
func (e *Edge) Root() (tlog.Hash, error) {
	return tlog.TreeHash(e.n, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(torchwood.TileHeight, index)
			if t.L >= len(e.tiles) {
				return nil, fmt.Errorf("no hash %d at the edge of %d leaves", index, e.n)
			}
			h, err := tlog.HashFromTile(e.tile(t.L), e.tiles[t.L], index)
			if err != nil {
				return nil, err
			}
			hashes[i] = h
		}
		return hashes, nil
	}))
}
