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

// A compression compresses files that were moved away, while others are written.
type compression struct {
	wg  sync.WaitGroup
	mu  sync.Mutex
	err error
}

// start begins to compress the files that were moved away from a path.
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

// wait waits until all is compressed. What could not be is still there as it
// was.
func (c *compression) wait() error {
	c.wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// A compressor compresses the files that were moved away from a path. Of several
// processes one does it at a time.
type compressor struct {
	disk   disk
	path   string
	format compress.Format
}

// run compresses what there is, the oldest file first, those too that an earlier
// process left. What cannot be compressed stays as it is.
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

// compressOldest compresses the oldest file that is not, but for those that stay as
// they are. It returns none if there is none.
func (c compressor) compressOldest(stay []fs.FileInfo) (src fs.FileInfo, err error) {
	tmp, err := c.create()
	if err != nil {
		return nil, err
	}
	defer tmp.Close()
	named := false // as it is to be called
	defer func() {
		if !named {
			err = cmp.Or(err, c.disk.Remove(tmp.Name()))
		}
	}()
	name, src, err := c.oldest(stay)
	if err != nil || src == nil {
		return nil, err
	}
	f, err := c.disk.Open(name, os.O_RDONLY|osfile.NoFollow)
	if errors.Is(err, fs.ErrNotExist) { // moved on just now
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
		switch named = err == nil; {
		case errors.Is(err, fs.ErrExist) && c.isForm(compressed, f): // as a killed process leaves it
		case err != nil:
			return err
		}
		return c.disk.Remove(name)
	})
}

// create creates the file that is compressed into, which keeps other processes
// waiting. One that has no lock was left by a process that was killed.
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
		is := osfile.LeadsTo(name, tmp)
		if is && !taken {
			return tmp, nil
		}
		if is {
			err = c.disk.Remove(name)
		}
		if err := cmp.Or(err, tmp.Close()); err != nil {
			return nil, err
		}
	}
}

// oldest returns the name of the oldest file that is not compressed, but for those
// that stay as they are.
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

// locked calls do with the name that the file has now, which nobody changes while
// the log is locked. A file that was not to be kept has none.
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

// compress makes dst the compressed form of src, on the disk, and returns the size
// of src.
func (c compressor) compress(dst, src handle) (size int64, err error) {
	like, err := src.Stat()
	if err != nil {
		return 0, err
	}
	osfile.Resemble(dst, like) // as far as that is allowed
	w := c.format.NewWriter(dst)
	if size, err = io.Copy(w, src); err != nil {
		return 0, err
	}
	return size, cmp.Or(w.Close(), dst.Sync())
}

// isForm reports whether a file is the compressed form of src, and on the disk.
func (c compressor) isForm(name string, src handle) bool {
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
