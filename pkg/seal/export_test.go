package seal

import (
	"bytes"
	"context"
	"io"
	"math"
	"path/filepath"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/internal/crashtest"
	"auditctl/pkg/internal/osfile"
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

// Recorded returns a log that records what is done to it and its sidecar on a disk,
// where it has its base name. Nothing is synced but there.
func Recorded(l Log, on *crashtest.Disk) Log {
	l.stored = recordedStorage{on}
	return l
}

type recordedStorage struct{ on *crashtest.Disk }

func (r recordedStorage) open(path string) (osfile.File, error) {
	f, err := disk{}.open(path)
	if err != nil {
		return nil, err
	}
	return crashtest.Recorded(f, r.on.Open(filepath.Base(path))), nil
}

func (r recordedStorage) openDir(path string) (directory, error) {
	dir, err := osfile.OpenDir(path)
	if err != nil {
		return nil, err
	}
	return crashtest.Dir{Dir: dir, Disk: r.on, Name: filepath.Base(path)}, nil
}

func (r recordedStorage) mkdir(path string) error {
	r.on.Mkdir(filepath.Base(path))
	return disk{}.mkdir(path)
}

func (r recordedStorage) syncDir(string) error {
	r.on.SyncDir(".")
	return nil
}

// Tree returns the tree that c is of.
func (c Checkpoint) Tree() tlog.Tree { return c.body.Tree }
