package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"filippo.io/torchwood"

	"auditctl/pkg/seal/internal/merkle"
)

// An extension adds to a tree what came since the last seal.
type extension struct {
	log     Log
	sidecar *sidecar
	state   *state
	limit   int64 // how many lines the tree may have
	edge    *merkle.Edge
	tiles   tileWriter
	whole   bool // the last file that was sealed is read from its start
	files   []file
	read    []*reader // files with lines that were not sealed before
	unended bool      // there is an incomplete last line
}

// extend adds what came after the state to the tree, up to limit lines in all, and signs
// it.
func (l Log) extend(ctx context.Context, key *Key, s *sidecar, st *state, limit int64, closing bool) (Sealed, error) {
	var sealed Sealed
	err := again(func() (err error) {
		x := l.extension(s, st, limit)
		defer func() { x.close() }()
		err = x.run(ctx)
		if errors.As(err, new(*ChangedError)) && x.mayBeHalfErased() {
			x.close()
			x = l.extension(s, st, limit)
			x.whole = true
			err = x.run(ctx)
		}
		if err == nil {
			sealed, err = x.sign(key, closing)
		}
		return err
	})
	return sealed, err
}

func (l Log) extension(s *sidecar, st *state, limit int64) *extension {
	return &extension{log: l, sidecar: s, state: st, limit: limit, tiles: tileWriter{sidecar: s, dirs: make(map[string]bool)}}
}

// mayBeHalfErased reports whether lines of the file that was sealed last were erased. If
// some of them are still there, or the manifest does not know of it yet, it is not known
// where in the file the last lines begin.
func (x *extension) mayBeHalfErased() bool {
	m := x.state.manifest
	return m != nil && len(m.files) > 0 && x.state.erasures.lines.intersects(m.tree.N-m.files[len(m.files)-1].lines+1, m.tree.N)
}

// run adds the lines that were not sealed yet. It begins to read a little before them, to
// check that the tree still has the root of the last checkpoint.
func (x *extension) run(ctx context.Context) error {
	files, err := x.log.files()
	if err != nil {
		return err
	}
	start, err := x.start(files)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return x.log.check() // the log is gone
	}
	if x.edge, err = merkle.LoadEdge(start.leaf, x.sidecar.tree(x.state.last.body.Tree), nil); err != nil {
		return x.sidecar.treeError(err)
	}
	x.edge.Amend = (&restorer{sidecar: x.sidecar, size: x.state.last.body.N, list: x.state.erasures}).amend
	for from := start; from.at >= 0; from = (place{at: from.at - 1, leaf: x.edge.Leaves()}) {
		if err := x.add(ctx, files, from); err != nil {
			return err
		}
	}
	if sealed := x.state.last.body.N; x.edge.Leaves() < sealed {
		return &ChangedError{Short: true, Reason: fmt.Sprintf("%d lines were sealed, %d are left", sealed, x.edge.Leaves())}
	}
	return nil
}

// A place is where to begin reading in the files of a log.
type place struct {
	at     int   // the index of the file
	leaf   int64 // the leaf of the first line read
	lines  int64 // how many lines of the file are skipped
	offset int64 // and how many bytes
}

// start returns where to begin, and copies the files before that from the manifest.
func (x *extension) start(files []found) (place, error) {
	m := x.state.manifest
	switch {
	case !x.state.signed:
		return place{}, nil
	case m == nil:
		at, err := x.locate(file{lines: x.state.last.body.N}, 0, false, files)
		return place{at: max(0, at)}, err
	case len(m.files) == 0:
		return place{at: writtenSince(files, m.time)}, nil
	}
	last := m.files[len(m.files)-1]
	size := m.tree.N
	at, err := x.locate(last, size-last.lines, m.closed, files)
	if err != nil {
		return place{}, err
	}
	if at < 0 {
		return place{}, &ChangedError{Short: true, Reason: last.name + ", which was sealed last, is gone"}
	}
	for _, f := range m.files[:len(m.files)-1] {
		f.name = x.log.moved(f.name, last.name, files[at].path)
		x.files = append(x.files, f)
	}
	p := place{at: at, leaf: size - last.lines}
	r, err := x.log.open(files[at])
	if err != nil {
		return place{}, err
	}
	defer r.Close()
	if r.decompressor != nil || x.whole {
		return p, nil
	}
	st, err := r.raw.Stat()
	if err != nil {
		return place{}, err
	}
	if st.Size() < last.bytes {
		return place{}, &ChangedError{Short: true, Reason: fmt.Sprintf("%d bytes of %s were sealed, %d are left", last.bytes, files[at].path, st.Size())}
	}
	tile := (size - 1) / torchwood.TileWidth * torchwood.TileWidth
	if tile > p.leaf {
		p.lines, p.leaf = tile-p.leaf, tile
		p.offset, err = beforeLines(r.raw, last.bytes, size-tile)
	}
	return p, err
}

// locate returns the index of a file that begins with a leaf, -1 if it is gone.
func (x *extension) locate(f file, leaf int64, closed bool, files []found) (int, error) {
	began, err := beginnings([]file{f}, leaf, x.sidecar.tree(x.state.last.body.Tree), x.state.erasures)
	if err != nil {
		return 0, x.sidecar.treeError(err)
	}
	at, err := x.log.locate(began, closed, files)
	if err != nil {
		return 0, err
	}
	return at[0], nil
}

// writtenSince returns how many of the older files, which are newest first, were written to
// since t before there is one that was not.
func writtenSince(files []found, t time.Time) int {
	at := 0
	for at+1 < len(files) && !files[at+1].info.ModTime().Before(t) {
		at++
	}
	return at
}

// beforeLines returns the offset of the last n lines before an offset, or 0 if there are
// fewer.
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

// add adds the lines of one of the files, beginning at a place.
func (x *extension) add(ctx context.Context, files []found, from place) error {
	r, err := x.log.openOneOf(files, from.at)
	if err != nil {
		return err
	}
	x.read = append(x.read, r)
	if from.offset > 0 {
		if _, err := r.raw.Seek(from.offset, io.SeekStart); err != nil {
			return err
		}
	}
	in := merkle.NewLines(r)
	if sealed := x.state.last.body.N; x.edge.Leaves() < sealed {
		if err := x.edge.Grow(ctx, in, sealed-x.edge.Leaves()); err != nil {
			return err
		}
		if x.edge.Leaves() == sealed {
			root, err := x.edge.Root()
			if err != nil {
				return err
			}
			if root != x.state.last.body.Hash {
				return changedf("the lines from %d to %d are not those that were sealed", from.leaf+1, sealed)
			}
		}
	}
	if x.edge.Leaves() >= x.state.last.body.N {
		x.edge.Full = x.tiles.write
		if err := x.edge.Grow(ctx, in, x.limit-x.edge.Leaves()); err != nil {
			return err
		}
	}
	x.unended = x.unended || in.Unended()
	lines, size := in.Size()
	if lines += from.lines; lines > 0 {
		x.files = append(x.files, file{lines: lines, bytes: from.offset + size, name: x.log.name(files[from.at].path)})
	}
	return nil
}

// moved reports whether the last file with lines was rotated: further lines will be in
// another file, even if that begins with the same lines.
func (x *extension) moved() bool {
	last := len(x.files) - 1
	return last >= 0 && x.files[last].name != x.log.numbered(0)
}

func (x *extension) close() {
	for _, r := range x.read {
		r.Close()
	}
}

// sign syncs what was added, signs it, and stores first the manifest and then its
// checkpoint.
func (x *extension) sign(key *Key, closing bool) (Sealed, error) {
	st := x.state
	m := &manifest{origin: st.last.body.Origin, tree: st.last.body.Tree, time: time.Now(), files: x.files, closed: closing || x.moved()}
	if old := st.manifest; old != nil {
		m.history, m.erased = old.history, old.erased
	}
	sealed := Sealed{Checkpoint: st.last, New: x.edge.Leaves() - st.last.body.N, Unended: x.unended}
	switch {
	case sealed.New > 0 || st.manifest == nil:
		if err := x.store(); err != nil {
			return Sealed{}, err
		}
		var err error
		if m.tree.Hash, err = x.edge.Root(); err != nil {
			return Sealed{}, err
		}
		m.tree.N = x.edge.Leaves()
		signed, err := key.sign(m.checkpoint().String())
		if err != nil {
			return Sealed{}, err
		}
		m.history.add(signed)
	case slices.Equal(m.files, st.manifest.files) && m.closed == st.manifest.closed:
		return sealed, nil
	default: // only the files were renamed
		m.time = st.manifest.time
	}
	signed, err := key.sign(m.String())
	if err == nil {
		err = x.sidecar.replaceSynced(manifestName, signed)
	}
	if err == nil {
		sealed.Checkpoint, err = x.sidecar.complete(key, m)
	}
	return sealed, cmp.Or(err, x.clean())
}

// store syncs the lines that were added, and then writes and syncs the tiles.
func (x *extension) store() error {
	for _, r := range x.read {
		if err := r.sync(); err != nil {
			return err
		}
	}
	if err := x.edge.Partial(x.tiles.write); err != nil {
		return err
	}
	return x.tiles.sync()
}

// clean removes partial tiles of the last checkpoint that are full now.
func (x *extension) clean() error {
	before, now := x.state.last.body.N, x.edge.Leaves()
	for level := 0; before>>(level*torchwood.TileHeight) > 0; level++ {
		t := merkle.LastTile(before, level)
		if t.W == 0 || t.N == merkle.LastTile(now, level).N {
			continue
		}
		if err := x.sidecar.RemoveAll(path.Dir(torchwood.TilePath(t))); err != nil {
			return err
		}
	}
	return nil
}
