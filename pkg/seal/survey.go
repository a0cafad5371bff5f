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

// maxStrays is how many files a report names that do not belong to a sidecar.
const maxStrays = 10

// tileDirs matches the directories that tiles are in.
var tileDirs = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^tile(/(0|[1-9]\d?)(/x\d{3}){0,5}(/\d{3}\.p)?)?$`)
})

// survey looks at what files a sidecar has, without opening those that it does not
// know, and reports strays. What it returns as odd is a tile that a checkpoint asks
// for and that is not as in the tree, among those that nothing else looks at.
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

// isStray reports whether a tile is one that no checkpoint needs and that has other
// hashes than the tree, or more. It may be left by a seal that was interrupted: what
// that had written need not be there as it was, or at all. A tile that a checkpoint
// asks for, in place of which there is a full one now, must be right.
func (s *sidecar) isStray(ld *loaded, t tlog.Tile) (bool, error) {
	now := merkle.TileOf(ld.last.body.N, t.L, t.N)
	asked := t.W < torchwood.TileWidth && ld.signed.AskFor(t)
	switch {
	case t.W == now.W, asked && now.W < torchwood.TileWidth:
		return false, nil // it is compared with the lines
	case t.W > now.W:
		return true, nil
	}
	same, err := s.isInTree(ld.last.body.Tree, t)
	if err == nil && !same && asked {
		err = s.changedTile(t)
	}
	return !same, err
}

// surveyDir calls do for each entry of a directory and those below it that is not
// known to belong to a sidecar by its name and its kind, or that is a tile, which
// otherwise has no height.
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
		case name == checkpointName, ld.manifest != nil && (name == checkpointsName || name == manifestName):
			return nil
		}
		t, err := torchwood.ParseTilePath(name)
		if err != nil || t.L < 0 || torchwood.TilePath(t) != name {
			t = tlog.Tile{}
		}
		return do(name, t)
	})
}

// isInTree reports whether the hashes of a stored tile are those of a tree. Where the
// tiles that it takes to know do not lead to the tree, that is found otherwise.
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
