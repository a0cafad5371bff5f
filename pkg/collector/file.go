package collector

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"auditctl/pkg/compress"
	"auditctl/pkg/index"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
)

// Sync says when a file is synced, so that its lines survive a crash of the machine.
// Lines that were written but not synced survive only a crash of the process.
type Sync uint8

// When a file is synced.
const (
	SyncNever   Sync = iota // the default
	SyncOnClose             // by Close, and when the file is rotated or reopened
	SyncAlways              // by Flush as well
)

// JSONLOptions are options for [OpenJSONL]. They apply to regular files only, and except
// for Sync, not to descriptors that are already open. The zero value has the defaults.
type JSONLOptions struct {
	// Truncate empties the file when it is opened.
	Truncate bool

	// New makes it an error that the file exists. It is then written to even after it was
	// moved or deleted, or Reopen was called: what is written belongs together.
	New bool

	// Header, if not empty, is lines that begin the file: they are written if it is empty,
	// before the first event or at Close. So does every file that takes its place.
	Header []byte

	// Sync says when the file is synced. Unless it is SyncNever, the directory is
	// synced whenever the file is opened.
	Sync Sync

	// Rotate says when the file is rotated.
	Rotate Rotation

	// Rotating, if not nil, is called before the file is rotated by Rotate: it is
	// complete, and nobody writes to it. The function it returns is called after the
	// rotation, even if that failed. Neither may call the collector.
	Rotating func(path string) (done func())

	// Index keeps an index beside the file, see [index.Keeper]: that of an empty file from
	// its first line on, and another one if it is there. It is renamed and removed with the
	// file when that is rotated. A compressed file has none.
	Index bool

	// LockWait, if not zero, is how long to wait for other processes that have the file
	// locked. Then the write fails, and nothing of it is written.
	LockWait time.Duration

	// Logger, if not nil, gets warnings for the user that are not errors. It is
	// called during Emit and Flush, so its handler must not call the collector.
	Logger *slog.Logger

	disk disk // for tests
}

// OpenJSONL opens a path for appending, and creates the file with mode 0600 if there is
// none. If its last line lacks the line feed, it gets one before the first event. Opening
// a FIFO waits for its reader. The file belongs to the collector; Close closes it. The
// options may be nil.
//
// A path such as /dev/stdout or /dev/fd/3 means that descriptor of the process: lines are
// written at its current offset, and the file is never truncated, repaired or rotated.
//
// Any number of processes may append to a file at the same time. Each locks it (flock)
// from the first byte of a line to the last, so that even a line that takes several
// writes, or that is partly written and cut back, does not mix with others. This depends
// on the file system: network file systems may lack such locks or atomic appends, and
// programs that do not take the lock rely on atomic appends alone.
//
// A file that was moved or deleted is recreated before the next write. A symbolic link
// that takes its place is an error, unless the path was a link when it was opened.
//
// If the path ends in .gz or .zst, the file is compressed, each batch as a gzip member or
// Zstandard frame of its own, so that readers see complete lines up to the last Flush.
// But if the file is not empty, its content decides: gzip members are appended to gzip
// members, and plain lines to plain lines. A compressed file that does not end with a
// complete member or frame, as after a crash, is renamed to path.torn (or path.torn.1 and
// so on), and a new file is begun.
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
	if f.opts.Index && compress.ByName(path) == compress.None {
		f.keeper, f.disk = index.NewKeeper(path, f.warn), indexedDisk{f.disk}
	}
	flag := 0
	if f.opts.Truncate {
		flag = os.O_TRUNC
	}
	if f.opts.New {
		flag |= os.O_EXCL
	}
	if err := f.reopenWith(flag); err != nil {
		f.leave()
		return nil, err
	}
	return &JSONL{out: f}, nil
}

// isStream reports whether a path is that of an open descriptor, or not of a regular
// file. These are opened for writing only: a FIFO opened for reading, too, would never
// report that its reader is gone.
func isStream(path string) bool {
	if _, open := Descriptor(path); open {
		return true
	}
	st, err := os.Stat(path)
	return err == nil && !st.Mode().IsRegular()
}

// unknown is an offset that is not known or does not exist.
const unknown = -1

// A file is a regular file that any number of processes append to.
type file struct {
	path   string
	follow bool // the path is a symbolic link
	opts   JSONLOptions
	disk   disk

	h        handle // nil if it must be opened first
	opened   time.Time
	size     int64 // after the last write
	format   compress.Format
	appender *compress.Appender // of the format; nil if lines are not compressed
	locked   bool
	begunAt  int64 // the offset of a line that was written only in part
	taken    atomic.Int64
	keeper   *index.Keeper // nil: no index is kept
	unsynced bool
	syncErr  error // the first one

	putOff      putOff
	surplus     bool  // there may be more rotated files than are to be kept
	failure     error // the first failed rotation, which lost no line
	compressing compression
}

// write appends lines. The file stays locked after a piece of a line, until the end of
// the line is written.
func (f *file) write(lines []byte) error {
	for len(lines) > 0 {
		if !f.locked {
			if err := f.lock(lineLength(lines)); err != nil {
				f.unlock()
				return err
			}
		}
		n := f.room(lines)
		kept, err := f.appendLines(lines[:n])
		f.taken.Add(int64(kept))
		if err != nil {
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

// append is appendLines for what is not counted.
func (f *file) append(lines []byte) error {
	_, err := f.appendLines(lines)
	return err
}

// appendLines appends complete lines, or a piece of one, and returns how much of them is
// not cut back.
func (f *file) appendLines(lines []byte) (kept int, err error) {
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
			kept = wholeLines(lines[:n])
			keep += int64(kept)
		}
		if keep != end && !f.cutBack(keep, end) {
			err = fmt.Errorf("%w; the file may end within a line", err)
		}
		return kept, err
	}
	f.size = end
	switch {
	case lines[len(lines)-1] == '\n':
		f.begunAt = unknown
	case f.begunAt == unknown:
		f.begunAt = start
	}
	return len(lines), nil
}

// cutBack truncates the file to keep, unless others have written after end. It reports
// whether it could.
func (f *file) cutBack(keep, end int64) bool {
	st, err := f.h.Stat()
	return err == nil && st.Size() == end && (keep == end || f.h.Truncate(keep) == nil)
}

// lock locks the file that the path leads to now, reopening it if necessary, to write a
// line of some length, or none. It completes an incomplete last line, rotates the file if
// that is due, and begins an empty one.
func (f *file) lock(line int) error {
	late := time.Now().Add(f.opts.LockWait)
	for {
		if f.h == nil {
			if err := f.reopenWith(0); err != nil {
				return err
			}
		}
		if err := f.lockUntil(late); err != nil {
			return &fs.PathError{Op: "lock", Path: f.path, Err: err}
		}
		f.locked = true
		st, err := f.h.Stat()
		if err != nil {
			return err
		}
		now, err := os.Stat(f.path)
		if (err == nil && !os.SameFile(st, now) || errors.Is(err, fs.ErrNotExist)) && !f.opts.New {
			if err := f.leave(); err != nil {
				return err
			}
			continue
		}
		f.beginIndex()
		if st.Size() != f.size {
			if repaired, err := f.repairEnd(st.Size()); err != nil {
				return err
			} else if !repaired {
				continue
			}
		}
		if !f.rotationDue(f.size, line) {
			f.note(f.discard())
			return f.begin()
		}
		if gone, err := f.rotate(); err != nil || !gone {
			return err
		}
	}
}

// lockUntil locks the file when others have released their locks, but with LockWait not
// later than that.
func (f *file) lockUntil(late time.Time) error {
	if f.opts.LockWait == 0 {
		return osfile.Lock(f.h)
	}
	ctx, cancel := context.WithDeadlineCause(context.Background(), late, errLocked)
	defer cancel()
	return osfile.LockContext(ctx, f.h)
}

var errLocked = errors.New("another process has it locked")

// begin writes the header if the file, which is locked, is empty.
func (f *file) begin() error {
	if f.size > 0 || len(f.opts.Header) == 0 {
		return nil
	}
	return f.append(f.opts.Header)
}

// repairEnd makes sure that lines can be appended to the file, whose size somebody else
// has changed. It returns false if the file was renamed and must be recreated.
func (f *file) repairEnd(size int64) (repaired bool, err error) {
	seen := f.size != unknown
	if !seen || size < f.size { // it may have other content now
		f.putOff = putOff{}
		if err := f.detectFormat(); err != nil {
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
		if err == nil {
			f.warn(fmt.Sprintf("%s is damaged at its end: it was kept as %s", f.path, aside))
		}
		return false, err
	}
	var last [1]byte
	_, err = f.h.ReadAt(last[:], size-1)
	if err == nil && last[0] == '\n' || err != nil && seen {
		return true, nil
	}
	// If the file cannot be read, this may add a blank line, which is harmless.
	return true, f.append([]byte{'\n'})
}

// detectFormat detects the format of the file: by its content if that is readable, else
// by its name.
func (f *file) detectFormat() error {
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

// setAside renames the file to a free name with the suffix Torn.
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

// formatWith returns the format of a file that begins with head: plain lines, known by
// the { of the first one, or what Detect says, or else what its name says.
func formatWith(head []byte, named compress.Format) compress.Format {
	format, _ := compress.Detect(head)
	if format != compress.None || bytes.HasPrefix(bytes.TrimLeft(head, "\ufeff \t\r\n"), []byte{'{'}) {
		return format
	}
	return named
}

// target returns the path of the file itself if the path is a symbolic link.
func (f *file) target() (string, error) {
	if f.follow {
		return filepath.EvalSymlinks(f.path)
	}
	return f.path, nil
}

func (f *file) unlock() {
	if f.locked {
		f.endIndex()
		f.locked = false
		osfile.Unlock(f.h)
	}
}

// reopen closes the file and opens the path again.
func (f *file) reopen() error {
	if f.begunAt != unknown || f.opts.New {
		return nil // the rest belongs in this file
	}
	if err := f.leave(); err != nil {
		return err
	}
	return f.reopenWith(0)
}

// leave closes the file, which releases its lock.
func (f *file) leave() error {
	f.endIndex()
	var err error
	if f.opts.Sync != SyncNever {
		err = f.sync()
	}
	if f.h != nil {
		f.syncIndex()
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

// use makes h the current file. Its name may be new, whoever created it, and must survive
// a crash like its lines, so it syncs the directory.
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

// sync syncs what was written. A failed sync is as final as a failed write: the kernel
// may have dropped the pages, and another sync would report success.
func (f *file) sync() error {
	if f.unsynced && f.h != nil {
		f.unsynced = false
		f.syncErr = cmp.Or(f.syncErr, f.h.Sync())
	}
	return f.syncErr
}

func (f *file) written() int64 { return f.taken.Load() }

func (f *file) close(endLine bool) error {
	var err error
	switch {
	case endLine && f.begunAt != unknown:
		err = f.endLine()
	case endLine && f.size == unknown && len(f.opts.Header) > 0:
		err = f.lock(0)
	}
	err = cmp.Or(err, f.leave(), f.failure, f.compressing.wait())
	if f.keeper != nil {
		f.keeper.Close()
	}
	return err
}

// endLine removes an incomplete last line, or if others have written after it, ends it
// with a line feed.
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

// lineLength returns the length of the first line, with its line feed.
func lineLength(lines []byte) int {
	if i := bytes.IndexByte(lines, '\n'); i >= 0 {
		return i + 1
	}
	return len(lines)
}

// wholeLines returns how many of the bytes are complete lines.
func wholeLines(lines []byte) int { return bytes.LastIndexByte(lines, '\n') + 1 }
