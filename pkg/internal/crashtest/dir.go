package crashtest

import (
	"errors"
	"os"
	"path"
	"path/filepath"

	"auditctl/pkg/internal/osfile"
)

// A Dir is an [osfile.Dir] whose changes are recorded on a Disk.
type Dir struct {
	*osfile.Dir
	Disk *Disk
	Name string // of the directory on the Disk
}

func (d Dir) on(name string) string { return path.Join(d.Name, name) }

// Open opens a file.
func (d Dir) Open(name string, flag int) (osfile.File, error) {
	f, err := d.Dir.Open(name, flag)
	if err != nil {
		return nil, err
	}
	recorded := d.Disk.Open(d.on(name))
	if recorded == nil && flag&os.O_CREATE != 0 {
		recorded = d.Disk.Create(d.on(name))
	}
	return Recorded(f, recorded), nil
}

// Create creates a file.
func (d Dir) Create(name string) (osfile.File, error) {
	f, err := d.Dir.Create(name)
	if err != nil {
		return nil, err
	}
	return Recorded(f, d.Disk.Create(d.on(name))), nil
}

// Rename renames a file.
func (d Dir) Rename(name, base string) error {
	err := d.Dir.Rename(name, base)
	if err == nil {
		d.Disk.Rename(d.on(name), d.on(path.Join(path.Dir(name), base)))
	}
	return err
}

// Remove removes a file.
func (d Dir) Remove(name string) error {
	err := d.Dir.Remove(name)
	if err == nil {
		d.Disk.Remove(d.on(name))
	}
	return err
}

// RemoveAll removes a directory.
func (d Dir) RemoveAll(name string) error {
	err := d.Dir.RemoveAll(name)
	if err == nil {
		d.Disk.Remove(d.on(name))
	}
	return err
}

// MkdirAll makes a directory.
func (d Dir) MkdirAll(name string) error {
	err := d.Dir.MkdirAll(name)
	if err == nil {
		for i, c := range name + "/" {
			if c == '/' {
				d.Disk.Mkdir(d.on(name[:i]))
			}
		}
	}
	return err
}

// Sync syncs the names in a directory.
func (d Dir) Sync(name string) error {
	d.Disk.SyncDir(d.on(name))
	return nil
}

// SyncAll syncs everything.
func (d Dir) SyncAll() error {
	d.Disk.SyncAll()
	return nil
}

// Recorded returns a file that records what is written to f. Syncs are recorded but not
// done.
func Recorded(f osfile.File, on *File) osfile.File { return &recordedFile{f, on, 0} }

type recordedFile struct {
	osfile.File
	on     *File
	offset int64
}

// Fd returns the descriptor of the file.
func (f *recordedFile) Fd() uintptr { return f.File.(osfile.Descriptor).Fd() }

func (f *recordedFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.on.WriteAt(p[:n], f.offset)
	f.offset += int64(n)
	return n, err
}

func (f *recordedFile) WriteAt(p []byte, offset int64) (int, error) {
	n, err := f.File.WriteAt(p, offset)
	f.on.WriteAt(p[:n], offset)
	return n, err
}

func (f *recordedFile) Truncate(size int64) error {
	err := f.File.Truncate(size)
	if err == nil {
		f.on.Truncate(size)
	}
	return err
}

func (f *recordedFile) Sync() error {
	f.on.Sync()
	return nil
}

// Put replaces a directory with one that has the files the crash left.
func (c Crash) Put(dir string) error {
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return err
	}
	for name, text := range c.Files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if name[len(name)-1] == '/' {
			if err := os.MkdirAll(at, 0o700); err != nil {
				return err
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
