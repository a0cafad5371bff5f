package fanout

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"auditctl/pkg/collector"
)

// A destination is one place that lines are written to, as its Set knows it.
type destination struct {
	name    string
	path    string      // - for standard output
	fd      int         // if it is open already, as - and /dev/stderr are; else unopened
	out     io.Writer   // nil: it is opened by its path or scheme
	remote  opener      // of a DEST with a scheme; nil for others
	file    os.FileInfo // of its file; nil if there is none
	turn    sync.Locker // held while writing; nil if no other destination is the same stream
	rejects bool        // for invalid lines; it does not keep a command going
	role    Role
	state   state
	opened  bool // it was open once
	drained bool // it has what waited for it
	writer  writer
}

// A state is what can be expected of a destination.
type state uint8

const (
	taking  state = iota // it takes what is sent to it
	pending              // it is opened with the first lines; only with Options.Retry
	down                 // it failed, and is tried again
	failed               // it failed for good
)

// A Role is what destinations are for.
type Role struct {
	// Share names the lines of an input that they get, if these are the same in every
	// run; empty: they may not be.
	Share string

	// Text says that they get another text than the lines of events, which servers take.
	Text bool

	// Shown says that nothing in that text needs to be escaped for a terminal.
	Shown bool

	// Header, if not empty, is lines that begin that text, and each file of it.
	Header []byte

	// Whole says that the text is one document, so that a file must be new.
	Whole bool
}

// A Group is destinations of one Set that get the same lines.
type Group []*destination

// rejects reports whether the group is for invalid lines.
func (g Group) rejects() bool { return len(g) > 0 && g[0].rejects }

// Descriptors of destinations.
const (
	stdout   = 1
	unopened = -1
)

// descriptorOf returns the descriptor of a DEST that is open already, as - and
// /dev/stderr are.
func descriptorOf(dest string) int {
	if dest == "-" {
		return stdout
	}
	if fd, ok := collector.Descriptor(dest); ok {
		return fd
	}
	return unopened
}

// IsStdout reports whether a DEST is standard output, under any of its names.
func IsStdout(dest string) bool { return descriptorOf(dest) == stdout }

// IsFile reports whether a DEST is opened as a file by its path.
func IsFile(dest string) bool { return !hasScheme(dest) && descriptorOf(dest) == unopened }

// MayBeRegular reports whether a DEST is, or will be, a regular file.
func MayBeRegular(dest string) bool {
	if !IsFile(dest) {
		return false
	}
	st, err := os.Stat(dest)
	return errors.Is(err, fs.ErrNotExist) || err == nil && st.Mode().IsRegular()
}

// byPath reports whether the destination is opened by its path, and can be reopened.
func (to *destination) byPath() bool {
	return to.out == nil && to.remote == nil && to.fd == unopened
}

// mayWait reports whether opening the destination may take long: that of a FIFO waits for a
// reader.
func (to *destination) mayWait() bool {
	return to.remote != nil || to.byPath() && to.file != nil && !to.file.Mode().IsRegular()
}

// stat returns the FileInfo of the destination, nil if there is none.
func (to *destination) stat() (st os.FileInfo) {
	if to.out == nil {
		st, _ = os.Stat(to.path)
	} else if f, ok := to.out.(interface{ Stat() (os.FileInfo, error) }); ok {
		st, _ = f.Stat()
	}
	return st
}

// sameFile reports whether two paths lead to one file or FIFO. Devices and sockets may be
// read and written at once, and so do not count. Files that do not exist yet are compared
// by their paths.
func sameFile(a string, aFile os.FileInfo, b string, bFile os.FileInfo) bool {
	if aFile == nil || bFile == nil {
		return aFile == nil && bFile == nil && a != "-" && b != "-" && filepath.Clean(a) == filepath.Clean(b)
	}
	mode := aFile.Mode()
	return (mode.IsRegular() || mode&os.ModeNamedPipe != 0) && os.SameFile(aFile, bFile)
}

// order is the key by which destinations are sorted: the names of files first, then all
// others, and standard output last, since a line there may mean that the others have it.
func (to *destination) order() string {
	if to.fd == stdout {
		return "\xff\xff"
	}
	path, err := filepath.EvalSymlinks(to.path)
	if err != nil {
		path = to.path
	}
	if path, err = filepath.Abs(path); to.out != nil || to.remote != nil || err != nil {
		return "\xff"
	}
	return path
}
