package seal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// Options are options for [Log.Seal]. The zero value has the defaults.
type Options struct {
	// Origin names the log in its first checkpoint; the default is the name of
	// the key. Later ones keep it; to ask for another one is an error.
	Origin string

	// Full has the whole log verified first, not only what can be checked
	// without reading it all.
	Full bool

	// Closing says that the file is about to be moved away, so that the lines
	// that come after those that are in it now will be in another one.
	Closing bool
}

// Sealed is what came of sealing.
type Sealed struct {
	Checkpoint
	New int64 // lines that were not sealed before
}

// Seal brings the sidecar up to the log: it adds the lines that came since the
// last time to the tree, and signs the result. With no lines to add nothing is
// signed, but for an empty log that never was.
//
// What was sealed is not read again. Only this is checked before: that the log is
// not shorter than it was, and that the last lines, those of the last tile, are the
// ones that were sealed. If not, or if the sidecar was changed, the error is a
// [*ChangedError], and [ErrOtherKey] if another key signed before. As the tree
// grows from what is stored, a change to an older line stays to be found by
// [Log.Verify].
//
// Lines are synced first, then the tiles, then the checkpoint. Killed at any point,
// the next Seal goes on from the last checkpoint that was stored. Several processes
// may seal at once: one waits for the other.
func (l Log) Seal(ctx context.Context, key *Key, o Options) (Sealed, error) {
	l = l.resolve()
	if strings.Contains(o.Origin, "\n") {
		return Sealed{}, errors.New("an origin is one line")
	}
	s := l.sidecar()
	err := l.check()
	if err == nil {
		err = os.Mkdir(string(s), 0o700)
	}
	// A log that was moved away, and is not there yet again, may still be sealed.
	if _, statErr := os.Stat(string(s)); err != nil && statErr != nil {
		return Sealed{}, err
	}
	lock, err := s.lock(false)
	if err != nil {
		return Sealed{}, err
	}
	defer lock.Close()

	st, err := s.load(key.verifier, false)
	if err == nil && st.signed && (st.cutShort || st.history.count == 0) {
		// One that was cut short comes to its end first, and what others made gets
		// a manifest, so that there never is more than one checkpoint that the
		// manifest does not know of.
		if _, err = l.grow(ctx, key, st, st.last.N, false); err == nil {
			st, err = s.load(key.verifier, false)
		}
	}
	if err != nil {
		return Sealed{}, err
	}
	switch origin := st.last.Origin; {
	case !st.signed:
		st.last.Origin = o.Origin
		if o.Origin == "" {
			st.last.Origin = key.Name()
		}
	case o.Origin != "" && o.Origin != origin:
		return Sealed{}, fmt.Errorf("the origin of the log is %s, not %s", origin, o.Origin)
	}
	if o.Full {
		if err := l.verifyAll(ctx, st); err != nil {
			return Sealed{}, err
		}
	}
	return l.grow(ctx, key, st, math.MaxInt64, o.Closing)
}

// grow adds what came behind the state to the tree, up to a number of lines, and
// signs it.
func (l Log) grow(ctx context.Context, key *Key, st *state, limit int64, closing bool) (Sealed, error) {
	s := l.sidecar()
	for tries := 1; ; tries++ {
		g := &growth{log: l, sidecar: s, state: st, limit: limit, tiles: tileWriter{sidecar: s}}
		defer g.close()
		switch err := g.run(ctx); {
		case err == nil:
			return g.sign(key, closing)
		case !errors.Is(err, errMoved) || tries == maxTries:
			return Sealed{}, err
		}
	}
}

// A growth is a sidecar that is brought up to its log.
type growth struct {
	log     Log
	sidecar sidecar
	state   *state
	limit   int64 // lines of the tree
	edge    *edge
	tiles   tileWriter
	files   []file
	read    []*reader // files with lines that were not sealed before
}

// run adds the lines that were not sealed yet. What it reads begins a little
// before them, so that it passes the last checkpoint on the way: there the root
// must be the one that was signed.
func (g *growth) run(ctx context.Context) error {
	files, err := g.log.files()
	if err != nil {
		return err
	}
	start, err := g.start(files)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return g.log.check() // it is gone
	}
	tree := g.sidecar.tree(g.state.last.Tree)
	keep := func(tlog.Tile, []byte) error { return nil }
	if g.edge, err = loadEdge(start.leaf, tree, keep); err != nil {
		return g.sidecar.mistaken(err)
	}
	for at := start.at; at >= 0; at-- {
		if err := g.add(ctx, files[at], start); err != nil {
			return err
		}
		start = place{leaf: g.edge.n}
	}
	if sealed := g.state.last.N; g.edge.n < sealed {
		return &ChangedError{Short: true, Reason: fmt.Sprintf("%d lines were sealed, %d are left", sealed, g.edge.n)}
	}
	return nil
}

// A place is where in a log reading begins: at an offset of one of its files,
// which begins with some lines that are not read.
type place struct {
	at     int // of the files that were found
	leaf   int64
	lines  int64
	offset int64
}

// start returns where to begin, and takes the files before that over from the
// manifest.
func (g *growth) start(files []found) (place, error) {
	m, tree := g.state.manifest, g.sidecar.tree(g.state.last.Tree)
	if m == nil {
		at, err := g.log.locate([]file{{lines: g.state.last.N}}, 0, false, files, tree)
		if err != nil {
			return place{}, g.sidecar.mistaken(err)
		}
		return place{at: max(0, at[0])}, nil
	}
	if len(m.files) == 0 {
		return place{}, nil
	}
	last := m.files[len(m.files)-1]
	size := m.size()
	at, err := g.log.locate(m.files[len(m.files)-1:], size-last.lines, m.closed, files, tree)
	if err != nil {
		return place{}, g.sidecar.mistaken(err)
	}
	if at[0] < 0 {
		return place{}, &ChangedError{Short: true, Reason: "the file that was sealed last is gone"}
	}
	for _, f := range m.files[:len(m.files)-1] {
		f.name = g.log.moved(f.name, last.name, files[at[0]].path)
		g.files = append(g.files, f)
	}
	p := place{at: at[0], leaf: size - last.lines}
	r, err := g.log.open(files[p.at])
	if err != nil {
		return place{}, err
	}
	defer r.Close()
	if r.packed != nil {
		return p, nil // there is no way to its end but from the start
	}
	st, err := r.raw.Stat()
	if err != nil {
		return place{}, err
	}
	if st.Size() < last.bytes {
		return place{}, &ChangedError{Short: true, Reason: fmt.Sprintf("%d bytes were sealed of %s, %d are left", last.bytes, files[p.at].path, st.Size())}
	}
	tile := (size - 1) / torchwood.TileWidth * torchwood.TileWidth
	if tile > p.leaf {
		p.lines, p.leaf = tile-p.leaf, tile
		p.offset, err = beforeLines(r.raw, last.bytes, size-tile)
	}
	return p, err
}

// beforeLines returns the offset of the last n lines before an offset, or the
// start where there are not so many.
func beforeLines(r io.ReaderAt, offset, n int64) (int64, error) {
	var buf [64 << 10]byte
	n++ // the line feed before them
	for offset > 0 {
		chunk := buf[:min(offset, int64(len(buf)))]
		offset -= int64(len(chunk))
		if _, err := r.ReadAt(chunk, offset); err != nil {
			return 0, err
		}
		for i := len(chunk) - 1; i >= 0; i-- {
			if chunk[i] != '\n' {
				continue
			}
			if n--; n == 0 {
				return offset + int64(i) + 1, nil
			}
		}
	}
	return 0, nil
}

// add adds the lines of a file from some place on.
func (g *growth) add(ctx context.Context, f found, from place) error {
	r, err := g.log.open(f)
	if err != nil {
		return err
	}
	g.read = append(g.read, r)
	if from.offset > 0 {
		if _, err := r.raw.Seek(from.offset, io.SeekStart); err != nil {
			return err
		}
	}
	in := &lines{src: r}
	if sealed := g.state.last.N; g.edge.n < sealed {
		if err := g.edge.grow(ctx, in, sealed-g.edge.n); err != nil {
			return fmt.Errorf("read %s: %w", f.path, err)
		}
		if g.edge.n == sealed {
			root, err := g.edge.root()
			if err != nil {
				return err
			}
			if root != g.state.last.Hash {
				return changedf("the lines from %d to %d are not those that were sealed", from.leaf+1, sealed)
			}
		}
	}
	if g.edge.n >= g.state.last.N {
		g.edge.full = g.tiles.write
		if err := g.edge.grow(ctx, in, g.limit-g.edge.n); err != nil {
			return fmt.Errorf("read %s: %w", f.path, err)
		}
	}
	if lines := from.lines + in.n; lines > 0 {
		g.files = append(g.files, file{lines: lines, bytes: from.offset + in.bytes, name: g.log.name(f.path)})
	}
	return nil
}

func (g *growth) close() {
	for _, r := range g.read {
		r.Close()
	}
}

// sign syncs what was added, signs it, and stores the checkpoint.
func (g *growth) sign(key *Key, closing bool) (Sealed, error) {
	st, s := g.state, g.sidecar
	sealed := Sealed{Checkpoint: st.last, New: g.edge.n - st.last.N}
	m := &manifest{origin: st.last.Origin, time: time.Now(), history: st.history, files: g.files, closed: closing}
	foreign := st.signed && st.history.count == 0
	var entry []byte // to be appended to the checkpoints
	if foreign {
		entry = st.last.signed
		m.history.add(entry)
	}
	if sealed.New > 0 || !st.signed {
		for _, r := range g.read {
			if err := r.sync(); err != nil {
				return Sealed{}, err
			}
		}
		if err := g.edge.partial(g.tiles.write); err != nil {
			return Sealed{}, err
		}
		if err := g.tiles.sync(); err != nil {
			return Sealed{}, err
		}
		root, err := g.edge.root()
		if err != nil {
			return Sealed{}, err
		}
		sealed.Checkpoint.Checkpoint = torchwood.Checkpoint{Origin: m.origin, Tree: tlog.Tree{N: g.edge.n, Hash: root}}
		if sealed.signed, err = key.sign(sealed.String()); err != nil {
			return Sealed{}, err
		}
		entry = append(entry, sealed.signed...)
		m.history.add(sealed.signed)
	} else if !foreign && !st.cutShort {
		if slices.Equal(m.files, st.manifest.files) && m.closed == st.manifest.closed {
			return sealed, nil
		}
		m.time = st.manifest.time
	}
	signed, err := key.sign(m.String())
	if err == nil {
		err = s.append(checkpointsName, st.history.bytes, entry)
	}
	if err == nil {
		err = s.replaceSynced(checkpointName, sealed.signed)
	}
	if err == nil {
		err = s.replaceSynced(manifestName, signed)
	}
	if err != nil {
		return Sealed{}, err
	}
	return sealed, g.clean()
}

// clean removes tiles of the last checkpoint that were not full and are now.
func (g *growth) clean() error {
	before := edge{n: g.state.last.N}
	for level := 0; before.n>>(level*torchwood.TileHeight) > 0; level++ {
		t := before.tile(level)
		if t.W == 0 || t.N == g.edge.tile(level).N {
			continue
		}
		if err := os.RemoveAll(filepath.Dir(g.sidecar.path(torchwood.TilePath(t)))); err != nil {
			return err
		}
	}
	return nil
}
