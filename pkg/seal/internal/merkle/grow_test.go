package merkle_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A tree that grew in any steps is the same as one that was computed line by line. The
// steps are pieces of the text, whose lengths are the bytes of cuts; a byte above 127 is a
// number of blank lines instead, since a tile is full only after 256 lines. The last step
// is the rest of the text.
func FuzzTreeGrows(f *testing.F) {
	f.Add([]byte("{}\n{}\n"), []byte{3, 3})
	f.Add([]byte("{}\nno end yet\n\r\n"), []byte{7, 1, 100})
	f.Add([]byte("a\nb\nc"), []byte{1, 255, 1, 255, 1, 200, 130, 128, 129, 100})
	f.Add([]byte("\n"), []byte{1, 255, 255, 128, 1})
	f.Fuzz(func(t *testing.T, text, cuts []byte) {
		cuts = cuts[:min(len(cuts), 8)]
		steps := make([]string, 0, len(cuts)+1)
		for _, cut := range cuts {
			if cut > 127 {
				steps = append(steps, strings.Repeat("\n", int(cut)-127))
				continue
			}
			n := min(len(text), int(cut))
			steps, text = append(steps, string(text[:n])), text[n:]
		}
		steps = append(steps, string(text[:min(len(text), 1<<10)]))
		tree, log, sealed := new(growing), "", 0
		for _, step := range steps {
			log += step
			// An incomplete line counts once its line feed has come.
			begin := offsetOfLine(log[:sealed], tree.begin())
			if err := tree.grow(context.Background(), iotest.HalfReader(strings.NewReader(log[begin:]))); err != nil {
				t.Fatal(err)
			}
			sealed = strings.LastIndexByte(log, '\n') + 1
		}
		if want := plainTree(t, log); tree.Tree != want {
			t.Errorf("%q: got %v, want %v", steps, tree.Tree, want)
		}
	})
}

// While a tile is being written, other blocks are hashed, but only some of them are kept
// until it is. The order in which they are ready does not matter.
func TestGrowWaits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	const lines = 1 << 19
	synctest.Test(t, func(t *testing.T) {
		var written atomic.Int64
		proceed := make(chan struct{})
		slow := &merkle.Edge{Full: func(tile tlog.Tile, _ []byte) error {
			if tile.L == 0 && tile.N == 0 {
				<-proceed
			}
			written.Add(1)
			return nil
		}}
		grown := make(chan error)
		grow := func(e *merkle.Edge) error {
			return e.Grow(t.Context(), merkle.NewLines(strings.NewReader(strings.Repeat("\n", lines))), math.MaxInt64)
		}
		go func() { grown <- grow(slow) }()
		synctest.Wait()
		if n := written.Load(); n < 64 || n > lines/torchwood.TileWidth/2 {
			t.Errorf("%d tiles were written before the first", n)
		}
		close(proceed)
		fast := new(merkle.Edge)
		if err := errors.Join(<-grown, grow(fast)); err != nil {
			t.Fatal(err)
		}
		root, _ := slow.Root()
		if want, _ := fast.Root(); root != want || slow.Leaves() != lines {
			t.Errorf("%d leaves, root %v, want %v", slow.Leaves(), root, want)
		}
	})
}

// The first error ends it.
func TestGrowFails(t *testing.T) {
	failed := errors.New("failed")
	text := strings.Repeat("\n", 1<<18)
	for name, c := range map[string]struct {
		edge merkle.Edge
		in   io.Reader
	}{
		"reading":         {merkle.Edge{}, io.MultiReader(strings.NewReader(text), iotest.ErrReader(failed))},
		"a tile":          {merkle.Edge{Full: func(t tlog.Tile, _ []byte) error { return failIf(t.L == 0 && t.N == 500, failed) }}, strings.NewReader(text)},
		"a tile above":    {merkle.Edge{Full: func(t tlog.Tile, _ []byte) error { return failIf(t.L == 1 && t.N == 2, failed) }}, strings.NewReader(text)},
		"what is amended": {merkle.Edge{Amend: func(leaf int64, _ []byte) error { return failIf(leaf > 1<<17, failed) }}, strings.NewReader(text)},
	} {
		if err := c.edge.Grow(t.Context(), merkle.NewLines(c.in), math.MaxInt64); err != failed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func failIf(fails bool, err error) error {
	if fails {
		return err
	}
	return nil
}

// offsetOfLine returns the offset of line n of a text, counted from 0.
func offsetOfLine(text string, n int64) (offset int) {
	for range n {
		offset += strings.IndexByte(text[offset:], '\n') + 1
	}
	return offset
}

// plainTree computes the tree of a text line by line.
func plainTree(t *testing.T, text string) tlog.Tree {
	t.Helper()
	var tree tlog.Tree
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, i := range indexes {
			hashes = append(hashes, stored[i])
		}
		return hashes, nil
	})
	lines := strings.Split(text, "\n")
	for _, line := range lines[:len(lines)-1] {
		hashes, err := tlog.StoredHashes(tree.N, []byte(line), reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
		tree.N++
	}
	var err error
	if tree.Hash, err = tlog.TreeHash(tree.N, reader); err != nil {
		t.Fatal(err)
	}
	return tree
}

// A growing is a tree that grows in memory as that of a sidecar does on disk.
type growing struct {
	tlog.Tree
	tiles memoryTiles
}

// begin returns the line at which to begin reading, as when a log is sealed: the first of
// the last tile.
func (t *growing) begin() int64 { return max(0, t.N-1) / torchwood.TileWidth * torchwood.TileWidth }

// grow adds the lines of r, which begin with line begin. The first ones are in the tree
// already.
func (t *growing) grow(ctx context.Context, r io.Reader) error {
	e := new(merkle.Edge)
	if t.N > 0 {
		var err error
		if e, err = merkle.LoadEdge(t.begin(), tlog.TileHashReader(t.Tree, &t.tiles), nil); err != nil {
			return err
		}
	}
	in := merkle.NewLines(r)
	e.Full = func(tlog.Tile, []byte) error { return nil }
	if err := e.Grow(ctx, in, t.N-e.Leaves()); err != nil {
		return err
	}
	e.Full = t.tiles.write
	if err := e.Grow(ctx, in, math.MaxInt64-e.Leaves()); err != nil {
		return err
	}
	if err := e.Partial(t.tiles.write); err != nil {
		return err
	}
	root, err := e.Root()
	t.Tree = tlog.Tree{N: e.Leaves(), Hash: root}
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
