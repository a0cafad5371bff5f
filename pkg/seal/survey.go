package seal

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// maxStrays is how many strays a report names.
const maxStrays = 10

// tileDirs matches the directories of tiles.
var tileDirs = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^tile(/(0|[1-9]\d?)(/x\d{3}){0,5}(/\d{3}\.p)?)?$`)
})

// survey lists the files of a sidecar, without opening unknown ones, and reports strays.
// It returns as odd the error for a tile that a checkpoint needs, that nothing else
// compares, and that differs from the tree.
func (s *sidecar) survey(ld *loaded, r *Report) (odd, err error) {
	err = s.surveyDir(".", ld, func(name string, t tlog.Tile) error {
		stray := true
		if t.H > 0 {
			stray, err = s.isStray(ld, t)
		}
		switch {
		case errors.As(err, new(*ChangedError)):
			odd = err
		case err != nil:
			return err
		case stray:
			if r.StrayCount++; len(r.Strays) < maxStrays {
				r.Strays = append(r.Strays, name)
			}
		}
		return nil
	})
	slices.Sort(r.Strays)
	return odd, err
}

// isStray reports whether a tile is needed by no checkpoint and has other or more hashes
// than the tree. An interrupted seal may have left it: nothing of what that wrote was
// promised to be kept. A partial tile that a checkpoint needs must be right, even if there
// is a full one now.
func (s *sidecar) isStray(ld *loaded, t tlog.Tile) (bool, error) {
	now := merkle.TileOf(ld.last.body.N, t.L, t.N)
	asked := t.W < torchwood.TileWidth && ld.signed.Need(t)
	switch {
	case t.W == now.W, asked && now.W < torchwood.TileWidth:
		return false, nil // compared with the lines
	case t.W > now.W:
		return true, nil
	}
	same, err := s.isInTree(ld.last.body.Tree, t)
	if err == nil && !same && asked {
		err = s.changedTile(t)
	}
	return !same, err
}

// surveyDir calls do for each tile in a directory and those below it, and, with a zero
// tile, for each entry that does not belong to a sidecar by its name and kind.
func (s *sidecar) surveyDir(dir string, ld *loaded, do func(name string, t tlog.Tile) error) error {
	return s.ReadDir(dir, func(entry fs.DirEntry) error {
		name := path.Join(dir, entry.Name())
		switch {
		case entry.IsDir() && tileDirs().MatchString(name):
			return s.surveyDir(name, ld, do)
		case entry.IsDir():
			return do(name+"/", tlog.Tile{})
		case !entry.Type().IsRegular():
			return do(name, tlog.Tile{})
		case name == checkpointName, ld.manifest != nil && (name == checkpointsName || name == manifestName || name == erasuresName):
			return nil
		}
		t, err := torchwood.ParseTilePath(name)
		if err != nil || t.L < 0 || torchwood.TilePath(t) != name {
			t = tlog.Tile{}
		}
		return do(name, t)
	})
}

// isInTree reports whether the hashes of a stored tile are those of a tree. If the tiles
// needed to know that do not lead to the tree, it returns true: that is found elsewhere.
func (s *sidecar) isInTree(tree tlog.Tree, t tlog.Tile) (bool, error) {
	stored, err := s.readFile(torchwood.TilePath(t), merkle.FullTile)
	if err != nil {
		return false, err
	}
	indexes := make([]int64, t.W)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(t.L*torchwood.TileHeight, t.N*torchwood.TileWidth+int64(i))
	}
	hashes, err := s.tree(tree).ReadHashes(indexes)
	if err != nil {
		return true, nil
	}
	var want []byte
	for _, h := range hashes {
		want = append(want, h[:]...)
	}
	return bytes.Equal(stored, want), nil
}
