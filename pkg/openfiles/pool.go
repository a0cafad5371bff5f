// Package openfiles reads more files than a process may have open at once.
//
// A [Pool] closes the [File] that was used longest ago when too many are open. A File
// that was closed is opened again by its path when it is read, at the same place, unless
// another file has taken the path: it never returns bytes of another file.
package openfiles

import (
	"container/list"
	"io/fs"
	"os"
	"sync"

	"auditctl/pkg/internal/osfile"
)

// A Pool limits how many files are open. It is safe for concurrent use.
type Pool struct {
	most int

	mu   sync.Mutex
	room sync.Cond  // signalled when there may be room for another file
	open int        // how many are open, or about to be
	idle *list.List // of *File: those that are open and not in use, longest unused first
}

// mostOpen is enough for files not to be closed again and again.
const mostOpen = 256

// NewPool returns a Pool of which so many files, at least one, may be open at once. With
// 0 that depends on what the system allows.
func NewPool(most int) *Pool {
	if most == 0 {
		most = usualMost()
	}
	p := &Pool{most: most, idle: list.New()}
	p.room.L = &p.mu
	return p
}

// Most returns how many files may be open at once.
func (p *Pool) Most() int { return p.most }

func openAt(path string, flag int) (*os.File, error) {
	return osfile.AwaitLease(func() (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|flag, 0) })
}

// Open opens a file for reading, with flags for [os.OpenFile]. Only regular files are
// ever closed by the Pool, and count: others could not be opened again. The error of a
// directory is its first Read's.
func (p *Pool) Open(path string, flag int) (*File, error) {
	p.take()
	file, err := openAt(path, flag)
	if err != nil {
		p.give()
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		p.give()
		return nil, err
	}
	f := &File{pool: p, path: path, flag: flag, info: info, file: file}
	if !info.Mode().IsRegular() {
		f.fixed = true
		p.give()
		return f, nil
	}
	f.birth = birthOf(file, info)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idled(f)
	return f, nil
}

// Fixed returns a File for an open file that the Pool never closes, and does not count.
func (p *Pool) Fixed(file *os.File, info os.FileInfo) *File {
	return &File{pool: p, info: info, file: file, fixed: true}
}

// take waits until there is room for another open file.
func (p *Pool) take() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.open >= p.most {
		if oldest := p.idle.Front(); oldest != nil {
			oldest.Value.(*File).drop()
		} else {
			p.room.Wait()
		}
	}
	p.open++
}

// give says that a file is no longer open.
func (p *Pool) give() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	p.room.Signal()
}

// idled notes that an open file is no longer in use. The caller holds p.mu.
func (p *Pool) idled(f *File) {
	f.place = p.idle.PushBack(f)
	p.room.Signal()
}

// errReplaced is the error for a path that leads to another file than before.
func errReplaced(path string) error {
	return &fs.PathError{Op: "open", Path: path, Err: ErrReplaced}
}
