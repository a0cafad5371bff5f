package seal

import (
	"fmt"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// fullTile is how many bytes of hashes a full tile has.
const fullTile = torchwood.TileWidth * tlog.HashSize

// An edge is the right edge of a tree that grows: of every level of tiles the one
// that is not full. Nothing else of a tree is needed to add leaves or to know its
// root.
type edge struct {
	n     int64    // leaves
	tiles [][]byte // the hashes of the tile of each level
	full  tileFunc // for those that are full
}

// A tileFunc takes the hashes of a tile, and must not keep them. It may be called
// for several tiles at once. If it is nil nobody wants them.
type tileFunc func(t tlog.Tile, hashes []byte) error

func (do tileFunc) call(t tlog.Tile, hashes []byte) error {
	if do == nil {
		return nil
	}
	return do(t, hashes)
}

// loadEdge returns the edge of the first n leaves of a tree.
func loadEdge(n int64, tree tlog.HashReader, full tileFunc) (*edge, error) {
	e := &edge{n: n, full: full}
	var indexes []int64
	for count := n; count > 0; count >>= torchwood.TileHeight {
		level := len(e.tiles) * torchwood.TileHeight
		first := count &^ (torchwood.TileWidth - 1)
		for i := first; i < count; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(level, i))
		}
		e.tiles = append(e.tiles, make([]byte, 0, fullTile))
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

// addLeaves adds leaves. The first so many full tiles of them, which begin where a
// tile begins, were given to e.full already, and have the roots.
func (e *edge) addLeaves(hashes []byte, roots []tlog.Hash) error {
	for _, root := range roots {
		e.n += torchwood.TileWidth
		if err := e.add(1, root); err != nil {
			return err
		}
	}
	for hashes = hashes[len(roots)*fullTile:]; len(hashes) > 0; hashes = hashes[tlog.HashSize:] {
		e.n++
		if err := e.add(0, tlog.Hash(hashes[:tlog.HashSize])); err != nil {
			return err
		}
	}
	return nil
}

// add adds a hash to the tile of a level, and the root of that, once it is full,
// to the one above.
func (e *edge) add(level int, h tlog.Hash) error {
	for level >= len(e.tiles) {
		e.tiles = append(e.tiles, make([]byte, 0, fullTile))
	}
	e.tiles[level] = append(e.tiles[level], h[:]...)
	if len(e.tiles[level]) < fullTile {
		return nil
	}
	t := e.tile(level)
	t.N-- // the leaves that fill it are counted already
	t.W = torchwood.TileWidth
	root, err := tileRoot(t, e.tiles[level])
	if err == nil {
		err = e.full.call(t, e.tiles[level])
	}
	if err != nil {
		return err
	}
	e.tiles[level] = e.tiles[level][:0]
	return e.add(level+1, root)
}

// tile returns which tile of a level is not full, perhaps empty.
func (e *edge) tile(level int) tlog.Tile {
	count := e.n >> (level * torchwood.TileHeight)
	return tlog.Tile{
		H: torchwood.TileHeight,
		L: level,
		N: count / torchwood.TileWidth,
		W: int(count % torchwood.TileWidth),
	}
}

// partial calls do for every tile that has hashes and is not full.
func (e *edge) partial(do tileFunc) error {
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

// root returns the root of the tree.
func (e *edge) root() (tlog.Hash, error) {
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
