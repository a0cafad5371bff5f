// Package follow reads files that grow and are rotated, as tail -F does.
//
// A [File] reads the file at a path to its end, then what is appended to it, and when
// another file has taken the path, the rest of the old one and then the new one. A
// [Watcher] wakes Files when there is something to read. [LastLines] finds where the
// last lines of a file begin without reading what comes before them.
package follow

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"auditctl/pkg/openfiles"
)

// A File reads the files that are at a path one after the other:
//
//   - It reads whole lines. A line without a line feed is read once it has one or its
//     file is over, or if it is longer than the buffer given to Read, in pieces.
//   - A file that was moved or deleted is over once another one is at the path and is
//     not empty. What is written to the old one until then is read. Whole lines written
//     to it later are read among those of the new one, until that is moved, too.
//   - A file that was truncated is over, and then read from its start. If it was copied
//     before, the rest of it is read from the copy. Truncation is noticed even if the
//     file is longer by then, unless it begins with the same bytes as before.
//   - A file whose lines are also in the one that has taken the path, as they were or
//     erased by package seal, is not read any more: the new one is read from where the old
//     one was read to.
//   - Files that were at the path only between two looks are read where they were moved
//     or copied to: path.1, path.2 and so on, path-20260310 or another date, or another
//     name that begins with path, if path has an extension. NAME-20260310.EXT and
//     NAME.1.EXT count as files of NAME.EXT only once a file that was read is found
//     under such a name. They may be compressed, with .gz or .zst at the end of their
//     names. Symbolic links are ignored.
//   - Compressed files are read as they are, byte for byte, for a [compress.Reader] to
//     decompress.
//   - A FIFO is over when its last writer closes it, and is then read again. Unnamed
//     pipes, devices and sockets end for good.
//   - A file that does not exist or may not be read is waited for. A directory is an
//     error.
//
// A File is not safe for concurrent use. Set its fields before the first Next.
type File struct {
	// Start, if not nil, returns the offset at which to start reading the first file,
	// if that is a regular file that exists when following begins.
	Start func(*openfiles.File) (int64, error)

	// Logger, if not nil, gets warnings for the user. They do not name the file.
	Logger *slog.Logger

	// Missing, if not nil, is called with the reason when lines that were at the path
	// may have been missed.
	Missing func(why string)

	// Others, if not nil, reports whether the file that has taken the path is one that
	// another File reads, which had that before. Then this File waits for another.
	Others func() bool

	// MayVanish says that it is nothing to be warned of if there is no file at the path.
	MayVanish bool

	// Waiting, if not nil, is called by Read with true before it waits and with false
	// afterwards.
	Waiting func(bool)

	path    string // "" if an open file is read, whatever its path
	watcher *Watcher
	woken   chan struct{}
	watched bool
	names   []string // under which it is watched; guarded by the Watcher's mutex

	previous *opened   // read before at, and perhaps still written to; or nil
	at       *opened   // being read; nil before the first
	next     []*opened // came after it at the path

	known  map[string]segment // rotated files that are not to be read; nil before the first look
	within bool               // its rotated files have the date or number before the extension
	seen   time.Time          // when the newest file was last seen at the path

	others openfiles.ID // the last file at the path that another File reads

	mu   sync.Mutex
	read []readFile // the last files that were opened; guarded by mu

	warned string    // the last warning, while its reason lasts
	gone   time.Time // since when there is nothing at the path
}

// Follow returns a File that reads the files at a path.
func (w *Watcher) Follow(path string) *File {
	return &File{path: path, watcher: w, woken: make(chan struct{}, 1)}
}

// Opened returns a File that reads r, which it does not close. If r is a regular file, it
// is read from its current offset and followed, whatever its path; anything else is read
// to its end.
func (w *Watcher) Opened(r io.Reader) *File {
	f := w.Follow("")
	o := &opened{stream: r, ends: true}
	if file, ok := r.(*os.File); ok {
		st, err := file.Stat()
		pos, seekErr := file.Seek(0, io.SeekCurrent)
		if err == nil && seekErr == nil && st.Mode().IsRegular() {
			o = &opened{file: w.Files.Fixed(file, st), info: st, regular: true, pos: pos}
		}
	}
	f.next = []*opened{o}
	return f
}

// maxAhead is how many files are opened in advance, so that they can be read even if
// they are deleted or compressed by then.
const maxAhead = 8

// Next goes to the first file, or after Read has returned [io.EOF], to the next one. It
// waits until there is one. It returns io.EOF if there will be none, and [os.ErrClosed]
// if the Watcher was closed.
func (f *File) Next() error {
	switch o := f.at; {
	case o == nil:
		return f.first()
	case o.ends:
		return io.EOF
	case o.skipped:
		if err := f.waitForNext(); err != nil {
			return err
		}
		f.leave(o)
		f.at, f.next = f.next[0], f.next[1:]
	case o.cut || len(f.next) == 0:
		o.restart()
	default:
		f.leave(o)
		f.at, f.next = f.next[0], f.next[1:]
	}
	return nil
}

// leave keeps a file that was moved open until the one after it is moved.
func (f *File) leave(o *opened) {
	if !o.regular || o.raw || o.file == nil || f.path == "" || o.erased {
		o.close()
		return
	}
	if f.previous != nil {
		f.previous.close()
	}
	f.previous = o
}

// readLate reads lines that were written to the previous file, unless that would break a
// line of the current one.
func (f *File) readLate(p []byte) int {
	if f.previous == nil || f.at.raw || f.at.pos != f.at.line {
		return 0
	}
	n, _ := f.previous.readLines(p, false)
	return n
}

// Skip abandons the current file, for example because it is damaged: Next waits for the
// one after it.
func (f *File) Skip() { f.at.skipped = true }

// waitForNext waits for a file after the current one.
func (f *File) waitForNext() error {
	for len(f.next) == 0 {
		if err := f.look(); err != nil {
			return err
		}
		if len(f.next) == 0 {
			if err := f.sleep(); err != nil {
				return err
			}
		}
	}
	return nil
}

// first waits for the first file.
func (f *File) first() error {
	if err := f.waitForNext(); err != nil {
		return err
	}
	o := f.next[0]
	if f.Start != nil && o.regular {
		start, err := f.Start(o.file)
		if err != nil {
			return err
		}
		o.pos, o.line = start, start
		o.trace.start(o.file, start)
	}
	f.at, f.next = o, f.next[1:]
	return nil
}

// Read reads what there is, waiting until there is something. When a file is over, it
// returns [io.EOF]; [File.Next] goes to the next one. It returns [os.ErrClosed] if the
// Watcher is closed and there is nothing to read.
func (f *File) Read(p []byte) (int, error) {
	if !f.at.regular {
		f.waiting(true)
		defer f.waiting(false)
		return f.readStream(p)
	}
	for {
		if err := f.look(); err != nil {
			return 0, err
		}
		if f.at.file == nil {
			n, err := f.at.readRest(p)
			if err != nil && err != io.EOF {
				f.missed(err.Error())
				err = io.EOF
			}
			return n, err
		}
		over := f.over() // asked before reading, so that nothing written before it is missed
		n, err := f.at.readLines(p, over)
		switch {
		case errors.As(err, &unopened{}):
			if f.reach(err, over) {
				continue
			}
			err = nil
		case f.at.cut && f.at.onlyTailCut():
			f.warn("truncated: following it from its last line")
		case f.at.cut:
			if f.truncated(); f.path != "" {
				continue
			}
		case n == 0 && (err == nil || err == io.EOF):
			if late := f.readLate(p); late > 0 {
				return late, nil
			}
		}
		if n > 0 || err != nil {
			return n, err
		}
		f.waiting(true)
		err = f.sleep()
		f.waiting(false)
		if err != nil {
			return 0, err
		}
	}
}

func (f *File) waiting(yes bool) {
	if f.Waiting != nil {
		f.Waiting(yes)
	}
}

// Wait waits until Read is likely to return at once. It does not wait unless the current
// file is a regular one. It returns [os.ErrClosed] if the Watcher was closed.
func (f *File) Wait() error {
	for f.at.regular && !f.changed() {
		if err := f.sleep(); err != nil {
			return err
		}
	}
	return nil
}

// changed looks and reports whether there is anything new.
func (f *File) changed() bool {
	if f.look() != nil || f.over() || f.at.file == nil {
		return true
	}
	if f.previous != nil {
		if st, err := f.previous.file.Stat(); err == nil && st.Size() > f.previous.seen {
			return true
		}
	}
	st, err := f.at.file.Stat()
	return err != nil || st.Size() != f.at.seen || f.at.touched
}

// Ends reports whether the current input ends for good when it ends: whether it is
// neither a regular file nor a FIFO.
func (f *File) Ends() bool { return f.at.ends }

// Close closes the files that are open. It does not close what was given to
// [Watcher.Opened], nor the Watcher.
func (f *File) Close() error {
	if f.path == "" {
		return nil
	}
	var err error
	for _, o := range append(f.next, f.at, f.previous) {
		if o != nil {
			err = errors.Join(err, o.close())
		}
	}
	f.previous, f.at, f.next = nil, nil, nil
	return err
}

// over reports whether the current file was moved and its writer has gone on to the one
// after it.
func (f *File) over() bool {
	return len(f.next) > 1 || len(f.next) == 1 && f.next[0].begun()
}

// sleep sleeps until the File is woken or it is time to look.
func (f *File) sleep() error { return f.watcher.sleep(f.woken, f.watched) }

func (f *File) wakeUp() { signal(f.woken) }

// signal sends on a channel that has room for one signal, unless there is one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
