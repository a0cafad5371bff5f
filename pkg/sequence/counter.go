package sequence

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
)

// A Counter gives out the numbers of a log. It is a file beside the log, which has the last
// number that was given out and is locked (flock) while lines are numbered and written: any
// number of processes can write to the log, and its lines are in the order of their
// numbers.
//
// The file is written before the lines are. So a process that is killed in between leaves a
// gap, and no number is given out twice. The count goes on as long as the file fits the end
// of the log: the last number there is of the same epoch, and not a later one. That is so,
// too, if lines were taken from the end, which leaves a gap, and if the log was rotated. If
// the file is missing or damaged, or does not fit, a new epoch begins.
//
// A Counter is for one goroutine.
type Counter struct {
	log     string // the log, whatever links lead to it
	path    string
	options CounterOptions

	file     file  // nil if it must be opened first
	state    state // what the file has
	known    bool  // the state fits the log, as far as this Counter knows
	numberer Numberer
}

// CounterOptions are options for [OpenCounter].
type CounterOptions struct {
	// Sync syncs the file before numbers are used, so that the count goes on after a crash
	// of the machine. Without it a new epoch may begin.
	Sync bool

	// MaxLine is that of a [Numberer].
	MaxLine int

	wrap func(*os.File) file // for tests
}

// A file is what a Counter needs of an *os.File.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Name() string
	Stat() (fs.FileInfo, error)
	Sync() error
	Fd() uintptr
}

// CounterPath returns the path of the counter of a log.
func CounterPath(log string) string { return log + rotated.Counter }

// OpenCounter opens the counter of a log, or creates it, with owner and mode of the log. It
// must be a regular file, and neither a link nor something else than a counter.
func OpenCounter(log string, o CounterOptions) (*Counter, error) {
	if real, err := filepath.EvalSymlinks(log); err == nil {
		log = real
	}
	c := &Counter{log: log, path: CounterPath(log), options: o, numberer: Numberer{MaxLine: o.MaxLine}}
	if err := c.open(); err != nil {
		return nil, err
	}
	if _, err := readState(c.file); err != nil {
		c.file.Close()
		return nil, err
	}
	return c, nil
}

func (c *Counter) open() error {
	f, err := openCounter(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = c.create()
	}
	if err != nil {
		return err
	}
	if c.file = f; c.options.wrap != nil {
		c.file = c.options.wrap(f)
	}
	return nil
}

func openCounter(path string) (*os.File, error) {
	return osfile.OpenRegular(path, os.O_RDWR|osfile.NoFollow, 0)
}

// create creates the file, or opens the one that another process has just created.
func (c *Counter) create() (*os.File, error) {
	f, err := osfile.CreateNew(c.path)
	if errors.Is(err, fs.ErrExist) {
		return openCounter(c.path)
	}
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(c.log); err == nil {
		osfile.Resemble(f, st) // as far as permitted
	}
	if c.options.Sync {
		if err := osfile.SyncDir(filepath.Dir(c.path)); err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}

// Lock waits until no other process numbers lines of the log, and keeps others from doing
// so until Unlock, also if it returns an error.
func (c *Counter) Lock() error {
	for {
		if c.file == nil {
			if err := c.open(); err != nil {
				return err
			}
		}
		if err := osfile.Lock(c.file); err != nil {
			return &fs.PathError{Op: "lock", Path: c.path, Err: err}
		}
		if osfile.LeadsTo(c.path, c.file) {
			return c.load()
		}
		c.file.Close()
		c.file, c.known = nil, false
	}
}

// load reads the file, which is locked, or begins a new epoch.
func (c *Counter) load() error {
	now, err := readState(c.file)
	if err != nil {
		return err
	}
	before := c.state
	c.state = now
	switch {
	case now.last.Epoch == Epoch{}: // missing or damaged
	case c.known && now.last.Epoch == before.last.Epoch && now.last.Seq >= before.last.Seq: // only other Counters wrote
		return nil
	case c.fits():
		c.known = true
		return nil
	}
	c.state = state{last: Number{Epoch: NewEpoch()}, size: unknown}
	c.known = true
	return nil
}

// fits reports whether the state fits the end of the log.
func (c *Counter) fits() bool {
	if c.logSize() == c.state.size {
		return true
	}
	last, err := lastNumber(c.log)
	return err == nil && (last == Number{} || last.Epoch == c.state.last.Epoch && last.Seq <= c.state.last.Seq)
}

// logSize returns the size of the log, unknown if there is none.
func (c *Counter) logSize() int64 {
	st, err := os.Stat(c.log)
	if err != nil {
		return unknown
	}
	return st.Size()
}

// Append is [Numberer.Append] with the next numbers, after Lock. The lines must be written
// to the log, if at all, before Unlock.
func (c *Counter) Append(dst, lines []byte) ([]byte, error) {
	dst, last := c.numberer.Append(dst, lines, c.state.last)
	if last == c.state.last {
		return dst, nil
	}
	c.state.last = last
	err := c.state.write(c.file)
	if err == nil && c.options.Sync {
		err = c.file.Sync()
	}
	c.known = c.known && err == nil
	return dst, err
}

// Unlock ends what Lock began.
func (c *Counter) Unlock() {
	if c.file == nil {
		return
	}
	// If this fails, the end of the log is read the next time.
	if size := c.logSize(); c.known && c.state.last.Seq > 0 && size != c.state.size {
		c.state.size = size
		c.state.write(c.file)
	}
	osfile.Unlock(c.file)
}

// Sync syncs the file, so that the count goes on after a crash of the machine.
func (c *Counter) Sync() error {
	if c.file == nil {
		return nil
	}
	return c.file.Sync()
}

// Close closes the file.
func (c *Counter) Close() error {
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}
