package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

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

// maxNote is how long a signed note may be: longer ones are not read.
const maxNote = 1 << 20

// A sidecar is the directory beside a log that has its tree.
type sidecar string

func (s sidecar) path(name string) string { return filepath.Join(string(s), filepath.FromSlash(name)) }

// create makes the directory, if there is none.
func (s sidecar) create() error {
	err := os.Mkdir(string(s), 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return cmp.Or(err, osfile.SyncDir(filepath.Dir(string(s))))
}

// lock keeps other processes from changing the sidecar, or, if shared, only from
// that, until what it returns is closed. It waits for those that do until ctx ends or,
// unless that is zero, for some time.
func (s sidecar) lock(ctx context.Context, shared bool, wait time.Duration) (io.Closer, error) {
	dir, err := os.Open(string(s))
	if err != nil {
		return nil, err
	}
	try := osfile.TryLock
	if shared {
		try = osfile.TryLockShared
	}
	for begun := time.Now(); ; {
		locked, err := try(dir)
		if locked {
			return dir, nil
		}
		switch {
		case err == nil && wait > 0 && time.Since(begun) >= wait:
			err = ErrBusy
		case err == nil:
			select {
			case <-time.After(pollLock):
				continue
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
		dir.Close()
		return nil, err
	}
}

// pollLock is how often a lock is tried that another process has.
const pollLock = 10 * time.Millisecond

// read returns what is in a file that holds a signed note, nothing if there is
// none.
func (s sidecar) read(name string) ([]byte, error) {
	data, err := readFile(s.path(name), maxNote)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// readFile returns what is in a file, of which no more than some bytes are wanted.
func readFile(path string, most int64) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// replace puts data in the place of a file. It is not synced yet.
func (s sidecar) replace(name string, data []byte) error {
	return s.replaceAfter(name, data, func(*os.File) error { return nil })
}

// replaceSynced puts data in the place of a file, so that after a crash either is
// there whole.
func (s sidecar) replaceSynced(name string, data []byte) error {
	if err := s.replaceAfter(name, data, (*os.File).Sync); err != nil {
		return err
	}
	return osfile.SyncDir(filepath.Dir(s.path(name)))
}

// replaceAfter puts data in the place of a file after something was done with it.
func (s sidecar) replaceAfter(name string, data []byte, do func(*os.File) error) error {
	target := s.path(name)
	part := target + ".part"
	const flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	f, err := os.OpenFile(part, flags, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(target), 0o700); err == nil {
			f, err = os.OpenFile(part, flags, 0o600)
		}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = do(f)
	}
	if err = cmp.Or(err, f.Close()); err == nil {
		err = os.Rename(part, target)
	}
	if err != nil {
		os.Remove(part)
	}
	return err
}

// syncFile syncs a file that is open, and its directory.
func (s sidecar) syncFile(f *os.File) error {
	if err := f.Sync(); err != nil {
		return err
	}
	return osfile.SyncDir(filepath.Dir(f.Name()))
}

// sync syncs a file, and the directories that lead to it.
func (s sidecar) sync(name string) error {
	f, err := os.OpenFile(s.path(name), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = cmp.Or(f.Sync(), f.Close())
	for dir := path.Dir(name); err == nil; dir = path.Dir(dir) {
		err = osfile.SyncDir(s.path(dir))
		if dir == "." {
			break
		}
	}
	return err
}

// tile returns the hashes of a tile. Those of one that is not full may stand in
// one that is wider by now.
func (s sidecar) tile(t tlog.Tile) ([]byte, error) {
	hashes, err := readFile(s.path(torchwood.TilePath(t)), fullTile)
	if size := t.W * tlog.HashSize; errors.Is(err, fs.ErrNotExist) && size < fullTile {
		t.W = torchwood.TileWidth
		wider, fullErr := readFile(s.path(torchwood.TilePath(t)), fullTile)
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
	return tlog.TileHashReader(tree, tileReader{s})
}

// mistaken makes the error for a tree that cannot be read, or does not lead to what
// was signed.
func (s sidecar) mistaken(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return changedf("the tiles in %s do not lead to what was signed: %v", s, err)
}

// A tileReader is a sidecar as tlog reads it.
type tileReader struct{ sidecar }

var _ tlog.TileReader = tileReader{}

func (tileReader) Height() int { return torchwood.TileHeight }

func (r tileReader) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		hashes, err := r.tile(t)
		if err != nil {
			return nil, err
		}
		data = append(data, hashes)
	}
	return data, nil
}

func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
