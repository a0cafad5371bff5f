package seal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A comparison rebuilds the tree of a log and compares it with the one that was stored and
// signed.
type comparison struct {
	log     Log
	sidecar *sidecar
	*loaded
	report      *Report
	allowPruned bool

	edge     *merkle.Edge
	restorer *restorer

	mu      sync.Mutex
	differs []int64 // the index of the first different hash in each level of tiles
}

// none is the index of no hash.
const none = math.MaxInt64

// compare compares a log with what was sealed, and completes the report.
func (l Log) compare(ctx context.Context, s *sidecar, ld *loaded, r *Report, allowPruned bool) error {
	c := &comparison{log: l, sidecar: s, loaded: ld, report: r, allowPruned: allowPruned}
	return c.run(ctx)
}

func (c *comparison) run(ctx context.Context) error {
	all, err := c.log.files()
	if err != nil {
		return err
	}
	sealed := c.last.body.Tree
	tree := c.sidecar.tree(sealed)
	files := []file{{lines: sealed.N, bytes: -1, name: filepath.Base(c.log.Path)}}
	m := c.manifest
	if m != nil {
		files = m.files
	}
	at, err := c.locate(files, m != nil && m.closed, all, tree)
	if err != nil {
		return err
	}
	c.restorer = &restorer{sidecar: c.sidecar, size: sealed.N, list: c.erasures}
	c.edge = &merkle.Edge{Full: c.tile, Amend: c.restorer.amend}
	newest := len(all) // the newest file with sealed lines
	if m != nil && len(files) == 0 {
		newest = writtenSince(all, m.time) + 1
	}
	for i, f := range files {
		if at[i] < 0 || at[i] >= len(all) {
			if err := c.gone(i, files, tree); err != nil {
				return err
			}
			continue
		}
		newest = at[i]
		if err := c.file(ctx, all, at[i], f, i == len(files)-1); err != nil {
			return err
		}
	}
	for i := min(newest, len(all)) - 1; i >= 0; i-- {
		if err := c.countUnsealed(ctx, all, i); err != nil {
			return err
		}
	}
	c.report.StillThere = LinesOf(c.restorer.there...)
	return c.conclude(sealed)
}

// locate returns where the files are now. If the stored tiles were changed, it assumes
// that they are in the order of their names.
func (c *comparison) locate(files []file, closed bool, all []found, tree tlog.HashReader) ([]int, error) {
	began, err := beginnings(files, 0, tree, c.erasures)
	if err == nil {
		return c.log.locate(began, closed, all)
	}
	if changed := new(ChangedError); !errors.As(c.sidecar.treeError(err), &changed) {
		return nil, err
	}
	at := make([]int, len(files))
	for i := range files {
		at[i] = len(files) - 1 - i
	}
	return at, nil
}

// gone skips a file that does not exist any more. Its content is unknown, but the tree can
// be continued from the stored tiles.
func (c *comparison) gone(i int, files []file, tree tlog.HashReader) error {
	f := files[i]
	first := c.edge.Leaves() + 1
	c.report.Line = first
	err := &ChangedError{Short: true, Reason: fmt.Sprintf("the lines from %d to %d are gone with %s", first, c.edge.Leaves()+f.lines, f.name)}
	if !c.allowPruned || c.report.Pruned != c.edge.Leaves() || i == len(files)-1 {
		return err
	}
	e, loadErr := merkle.LoadEdge(c.edge.Leaves()+f.lines, tree, c.tile)
	if loadErr != nil {
		return c.sidecar.treeError(loadErr)
	}
	e.Amend = c.restorer.amend
	c.edge, c.report.Pruned, c.report.Line = e, c.edge.Leaves()+f.lines, 0
	return nil
}

// file adds the lines of one of all files, which was sealed as f.
func (c *comparison) file(ctx context.Context, all []found, at int, f file, last bool) error {
	r, err := c.log.openOneOf(all, at)
	if err != nil {
		return err
	}
	defer r.Close()
	r.complete = r.complete || !last
	in := merkle.NewLines(r)
	first := c.edge.Leaves() + 1
	if err := c.edge.Grow(ctx, in, f.lines); err != nil {
		return err
	}
	switch lines, size := in.Size(); {
	case lines < f.lines:
		return c.short(all[at].path)
	case f.bytes >= 0 && size != f.bytes && !c.halfErased(first, c.edge.Leaves()):
		c.odd = cmp.Or(c.odd, changedf("%s is not what was signed", c.sidecar.path(manifestName)))
	}
	n, unended, err := in.CountRest(ctx)
	switch {
	case err != nil:
		return err
	case last:
		c.report.Unsealed, c.report.Unended = n, unended
	case n > 0:
		c.odd = cmp.Or(c.odd, changedf("%s has more lines than were sealed", all[at].path))
	}
	return nil
}

// halfErased reports whether any of some lines is listed as erased but still there, or was
// just erased. The manifest then has another size of the file.
func (c *comparison) halfErased(first, last int64) bool {
	return c.manifest != nil && (c.erasures.since(c.manifest.erased).intersects(first, last) || LinesOf(c.restorer.there...).intersects(first, last))
}

func (c *comparison) countUnsealed(ctx context.Context, all []found, at int) error {
	r, err := c.log.openOneOf(all, at)
	if err != nil {
		return err
	}
	defer r.Close()
	n, unended, err := merkle.NewLines(r).CountRest(ctx)
	c.report.Unsealed += n
	c.report.Unended = c.report.Unended || unended
	return err
}

// short returns the error for a log with fewer lines than were sealed.
func (c *comparison) short(path string) error {
	if err := c.edge.Partial(c.tile); err != nil {
		return err
	}
	if line := c.firstDifference(); line != none {
		return c.changedAt(line)
	}
	c.report.Line = c.edge.Leaves() + 1
	return &ChangedError{Short: true, Reason: fmt.Sprintf("%d lines were sealed, line %d is missing in %s", c.last.body.N, c.edge.Leaves()+1, path)}
}

// conclude compares what remains once all lines were read.
func (c *comparison) conclude(sealed tlog.Tree) error {
	if err := c.edge.Partial(c.tile); err != nil {
		return err
	}
	root, err := c.edge.Root()
	if err != nil {
		return err
	}
	if root != sealed.Hash {
		return c.changedAt(c.firstDifference())
	}
	for level, i := range c.differs {
		if i != none {
			return c.sidecar.changedTile(merkle.TileOf(c.last.body.N, level, i/torchwood.TileWidth))
		}
	}
	if c.odd != nil {
		return c.odd
	}
	return c.edge.Partial(c.narrower)
}

// narrower compares the narrower versions of a partial tile that earlier checkpoints need.
func (c *comparison) narrower(t tlog.Tile, hashes []byte) error {
	for t.W--; t.W > 0; t.W-- {
		if !c.signed.Need(t) {
			continue
		}
		stored, err := c.sidecar.tile(t, new(tileBuffer))
		if err != nil || !bytes.Equal(stored, hashes[:t.W*tlog.HashSize]) {
			return c.sidecar.changedTile(t)
		}
	}
	return nil
}

var tileBuffers = sync.Pool{New: func() any { return new(tileBuffer) }}

// tile compares the first hashes of a tile with those that are stored.
func (c *comparison) tile(t tlog.Tile, hashes []byte) error {
	t = merkle.TileOf(c.last.body.N, t.L, t.N)
	first := t.N * torchwood.TileWidth
	buf := tileBuffers.Get().(*tileBuffer)
	defer tileBuffers.Put(buf)
	stored, err := c.sidecar.tile(t, buf)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(stored) != t.W*tlog.HashSize:
		c.differ(t.L, first)
		return nil
	case err != nil:
		return err
	}
	if !bytes.Equal(hashes, stored[:len(hashes)]) {
		i := 0
		for hashes[i] == stored[i] {
			i++
		}
		c.differ(t.L, first+int64(i/tlog.HashSize))
	}
	return nil
}

func (s *sidecar) changedTile(t tlog.Tile) error {
	return changedf("the lines are as they were sealed, but %s is not", s.path(torchwood.TilePath(t)))
}

func (c *comparison) differ(level int, hash int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for level >= len(c.differs) {
		c.differs = append(c.differs, none)
	}
	c.differs[level] = min(c.differs[level], hash)
}

// firstDifference returns the index of the first different leaf.
func (c *comparison) firstDifference() int64 {
	if len(c.differs) == 0 {
		return none
	}
	return c.differs[0]
}

// changedAt returns the error for a log whose first different leaf is given. The stored
// leaf can be trusted only if it leads to the root that was signed.
func (c *comparison) changedAt(leaf int64) error {
	if leaf == none {
		level := slices.IndexFunc(c.differs, func(i int64) bool { return i != none })
		if level < 0 {
			return changedf("a line was changed, and the tiles with it, so it is not known which")
		}
		width := int64(1) << (level * torchwood.TileHeight)
		first := c.differs[level] * width
		return changedf("a line from %d to %d was changed, and the tiles with it", first+1, first+width)
	}
	c.report.Line = leaf + 1
	if c.erasures.of(leaf+1) != nil {
		return changedf("line %d was erased, and what took its place was changed", leaf+1)
	}
	index := []int64{tlog.StoredHashIndex(0, leaf)}
	if _, err := c.sidecar.tree(c.last.body.Tree).ReadHashes(index); err != nil {
		return changedf("line %d differs from the tiles, and these are not those that were signed", leaf+1)
	}
	return changedf("line %d is not the one that was sealed", leaf+1)
}
