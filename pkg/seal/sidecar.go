package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
	"auditctl/pkg/seal/internal/merkle"
)

// Names in a sidecar.
const (
	checkpointName  = "checkpoint"
	checkpointsName = "checkpoints"
	manifestName    = "manifest"
	erasuresName    = "erasures"
)

// maxNote is how long a signed note may be, in bytes.
const maxNote = 1 << 20

// A sidecar is the directory beside a log that has its tree. It is open, so that
// everything is read and written in the one directory that was checked.
type sidecar struct{ directory }

// sidecar opens the sidecar of a log.
func (l Log) sidecar() (*sidecar, error) {
	dir, err := l.storage().openDir(l.Path + rotated.Sidecar)
	switch {
	case errors.Is(err, osfile.ErrNotDirectory):
		return nil, fmt.Errorf("%s.tlog is not a directory: the seals of a log are kept in a directory, which must not be a symbolic link", l.Path)
	case err != nil:
		return nil, err
	}
	return &sidecar{dir}, nil
}

// openToRead returns the log that the path leads to, with its sidecar. See sidecarToRead.
func (l Log) openToRead() (Log, *sidecar, error) {
	l, err := l.resolve()
	if err != nil {
		return l, nil, err
	}
	s, err := l.sidecarToRead()
	return l, s, err
}

// sidecarToRead opens the sidecar of a log that was sealed.
func (l Log) sidecarToRead() (*sidecar, error) {
	s, err := l.sidecar()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cmp.Or(l.check(), ErrNotSealed)
	}
	return s, err
}

// sidecarToSeal opens the sidecar of a log that is to be sealed, and creates it if there
// is none. Only the user and root may write to it.
func (l Log) sidecarToSeal() (*sidecar, error) {
	s, err := l.sidecar()
	// If there is a sidecar, the log need not exist: it may have just been rotated.
	if errors.Is(err, fs.ErrNotExist) {
		if err := l.check(); err != nil {
			return nil, err
		}
		if err := l.storage().mkdir(l.Path + rotated.Sidecar); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		s, err = l.sidecar()
	}
	return s.private(err)
}

// sidecarToErase opens the sidecar of a log that was sealed, to change it.
func (l Log) sidecarToErase() (*sidecar, error) {
	s, err := l.sidecarToRead()
	return s.private(err)
}

// private closes the sidecar if anybody but the user and root may write to it.
func (s *sidecar) private(err error) (*sidecar, error) {
	if err != nil {
		return nil, err
	}
	if err := s.CheckPrivate(0o022); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// path returns the path of a file, for messages.
func (s *sidecar) path(name string) string {
	return filepath.Join(s.Path(), filepath.FromSlash(name))
}

// lock keeps other processes from reading and changing the sidecar, or if shared is set,
// only from changing it, until unlock is called or the sidecar is closed. It waits for
// them until ctx is done, or unless wait is zero, for that time.
func (s *sidecar) lock(ctx context.Context, shared bool, wait time.Duration) (unlock func(), err error) {
	try := osfile.TryLock
	if shared {
		try = osfile.TryLockShared
	}
	for begun := time.Now(); ; {
		locked, err := try(s)
		switch {
		case locked:
			return func() { osfile.Unlock(s) }, nil
		case err != nil:
			return nil, err
		case wait > 0 && time.Since(begun) >= wait:
			return nil, ErrBusy
		}
		select {
		case <-time.After(pollLock):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// pollLock is how long to wait before trying again to get a lock.
const pollLock = 10 * time.Millisecond

// open opens a file. If something other than a regular file is in its place, the error is
// a ChangedError.
func (s *sidecar) open(name string, flag int) (osfile.File, error) {
	f, err := s.Open(name, flag)
	if errors.Is(err, osfile.ErrNotRegular) || errors.Is(err, osfile.ErrNotDirectory) {
		return nil, changedf("%v", err)
	}
	return f, err
}

// read returns the content of a file with a signed note, nil if the file does not exist.
func (s *sidecar) read(name string) ([]byte, error) {
	data, err := s.readFile(name, maxNote)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// readFile returns the content of a file, or if it is longer than most, most+1 bytes of it.
func (s *sidecar) readFile(name string, most int64) ([]byte, error) {
	f, err := s.open(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

// replaceSynced replaces a file durably: after a crash either the old or the new one is
// there, complete.
func (s *sidecar) replaceSynced(name string, data []byte) error {
	return osfile.Replace(s.directory, name, partSuffix, writing(data))
}

// partSuffix is the suffix of a file while it is being written.
const partSuffix = ".part"

func writing(data []byte) func(osfile.File) error {
	return func(f osfile.File) error {
		_, err := f.Write(data)
		return err
	}
}

// syncFile syncs a file, but not its name.
func (s *sidecar) syncFile(name string) error {
	f, err := s.open(name, os.O_RDWR)
	if err != nil {
		return err
	}
	return cmp.Or(f.Sync(), f.Close())
}

// A tileBuffer is where the hashes of a tile are read. If a file is longer than a tile, so
// is what is read of it.
type tileBuffer [merkle.FullTile + 1]byte

// tile returns the hashes of a tile, in buf. A partial tile may have been replaced by a full
// one.
func (s *sidecar) tile(t tlog.Tile, buf *tileBuffer) ([]byte, error) {
	hashes, err := s.readTile(t, os.O_RDONLY, buf)
	if size := t.W * tlog.HashSize; errors.Is(err, fs.ErrNotExist) && size < merkle.FullTile {
		t.W = torchwood.TileWidth
		wider, fullErr := s.readTile(t, os.O_RDONLY, buf)
		if fullErr == nil && len(wider) >= size {
			return wider[:size], nil
		}
	}
	return hashes, err
}

func (s *sidecar) readTile(t tlog.Tile, flag int, buf *tileBuffer) ([]byte, error) {
	f, err := s.open(torchwood.TilePath(t), flag)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n, err := io.ReadFull(f, buf[:])
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return buf[:n], nil
	}
	return buf[:n], err
}

// tree returns the stored hashes of a tree. They are verified to lead to its root.
func (s *sidecar) tree(tree tlog.Tree) tlog.HashReader {
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

// treeError returns the error for a tree that cannot be read or does not lead to the root
// that was signed.
func (s *sidecar) treeError(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return changedf("the tiles in %s do not lead to what was signed: %v", s.Path(), err)
}

// A tileReader is a sidecar as a tlog.TileReader.
type tileReader struct{ *sidecar }

var _ tlog.TileReader = tileReader{}

func (tileReader) Height() int { return torchwood.TileHeight }

func (r tileReader) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		hashes, err := r.tile(t, new(tileBuffer))
		if err != nil {
			return nil, err
		}
		data = append(data, hashes)
	}
	return data, nil
}

func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
