package osfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// A Dir is an open directory. Its methods work in it and below it even if its path has
// come to name something else, and never follow a symbolic link out of it. Names are
// relative to it, with slashes. Errors have the full path. It is safe for concurrent use.
type Dir struct {
	subdir
	path string

	mu   sync.RWMutex
	subs map[string]subdir // directories below it that are kept open
}

// A subdir is a directory that is kept open.
type subdir struct {
	root *os.Root
	self *os.File // the directory itself
}

// openSubdir opens a directory with open.
func openSubdir(name string, open func(string) (*os.Root, error)) (d subdir, err error) {
	if d.root, err = open(name + asDirectory); err != nil {
		return d, err
	}
	if d.self, err = d.root.Open("."); err != nil {
		d.root.Close()
	}
	return d, err
}

func (d subdir) close() error { return errors.Join(d.self.Close(), d.root.Close()) }

// A File is an open file, such as an [*os.File].
type File interface {
	io.ReadWriteCloser
	io.ReaderAt
	io.WriterAt
	io.Seeker
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
}

// maxSubs is how many directories below a Dir are kept open.
const maxSubs = 16

// asDirectory is appended to a path to open it only if it is a directory. Without it,
// package os would wait for the other end of a FIFO to find out that it is none.
const asDirectory = "/."

// ErrNotDirectory is the error for a path that is not a directory. A symbolic link to a
// directory is none.
var ErrNotDirectory = errors.New("it is not a directory")

// OpenDir opens a directory. If the last part of the path is a symbolic link or anything
// else, the error is [ErrNotDirectory].
func OpenDir(path string) (*Dir, error) {
	found, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !found.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrNotDirectory}
	}
	self, err := openSubdir(path, os.OpenRoot)
	if err != nil {
		return nil, err
	}
	d := &Dir{subdir: self, path: path, subs: make(map[string]subdir)}
	opened, err := d.Stat()
	if err == nil && !os.SameFile(found, opened) { // replaced in the meantime
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNotDirectory}
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close closes the directory. Files opened in it stay open.
func (d *Dir) Close() error {
	d.forget("")
	return d.close()
}

// Path returns the path the directory was opened with.
func (d *Dir) Path() string { return d.path }

// Fd returns the descriptor of the directory, for locking and syncing. It is valid until
// Close.
func (d *Dir) Fd() uintptr { return d.self.Fd() }

// Stat returns the [fs.FileInfo] of the directory.
func (d *Dir) Stat() (fs.FileInfo, error) { return d.self.Stat() }

// Open opens a regular file, as [OpenRegular] does. A file it creates has mode 0600.
func (d *Dir) Open(name string, flag int) (File, error) {
	return d.open(name, func(dir subdir, base string) (*os.File, error) {
		open := dir.root.OpenFile
		if flag&NoFollow != 0 {
			open = func(base string, flag int, _ fs.FileMode) (*os.File, error) {
				return openAt(dir, base, d.full(name), flag)
			}
		}
		f, err := openRegular(open, base, flag, 0o600)
		if err == nil || errors.Is(err, ErrNotRegular) {
			return f, err
		}
		// A link that leads out of the directory is not a regular file either.
		if st, statErr := dir.root.Lstat(base); statErr == nil && !st.Mode().IsRegular() {
			err = ErrNotRegular
		}
		return nil, err
	})
}

// Create creates a file, as [CreateNew] does.
func (d *Dir) Create(name string) (File, error) {
	return d.open(name, func(dir subdir, base string) (*os.File, error) {
		return openAt(dir, base, d.full(name), os.O_RDWR|os.O_CREATE|os.O_EXCL)
	})
}

func (d *Dir) open(name string, do func(dir subdir, base string) (*os.File, error)) (opened File, err error) {
	err = d.in(name, func(dir subdir, base string) error {
		f, err := do(dir, base)
		if err == nil {
			opened = f
		}
		return err
	})
	return opened, err
}

// Rename renames a file to base within its directory, replacing any file of that name.
func (d *Dir) Rename(name, base string) error {
	return d.in(name, func(dir subdir, old string) error { return dir.root.Rename(old, base) })
}

// Remove removes a file.
func (d *Dir) Remove(name string) error {
	return d.in(name, func(dir subdir, base string) error { return dir.root.Remove(base) })
}

// RemoveAll removes a directory and everything in it.
func (d *Dir) RemoveAll(name string) error {
	d.forget(name)
	return d.in(name, func(dir subdir, base string) error { return dir.root.RemoveAll(base) })
}

// MkdirAll makes a directory and its parents, as far as they do not exist, with mode
// 0700.
func (d *Dir) MkdirAll(name string) error {
	return d.named(name, d.root.MkdirAll(name, 0o700))
}

// ReadDir calls do for each entry of a directory, in any order, until one returns
// an error. A symbolic link to a directory is an error. Only the name and type of an entry
// are sure to be those in the directory: its Info is that of its path.
func (d *Dir) ReadDir(name string, do func(fs.DirEntry) error) error {
	var f *os.File
	err := d.in(name, func(dir subdir, base string) (err error) {
		f, err = openDirAt(dir, base, d.full(name))
		return err
	})
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(1024)
		for _, entry := range entries {
			if err := do(entry); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return d.named(name, err)
		}
	}
}

// Sync syncs a directory as [SyncDir] does. "." is the Dir itself.
func (d *Dir) Sync(name string) error {
	return d.in(name, func(dir subdir, base string) error {
		f, err := dir.root.Open(base + asDirectory)
		if err != nil {
			return err
		}
		defer f.Close()
		return syncDir(f)
	})
}

// SyncAll syncs the whole file system that the directory is in, if [SyncsFilesystems].
func (d *Dir) SyncAll() error { return SyncFilesystem(d) }

// in calls do with the directory that a name is in and the last part of the name.
func (d *Dir) in(name string, do func(dir subdir, base string) error) error {
	parent, base := path.Dir(name), path.Base(name)
	if parent == "." {
		return d.named(name, do(d.subdir, base))
	}
	for {
		d.mu.RLock()
		if dir, ok := d.subs[parent]; ok {
			err := do(dir, base)
			d.mu.RUnlock()
			return d.named(name, err)
		}
		d.mu.RUnlock()
		if err := d.keep(parent); err != nil {
			return d.named(name, err)
		}
	}
}

// keep opens a directory below d and keeps it open.
func (d *Dir) keep(name string) error {
	name = strings.TrimSuffix(name, "/")
	dir, err := openSubdir(name, d.root.OpenRoot)
	if err != nil {
		return d.whyNotOpen(name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.subs[name]; ok {
		return dir.close() // another goroutine was faster
	}
	if len(d.subs) >= maxSubs {
		d.forgetLocked("")
	}
	d.subs[name] = dir
	return nil
}

// whyNotOpen returns ErrNotDirectory if that is why a directory could not be opened, else
// err.
func (d *Dir) whyNotOpen(name string, err error) error {
	for i, c := range name + "/" {
		if c != '/' {
			continue
		}
		if st, statErr := d.root.Lstat(name[:i]); statErr == nil && !st.IsDir() {
			return ErrNotDirectory
		}
	}
	return err
}

// forget closes the kept directories whose names begin with prefix.
func (d *Dir) forget(prefix string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forgetLocked(prefix)
}

func (d *Dir) forgetLocked(prefix string) {
	for name, dir := range d.subs {
		if strings.HasPrefix(name, prefix) {
			dir.close()
			delete(d.subs, name)
		}
	}
}

// named returns err with the full path of a file.
func (d *Dir) named(name string, err error) error {
	if err == nil {
		return nil
	}
	op := "open"
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		op, err = strings.TrimSuffix(pathErr.Op, "at"), pathErr.Err
	} else if linkErr := (*os.LinkError)(nil); errors.As(err, &linkErr) {
		op, err = strings.TrimSuffix(linkErr.Op, "at"), linkErr.Err
	}
	return &fs.PathError{Op: op, Path: d.full(name), Err: err}
}

// full returns the full path of a file.
func (d *Dir) full(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }
