package seal

import (
	"bytes"
	"context"
	"io"
	"math"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// AppendLeaves is what hashes lines.
var AppendLeaves = appendLeaves

// WithOpening returns a log that calls do before it opens a file.
func WithOpening(l Log, do func()) Log {
	l.opening = do
	return l
}

// A Tree grows in memory as that of a sidecar does on the disk.
type Tree struct {
	tlog.Tree
	tiles memoryTiles
}

// Begin returns at which line it begins to read what Grow is given, as when a log
// is sealed: at the start of its last tile.
func (t *Tree) Begin() int64 { return max(0, t.N-1) / torchwood.TileWidth * torchwood.TileWidth }

// Grow adds lines. The first ones, from Begin on, are in the tree already.
func (t *Tree) Grow(ctx context.Context, r io.Reader) error {
	e := new(edge)
	if t.N > 0 {
		var err error
		if e, err = loadEdge(t.Begin(), tlog.TileHashReader(t.Tree, &t.tiles), nil); err != nil {
			return err
		}
	}
	in := &lines{src: r}
	e.full = func(tlog.Tile, []byte) error { return nil }
	if err := e.grow(ctx, in, t.N-e.n); err != nil {
		return err
	}
	e.full = t.tiles.write
	if err := e.grow(ctx, in, math.MaxInt64-e.n); err != nil {
		return err
	}
	if err := e.partial(t.tiles.write); err != nil {
		return err
	}
	root, err := e.root()
	t.Tree = tlog.Tree{N: e.n, Hash: root}
	return err
}

type memoryTiles struct {
	mu     sync.Mutex
	hashes map[tlog.Tile][]byte
}

var _ tlog.TileReader = (*memoryTiles)(nil)

func (m *memoryTiles) write(t tlog.Tile, hashes []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hashes == nil {
		m.hashes = make(map[tlog.Tile][]byte)
	}
	m.hashes[t] = bytes.Clone(hashes)
	return nil
}

func (*memoryTiles) Height() int { return torchwood.TileHeight }

func (m *memoryTiles) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		data = append(data, m.hashes[t])
	}
	return data, nil
}

func (*memoryTiles) SaveTiles([]tlog.Tile, [][]byte) {}
