package collector

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"auditctl/pkg/compress"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
)

// Sync says when a file is synced, so that what was written survives a crash of
// the machine. Otherwise it survives one of the process only.
type Sync uint8

// When a file is synced.
const (
	SyncNever   Sync = iota
	SyncOnClose      // by Close, and when the file is rotated or opened anew
	SyncAlways       // by Flush as well
)

// JSONLOptions are options for [OpenJSONL]. They hold for regular files only, and
// but for Sync not for those that are open already. The zero value has the defaults.
type JSONLOptions struct {
	// Truncate empties the file when it is opened.
	Truncate bool

	// Sync says when the file is synced. The directory is synced, once, when
	// the file is made.
	Sync Sync

	// Rotate moves the file away when it is large or old enough.
	Rotate Rotation

	// Rotating, if set, is called before the file at a path is moved away by
	// Rotate: it has its last lines, and nobody adds any. What it returns is
	// called when the file has been moved, or could not be. Neither may call the
	// collector.
	Rotating func(path string) (done func())

	// Logger, if set, is told what a person should know and is no error. Its handler
	// is called by whoever emits or flushes, and must not call the collector.
	Logger *slog.Logger

	disk disk // for tests
}

// OpenJSONL opens a path to append to, and creates it with mode 0600 if there is
// no file. If the last line lacks the line feed it gets one before the first
// event. Opening a FIFO waits for its reader. The file belongs to the collector;
// Close closes it. The options may be nil.
//
// A path such as /dev/stdout or /dev/fd/3 is what the process has open under that
// number: it is written to from where it is, and nothing is done to what it holds.
//
// Any number of processes may append to one file at once. Each locks it (flock)
// from the first byte it writes to the end of the line, so that not even a line
// that takes many writes, or of which a part has to be taken back, mixes with
// others. This rests on the file system: network file systems may lack such
// locks, or not append in one step, and programs that do not take the lock are
// only kept apart by the latter.
//
// A file that was moved away or deleted is noticed before the next write, and
// made anew. A symbolic link that takes its place is not followed, unless the path
// was one at the start.
//
// A path that ends in .gz or .zst is written compressed, each batch as a gzip
// member or zstd frame of its own, so that whoever reads the file sees whole
// lines up to the last Flush. What a file holds already counts for more than its
// name: after gzip members come more of them, after lines come lines. If a
// compressed file does not end with a whole member or frame, as after a crash, it
// is kept under its name with .torn at the end, and a new one is begun.
func OpenJSONL(path string, opts *JSONLOptions) (*JSONL, error) {
	f := &file{path: path, disk: realDisk{}, size: unknown, begunAt: unknown}
	if opts != nil {
		f.opts = *opts
	}
	if f.opts.disk != nil {
		f.disk = f.opts.disk
	}
	if isStream(path) {
		s, err := openStream(path, f.opts)
		if err != nil {
			return nil, err
		}
		return &JSONL{out: s}, nil
	}
	if err := f.opts.Rotate.check(compress.ByName(path) != compress.None); err != nil {
		return nil, err
	}
	if st, err := os.Lstat(path); err == nil && st.Mode()&fs.ModeSymlink != 0 {
		f.follow = true
	}
	flag := 0
	if f.opts.Truncate {
		flag = os.O_TRUNC
	}
	if err := f.reopenWith(flag); err != nil {
		f.leave()
		return nil, err
	}
	return &JSONL{out: f}, nil
}

// isStream reports whether a path leads to what is open already, or to what is not
// a regular file, which is opened for writing only: a FIFO opened both ways would
// never have a missing reader.
func isStream(path string) bool {
	if _, open := Descriptor(path); open {
		return true
	}
	st, err := os.Stat(path)
	return err == nil && !st.Mode().IsRegular()
}

// unknown stands for an offset that is not known, or of nothing.
const unknown = -1

// A file is a regular file that any number of processes append to.
type file struct {
	path   string
	follow bool // the path is a symbolic link
	opts   JSONLOptions
	disk   disk

	h        handle // nil: to be opened
	opened   time.Time
	size     int64 // when it was last written to
	format   compress.Format
	appender *compress.Appender // of the format; nil: lines are written as they are
	locked   bool
	begunAt  int64 // where the line begins that was written only in part
	unsynced bool

	putOff      putOff
	surplus     bool  // files that were moved away may be more than are kept
	failure     error // the first one that cost no line
	compressing compression
}

// write appends lines. A line of which only a piece is there keeps the file
// locked until its end comes.
func (f *file) write(lines []byte) error {
	for len(lines) > 0 {
		if !f.locked {
			if err := f.lock(lineLength(lines)); err != nil {
				f.unlock()
				return err
			}
		}
		n := f.room(lines)
		if err := f.append(lines[:n]); err != nil {
			f.unlock()
			return err
		}
		lines = lines[n:]
		if f.begunAt == unknown {
			f.unlock()
		}
	}
	return nil
}

// append appends whole lines, or a piece of one.
func (f *file) append(lines []byte) error {
	data := lines
	if f.appender != nil {
		data = f.appender.Compress(lines)
	}
	n, err := writeFull(f.h, data)
	f.unsynced = true
	end, seekErr := f.h.Seek(0, io.SeekCurrent)
	start := end - int64(n)
	if err = cmp.Or(err, seekErr); err != nil {
		keep := start
		switch {
		case f.begunAt != unknown:
			keep = f.begunAt
		case f.appender == nil:
			keep += int64(wholeLines(lines[:n]))
		}
		if keep != end && !f.cutBack(keep, end) {
			err = fmt.Errorf("%w; the file may end within a line", err)
		}
		return err
	}
	f.size = end
	switch {
	case lines[len(lines)-1] == '\n':
		f.begunAt = unknown
	case f.begunAt == unknown:
		f.begunAt = start
	}
	return nil
}

// cutBack takes back what was written behind keep, up to end, unless others wrote
// behind it, and reports whether it could.
func (f *file) cutBack(keep, end int64) bool {
	st, err := f.h.Stat()
	return err == nil && st.Size() == end && (keep == end || f.h.Truncate(keep) == nil)
}

// lock locks the file that the path leads to now, opened anew if need be, for a
// line of some length. It ends a line that was left torn, and rotates where that
// is due.
func (f *file) lock(line int) error {
	for {
		if f.h == nil {
			if err := f.reopenWith(0); err != nil {
				return err
			}
		}
		if err := osfile.Lock(f.h); err != nil {
			return &fs.PathError{Op: "lock", Path: f.path, Err: err}
		}
		f.locked = true
		st, err := f.h.Stat()
		if err != nil {
			return err
		}
		now, err := os.Stat(f.path)
		if err == nil && !os.SameFile(st, now) || errors.Is(err, fs.ErrNotExist) {
			if err := f.leave(); err != nil {
				return err
			}
			continue
		}
		if st.Size() != f.size {
			if mended, err := f.mend(st.Size()); err != nil {
				return err
			} else if !mended {
				continue
			}
		}
		if !f.rotationDue(f.size, line) {
			f.note(f.discard())
			return nil
		}
		if gone, err := f.rotate(); err != nil || !gone {
			return err
		}
	}
}

// mend makes sure that a file, which somebody else left with some size, can be
// appended to. It reports false if it is another file now.
func (f *file) mend(size int64) (mended bool, err error) {
	seen := f.size != unknown
	if !seen || size < f.size { // perhaps it holds something else now
		f.putOff = putOff{}
		if err := f.recognise(); err != nil {
			return false, err
		}
	}
	f.size = size
	if size == 0 {
		return true, nil
	}
	if f.appender != nil {
		whole, endsLine, err := f.format.EndsWhole(f.h, size)
		switch {
		case err != nil:
			return false, err
		case endsLine:
			return true, nil
		case whole:
			return true, f.append([]byte{'\n'})
		}
		aside, err := f.setAside()
		if err == nil && f.opts.Logger != nil {
			f.opts.Logger.Warn(fmt.Sprintf("%s does not end whole: it was kept as %s", f.path, aside))
		}
		return false, err
	}
	var last [1]byte
	_, err = f.h.ReadAt(last[:], size-1)
	if err == nil && last[0] == '\n' || err != nil && seen {
		return true, nil
	}
	// One line feed too many, where the file cannot be read, makes a blank line,
	// which is harmless.
	return true, f.append([]byte{'\n'})
}

// recognise finds out how the file is compressed: by what it holds, if that can be
// read, and else by its name.
func (f *file) recognise() error {
	var head [8]byte
	n, err := f.h.ReadAt(head[:], 0)
	format := compress.ByName(f.path)
	switch {
	case n > 0:
		format = formatWith(head[:n], format)
	case err != io.EOF && format != compress.None:
		return err
	}
	if format == f.format {
		return nil
	}
	f.format, f.appender = format, nil
	if format != compress.None {
		f.appender = format.NewAppender()
	}
	return nil
}

// setAside gives the file a name under which it is kept.
func (f *file) setAside() (aside string, err error) {
	path, err := f.target()
	if err != nil {
		return "", err
	}
	err, aside = fs.ErrExist, path+rotated.Torn
	for n := 1; errors.Is(err, fs.ErrExist); n++ {
		if err = f.disk.RenameNew(path, aside); err == nil {
			return aside, f.leave()
		}
		aside = rotated.Path(path+rotated.Torn, n)
	}
	return "", err
}

// formatWith returns how a file is compressed that begins with head, and whose name
// says something. Lines are known by the { of the first one.
func formatWith(head []byte, named compress.Format) compress.Format {
	format, _ := compress.Detect(head)
	if format != compress.None || bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte{'{'}) {
		return format
	}
	return named
}

// target returns the name of the file itself, where the path is a symbolic link.
func (f *file) target() (string, error) {
	if f.follow {
		return filepath.EvalSymlinks(f.path)
	}
	return f.path, nil
}

func (f *file) unlock() {
	if f.locked {
		f.locked = false
		osfile.Unlock(f.h)
	}
}

// reopen opens the path anew.
func (f *file) reopen() error {
	if f.begunAt != unknown {
		return nil // its line has the lock
	}
	if err := f.leave(); err != nil {
		return err
	}
	return f.reopenWith(0)
}

// leave closes the file, which frees its lock.
func (f *file) leave() error {
	var err error
	if f.opts.Sync != SyncNever {
		err = f.sync()
	}
	if f.h != nil {
		err = cmp.Or(err, f.h.Close())
	}
	f.h, f.locked, f.size, f.putOff = nil, false, unknown, putOff{}
	return err
}

func (f *file) reopenWith(flag int) error {
	flag |= os.O_APPEND | os.O_CREATE
	if !f.follow {
		flag |= osfile.NoFollow
	}
	h, err := f.disk.Open(f.path, flag|os.O_RDWR)
	if errors.Is(err, fs.ErrPermission) && compress.ByName(f.path) == compress.None {
		h, err = f.disk.Open(f.path, flag|os.O_WRONLY)
	}
	if errors.Is(err, syscall.ELOOP) && !f.follow {
		err = &fs.PathError{Op: "open", Path: f.path, Err: errors.New("a symbolic link has taken its place")}
	}
	if err != nil {
		return err
	}
	return f.use(h)
}

// use goes on with a file that was opened. Its name may be new, whoever made it,
// and is to survive a crash as what is written to it.
func (f *file) use(h handle) error {
	f.h, f.opened, f.size = h, time.Now(), unknown
	if f.opts.Sync == SyncNever {
		return nil
	}
	path, err := f.target()
	if err != nil {
		return err
	}
	return f.disk.SyncDir(filepath.Dir(path))
}

func (f *file) flush() error {
	if f.opts.Sync == SyncAlways {
		return f.sync()
	}
	return nil
}

// sync syncs what was written. A failed sync is as final as a failed write: the
// kernel may have dropped the pages, and a second sync would report success.
func (f *file) sync() error {
	if !f.unsynced || f.h == nil {
		return nil
	}
	f.unsynced = false
	return f.h.Sync()
}

func (f *file) close(whole bool) error {
	var err error
	if whole && f.begunAt != unknown {
		err = f.endLine()
	}
	return cmp.Or(err, f.leave(), f.failure, f.compressing.wait())
}

// endLine takes a line back that has not come whole, or ends it where others
// wrote behind it.
func (f *file) endLine() error {
	end, err := f.h.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if f.cutBack(f.begunAt, end) {
		return nil
	}
	return f.append([]byte{'\n'})
}

// lineLength returns how many bytes the first line has, with its line feed.
func lineLength(lines []byte) int {
	if i := bytes.IndexByte(lines, '\n'); i >= 0 {
		return i + 1
	}
	return len(lines)
}

// wholeLines returns how many of the bytes are whole lines.
func wholeLines(lines []byte) int { return bytes.LastIndexByte(lines, '\n') + 1 }
