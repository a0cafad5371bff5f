// Package follow reads files that grow and are moved away, as tail -F does.
//
// A [File] reads what stands at a path: to its end, then what is added to it,
// and, when another file has taken the path, what is left of the old one and then
// the new one. A [Watcher] wakes Files when there is something to be read.
// [LastLines] finds where the last lines of a file begin without reading what
// comes before.
package follow

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"time"
)

// A File reads what stands at a path, one file after the other, as they take
// its place:
//
//   - What is written is read, in whole lines. A line that has no line feed yet
//     is not read before it has, or before the file is over; only of one that is
//     longer than the bytes asked for a piece is.
//   - A file that was moved away or deleted is over once another one is at the
//     path and is not empty. What is written to the old one until then is read,
//     and whole lines that are written to it later, until the next file is moved
//     away, are read among those of the new one.
//   - A file that was emptied is over, and then read from its start. If it was
//     copied before, what was not read of it is read from the copy. That it was
//     emptied is seen even if it is longer now, unless it begins with the same
//     bytes as before.
//   - Files that were at the path only between two looks are read as well, where
//     they were moved or copied to: path.1, path.2 and so on, path-20260310 or
//     with another date, or another name that begins with path and has its
//     extension. NAME-20260310.EXT or NAME.1.EXT are taken for files of NAME.EXT
//     only after what was read was seen under such a name. They may be compressed,
//     with .gz or .zst at the end of their names. Symbolic links are not followed.
//   - What is compressed is read as it is, all bytes of it, which [compress.Reader]
//     decompresses.
//   - A FIFO is over when its last writer leaves, and then read again. A pipe
//     without a name, a device and a socket are over at their end, for good.
//   - What is not there, or may not be read, is waited for. A directory is an
//     error.
//
// A File is for one goroutine.
type File struct {
	// Start, if not nil, says at which byte the reading of a file starts that
	// is there at first.
	Start func(*os.File) (int64, error)

	// Logger, if not nil, is told what a person should know. The messages lack the
	// file's name.
	Logger *slog.Logger

	// Missing, if not nil, is told why lines may be missing that were at the path.
	Missing func(why string)

	// Waiting, if not nil, is called by Read before it waits, with true, and
	// behind that, with false.
	Waiting func(bool)

	path    string // "" for what is not followed by its name
	watcher *Watcher
	woken   chan struct{}
	watched bool
	names   []string // that it is watched under; the Watcher's

	left *opened   // what was read before, which may still be written to; or nil
	at   *opened   // what is read; nil before the first
	next []*opened // what came after it at the path

	known  map[string]segment // what was moved away before; nil before the first look
	within bool               // its files have had names with a date or number within
	seen   time.Time          // when the last of these files was at the path for sure

	told string    // the last warning, while it holds
	gone time.Time // since when nothing stands at the path
}

// Follow returns a File that reads what stands at the path.
func (w *Watcher) Follow(path string) *File {
	return &File{path: path, watcher: w, woken: make(chan struct{}, 1)}
}

// Opened returns a File that reads r, which stays open. A file is read on at
// its end, from where it stands; anything else ends with its end.
func (w *Watcher) Opened(r io.Reader) *File {
	f := w.Follow("")
	o := &opened{stream: r, ends: true}
	if file, ok := r.(*os.File); ok {
		st, err := file.Stat()
		pos, seekErr := file.Seek(0, io.SeekCurrent)
		if err == nil && seekErr == nil && st.Mode().IsRegular() {
			o = &opened{file: file, info: st, regular: true, pos: pos}
		}
	}
	f.next = []*opened{o}
	return f
}

// maxAhead is how many files are opened before they are read, so that they can
// be read after they were deleted or compressed.
const maxAhead = 8

// Next goes to the first file, or, where Read returned [io.EOF], to the next
// one. It waits until there is one. It returns io.EOF if there will be none, and
// [os.ErrClosed] if the Watcher was closed.
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

// leave keeps a file open that was moved away, until the next one is.
func (f *File) leave(o *opened) {
	if !o.regular || o.raw || o.file == nil || f.path == "" {
		o.close()
		return
	}
	if f.left != nil {
		f.left.close()
	}
	f.left = o
}

// readLate reads lines that were written to the file that was left, if those of
// the file at hand are whole.
func (f *File) readLate(p []byte) int {
	if f.left == nil || f.at.raw || f.at.pos != f.at.line {
		return 0
	}
	n, _ := f.left.readLines(p, false)
	return n
}

// Skip gives up the file that is read, which is damaged: Next waits for the one
// after it.
func (f *File) Skip() { f.at.skipped = true }

// waitForNext waits for another file than the one at hand.
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

// Read reads what there is, or waits for more. At the end of a file it returns
// [io.EOF]; [File.Next] goes on then. It returns [os.ErrClosed] if the Watcher
// was closed while it waited.
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
		over := f.over() // before what may have been written until then is read
		n, err := f.at.readLines(p, over)
		switch {
		case f.at.cut && f.at.takenBack():
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

// Wait waits until Read is likely to return at once; for what is not a regular
// file it does not wait. It returns [os.ErrClosed] if the Watcher was closed.
func (f *File) Wait() error {
	for f.at.regular && !f.changed() {
		if err := f.sleep(); err != nil {
			return err
		}
	}
	return nil
}

// changed reports whether a look shows anything new.
func (f *File) changed() bool {
	if f.look() != nil || f.over() || f.at.file == nil {
		return true
	}
	if f.left != nil {
		if st, err := f.left.file.Stat(); err == nil && st.Size() > f.left.seen {
			return true
		}
	}
	st, err := f.at.file.Stat()
	return err != nil || st.Size() != f.at.seen || f.at.touched
}

// Ends reports whether what is read ends with its end, for good: whether it is
// neither a file nor a FIFO.
func (f *File) Ends() bool { return f.at.ends }

// Close closes the files that are open.
func (f *File) Close() error {
	if f.path == "" {
		return nil
	}
	var err error
	for _, o := range append(f.next, f.at, f.left) {
		if o != nil {
			err = errors.Join(err, o.close())
		}
	}
	f.left, f.at, f.next = nil, nil, nil
	return err
}

// over reports whether the file at hand was moved away and will not be written
// to any more: who wrote to it writes to the one after it.
func (f *File) over() bool {
	return len(f.next) > 1 || len(f.next) == 1 && f.next[0].begun()
}

// sleep sleeps until the File is woken, or it is time to look.
func (f *File) sleep() error {
	interval := pollInterval
	if f.watched {
		interval = f.watcher.slow
	}
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-f.woken:
	case <-timer.C:
	case <-f.watcher.closed:
		return os.ErrClosed
	}
	return nil
}

func (f *File) wakeUp() {
	select {
	case f.woken <- struct{}{}:
	default:
	}
}
