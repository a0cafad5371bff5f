package collector

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"

	"auditctl/pkg/compress"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
)

// A compression compresses rotated files in the background.
type compression struct {
	wg  sync.WaitGroup
	mu  sync.Mutex
	err error
}

// start starts a compressor.
func (c *compression) start(by compressor) {
	c.wg.Go(func() {
		if err := by.run(); err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.err == nil {
				c.err = fmt.Errorf("compress: %w", err)
			}
		}
	})
}

// wait waits for all compressors and returns their first error.
func (c *compression) wait() error {
	c.wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// A compressor compresses the rotated files of a log. If several processes do, they take
// turns.
type compressor struct {
	disk   disk
	path   string
	format compress.Format
}

// run compresses all rotated files, oldest first, including those that an earlier process
// left uncompressed. A file that cannot be compressed stays as it is.
func (c compressor) run() error {
	var first error
	var stay []fs.FileInfo
	for {
		src, err := c.compressOldest(stay)
		first = cmp.Or(first, err)
		switch {
		case src == nil:
			return first
		case err != nil:
			stay = append(stay, src)
		}
	}
}

// compressOldest compresses the oldest file that is not compressed yet, except those that
// stay as they are. It returns nil if there is none.
func (c compressor) compressOldest(stay []fs.FileInfo) (src fs.FileInfo, err error) {
	tmp, err := c.create()
	if err != nil {
		return nil, err
	}
	defer tmp.Close()
	renamed := false
	defer func() {
		if !renamed {
			err = cmp.Or(err, c.disk.Remove(tmp.Name()))
		}
	}()
	name, src, err := c.oldest(stay)
	if err != nil || src == nil {
		return nil, err
	}
	f, err := c.disk.Open(name, os.O_RDONLY|osfile.NoFollow)
	if errors.Is(err, fs.ErrNotExist) { // just renamed
		return src, nil
	}
	if err != nil {
		return src, err
	}
	defer f.Close()
	if src, err = f.Stat(); err != nil {
		return nil, err
	}
	var head [compress.HeadSize]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return src, err
	}
	if is, _ := compress.Detect(head[:n]); is != compress.None {
		return src, c.locked(f, func(name string) error { return c.disk.RenameNew(name, name+string(is)) })
	}
	size, err := c.compress(tmp, f)
	if err != nil {
		return src, err
	}
	return src, c.locked(f, func(name string) error {
		if now, err := f.Stat(); err != nil || now.Size() != size {
			return cmp.Or(err, error(&fs.PathError{Op: "compress", Path: name, Err: errors.New("it is still written to")}))
		}
		compressed := name + string(c.format)
		err := c.disk.RenameNew(tmp.Name(), compressed)
		switch renamed = err == nil; {
		case errors.Is(err, fs.ErrExist) && c.isCompressed(compressed, f): // left by a killed process
		case err != nil:
			return err
		}
		return c.disk.Remove(name)
	})
}

// create creates and locks the file to compress into. While it is locked, other processes
// wait. One that is not locked was left by a killed process.
func (c compressor) create() (handle, error) {
	name := c.path + rotated.Compressing
	for {
		tmp, err := createNew(c.disk, name)
		taken := errors.Is(err, fs.ErrExist)
		if taken {
			tmp, err = c.disk.Open(name, os.O_RDWR|osfile.NoFollow)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
		}
		if err == nil {
			err = osfile.Lock(tmp)
		}
		if err != nil {
			return nil, err
		}
		present := osfile.LeadsTo(name, tmp)
		if present && !taken {
			return tmp, nil
		}
		if present {
			err = c.disk.Remove(name)
		}
		if err := cmp.Or(err, tmp.Close()); err != nil {
			return nil, err
		}
	}
}

// oldest returns the path of the oldest file that is not compressed, except those that
// stay as they are.
func (c compressor) oldest(stay []fs.FileInfo) (name string, file fs.FileInfo, err error) {
	last, err := lastRotated(c.disk, c.path)
	for n := last; n > 0; n-- {
		name := rotated.Path(c.path, n)
		st, err := c.disk.Lstat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return "", nil, err
		case !slices.ContainsFunc(stay, func(other fs.FileInfo) bool { return os.SameFile(st, other) }):
			return name, st, nil
		}
	}
	return "", nil, err
}

// locked calls do with the present path of a rotated file, which nobody changes while the
// log is locked. It does not call do if the file was removed.
func (c compressor) locked(f handle, do func(name string) error) error {
	log, err := osfile.OpenLocked(c.path, func() (handle, error) {
		return c.disk.Open(c.path, os.O_RDWR|os.O_APPEND|os.O_CREATE|osfile.NoFollow)
	})
	if err != nil {
		return err
	}
	defer log.Close()
	last, err := lastRotated(c.disk, c.path)
	for n := 1; n <= last; n++ {
		if name := rotated.Path(c.path, n); osfile.LeadsTo(name, f) {
			return do(name)
		}
	}
	return err
}

// compress compresses src to dst, syncs it, and returns the size of src.
func (c compressor) compress(dst, src handle) (size int64, err error) {
	like, err := src.Stat()
	if err != nil {
		return 0, err
	}
	osfile.Resemble(dst, like) // as far as permitted
	w := c.format.NewWriter(dst)
	if size, err = io.Copy(w, src); err != nil {
		return 0, err
	}
	return size, cmp.Or(w.Close(), dst.Sync())
}

// isCompressed reports whether a file decompresses to src, and syncs it.
func (c compressor) isCompressed(name string, src handle) bool {
	f, err := c.disk.Open(name, os.O_RDONLY|osfile.NoFollow)
	if err != nil {
		return false
	}
	defer f.Close()
	r := compress.NewReader(f)
	defer r.Close()
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return false
	}
	return sameBytes(r, src) && r.Format() == c.format && f.Sync() == nil
}

func sameBytes(a, b io.Reader) bool {
	var have, want [32 << 10]byte
	for {
		n, err := io.ReadFull(b, want[:])
		m, haveErr := io.ReadFull(a, have[:])
		switch {
		case !bytes.Equal(want[:n], have[:m]) || (err == nil) != (haveErr == nil):
			return false
		case err != nil:
			return (err == io.EOF || err == io.ErrUnexpectedEOF) && haveErr == err
		}
	}
}
