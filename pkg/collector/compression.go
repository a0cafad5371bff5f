package collector

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"auditctl/pkg/osfile"
)

// A compression compresses, behind the back of who writes, files that were
// moved away.
type compression struct {
	wg  sync.WaitGroup
	mu  sync.Mutex
	err error
}

// start begins to compress the files that were moved away from path, those
// too that an earlier process left.
func (c *compression) start(path, suffix string) {
	c.wg.Go(func() {
		if err := compressRotated(path, suffix); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.err == nil {
				c.err = fmt.Errorf("compress: %w", err)
			}
		}
	})
}

// wait waits until all is compressed. What could not be is still there as it
// was.
func (c *compression) wait() error {
	c.wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// compressRotated compresses into a file beside them, which also keeps two
// processes from doing the same work.
func compressRotated(path, suffix string) error {
	for {
		tmp, err := os.OpenFile(path+".compressing", os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		done, err := compressOne(path, suffix, tmp)
		err = errors.Join(err, tmp.Close())
		if done || err != nil {
			return err
		}
	}
}

// compressOne compresses the oldest file that is not, into tmp. It is done when
// there is none.
func compressOne(path, suffix string, tmp *os.File) (done bool, err error) {
	if err := osfile.Lock(tmp); err != nil {
		return true, err
	}
	if !leadsTo(tmp.Name(), tmp) {
		return false, nil // another process has put it in its place meanwhile
	}
	src := oldestPlain(path)
	if src == nil {
		return true, os.Remove(tmp.Name())
	}
	defer src.Close()
	if err := compressInto(tmp, src, suffix); err != nil {
		os.Remove(tmp.Name())
		return true, err
	}

	// While the log is locked nobody moves its old files on.
	log, err := lockPath(path, os.O_CREATE)
	if err != nil {
		return true, err
	}
	defer log.Close()
	for n := 1; len(existing(numbered(path, n))) > 0; n++ {
		if name := numbered(path, n); leadsTo(name, src) {
			if err := os.Rename(tmp.Name(), name+suffix); err != nil {
				return true, err
			}
			if err := osfile.SyncDir(filepath.Dir(name)); err != nil {
				return true, err
			}
			return false, os.Remove(name)
		}
	}
	return false, nil // it was not to be kept
}

// oldestPlain opens the oldest file that was moved away from path and is not
// compressed. One beside its compressed form, as a killed process leaves it, is
// compressed again.
func oldestPlain(path string) *os.File {
	last := 0
	for len(existing(numbered(path, last+1))) > 0 {
		last++
	}
	for n := last; n > 0; n-- {
		if f, err := os.Open(numbered(path, n)); err == nil {
			return f
		}
	}
	return nil
}

// lockPath locks the file that path leads to, opened with more flags.
func lockPath(path string, flag int) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|flag, 0o600)
		if err != nil {
			return nil, err
		}
		if err := osfile.Lock(f); err != nil {
			f.Close()
			return nil, err
		}
		if leadsTo(path, f) {
			return f, nil
		}
		f.Close()
	}
}

// leadsTo reports whether path leads to the file that f has open.
func leadsTo(path string, f interface{ Stat() (fs.FileInfo, error) }) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(path)
	return err == nil && os.SameFile(have, now)
}

// compressInto makes dst the compressed form of src, on the disk.
func compressInto(dst, src *os.File, suffix string) error {
	st, err := src.Stat()
	if err != nil {
		return err
	}
	if err := errors.Join(dst.Truncate(0), dst.Chmod(st.Mode().Perm())); err != nil {
		return err
	}
	if _, err := dst.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var w io.WriteCloser = gzip.NewWriter(dst)
	if suffix == zstdSuffix {
		if w, err = zstd.NewWriter(dst, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)); err != nil {
			return err
		}
	}
	if _, err := io.Copy(w, src); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return dst.Sync()
}
