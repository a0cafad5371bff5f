package seal

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/osfile"
)

// Names in a sidecar.
const (
	checkpointName  = "checkpoint"
	checkpointsName = "checkpoints"
	manifestName    = "manifest"
)

// A sidecar is the directory beside a log that has its tree.
type sidecar string

func (s sidecar) path(name string) string { return filepath.Join(string(s), filepath.FromSlash(name)) }

// read returns what is in a file, nothing if there is none.
func (s sidecar) read(name string) ([]byte, error) {
	data, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// replace puts data in the place of a file. It is not synced yet.
func (s sidecar) replace(name string, data []byte) error {
	target := s.path(name)
	part := target + ".part"
	err := os.WriteFile(part, data, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(target), 0o700); err == nil {
			err = os.WriteFile(part, data, 0o600)
		}
	}
	if err == nil {
		err = os.Rename(part, target)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// replaceSynced is as replace, and syncs the file.
func (s sidecar) replaceSynced(name string, data []byte) error {
	return cmp.Or(s.replace(name, data), s.sync(name))
}

// sync syncs a file, and the directories that lead to it.
func (s sidecar) sync(name string) error {
	f, err := os.OpenFile(s.path(name), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	f.Close()
	for dir := path.Dir(name); err == nil; dir = path.Dir(dir) {
		err = osfile.SyncDir(s.path(dir))
		if dir == "." {
			break
		}
	}
	return err
}

// lock keeps other processes from changing the sidecar, or, if shared, only from
// that, until what it returns is closed.
func (s sidecar) lock(shared bool) (io.Closer, error) {
	dir, err := os.Open(string(s))
	if err != nil {
		return nil, err
	}
	if shared {
		err = osfile.LockShared(dir)
	} else {
		err = osfile.Lock(dir)
	}
	if err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}

// append appends data to a file, cut to some size before, and syncs it.
func (s sidecar) append(name string, size int64, data []byte) error {
	f, err := os.OpenFile(s.path(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = f.Truncate(size)
	if err == nil {
		_, err = f.WriteAt(data, size)
	}
	return cmp.Or(err, f.Close(), s.sync(name))
}

// tile returns the hashes of a tile. Those of one that is not full may stand in
// one that is wider by now.
func (s sidecar) tile(t tlog.Tile) ([]byte, error) {
	hashes, err := os.ReadFile(s.path(torchwood.TilePath(t)))
	if size := t.W * tlog.HashSize; errors.Is(err, fs.ErrNotExist) && size < fullTile {
		t.W = torchwood.TileWidth
		wider, fullErr := os.ReadFile(s.path(torchwood.TilePath(t)))
		if fullErr == nil && len(wider) >= size {
			return wider[:size], nil
		}
	}
	return hashes, err
}

// tree returns the hashes of a tree. They are checked to lead to its root.
func (s sidecar) tree(tree tlog.Tree) tlog.HashReader {
	if tree.N == 0 {
		return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			if len(indexes) > 0 {
				return nil, errors.New("the tree is empty")
			}
			return nil, nil
		})
	}
	return tlog.TileHashReader(tree, tileReader(s))
}

// mistaken makes the error for a tree that cannot be read, or does not lead to what
// was signed.
func (s sidecar) mistaken(err error) error {
	var pathErr *fs.PathError
	if errors.Is(err, errMoved) || errors.As(err, &pathErr) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return changedf("the tiles in %s do not lead to what was signed: %v", s, err)
}

// A tileReader is a sidecar as tlog reads it.
type tileReader sidecar

var _ tlog.TileReader = tileReader("")

func (tileReader) Height() int { return torchwood.TileHeight }

func (r tileReader) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		hashes, err := sidecar(r).tile(t)
		if err != nil {
			return nil, err
		}
		data = append(data, hashes)
	}
	return data, nil
}

func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
