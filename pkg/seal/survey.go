package seal

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// maxStrays is how many files a report names that do not belong to a sidecar.
const maxStrays = 10

// tileDirs matches the directories that tiles are in.
var tileDirs = regexp.MustCompile(`^tile(/(0|[1-9]\d?)(/x\d{3}){0,5}(/\d{3}\.p)?)?$`)

// survey looks at what files a sidecar has, without opening those that it does not
// know, and reports strays. What it returns as odd is a tile that a checkpoint
// covers, that nothing asks for, and that is another than in the tree.
func (s *sidecar) survey(ld *loaded, r *Report) (odd, err error) {
	err = s.surveyDir(".", ld, func(name string, t tlog.Tile) error {
		isTile := t.H > 0
		covered := tileOf(ld.last.N, t.L, t.N).W
		if isTile && (t.W == covered || ld.partials.has(t)) {
			return nil // it is compared with the lines
		}
		if isTile && covered > 0 {
			same, err := s.leadsTo(ld.last.Tree, t, min(t.W, covered))
			if err != nil {
				return err
			}
			if !same {
				odd = s.changedTile(t)
				return nil
			}
			if t.W < covered {
				return nil
			}
		}
		if r.StrayCount++; len(r.Strays) < maxStrays {
			r.Strays = append(r.Strays, name)
		}
		return nil
	})
	slices.Sort(r.Strays)
	return odd, err
}

// surveyDir calls do for each entry of a directory and those below it that is not
// known to belong to a sidecar by its name and its kind, or that is a tile, which
// otherwise has no height.
func (s *sidecar) surveyDir(dir string, ld *loaded, do func(name string, t tlog.Tile) error) error {
	return s.ReadDir(dir, func(entry fs.DirEntry) error {
		name := path.Join(dir, entry.Name())
		switch {
		case entry.IsDir() && tileDirs.MatchString(name):
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

// leadsTo reports whether the first hashes of a stored tile are those of a tree. If
// the tiles that it takes to know do not lead to the tree they are found otherwise.
func (s *sidecar) leadsTo(tree tlog.Tree, t tlog.Tile, width int) (bool, error) {
	stored, err := s.readFile(torchwood.TilePath(t), fullTile)
	if err != nil {
		return false, err
	}
	if len(stored) != t.W*tlog.HashSize {
		return false, nil
	}
	indexes := make([]int64, width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(t.L*torchwood.TileHeight, t.N*torchwood.TileWidth+int64(i))
	}
	hashes, err := s.tree(tree).ReadHashes(indexes)
	if err != nil {
		return true, nil
	}
	for i, h := range hashes {
		if !bytes.Equal(stored[i*tlog.HashSize:(i+1)*tlog.HashSize], h[:]) {
			return false, nil
		}
	}
	return true, nil
}
