package collector

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"auditctl/pkg/compress"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
)

// Rotation says when a file is moved away: audit.jsonl becomes audit.jsonl.1,
// what was audit.jsonl.1 before becomes audit.jsonl.2, and so on. That happens
// between two lines, before the first that comes when it is due, and before the
// new file is made, so that at no moment a line is missing. An empty file is not
// rotated. The zero Rotation never is due.
//
// Nothing is ever replaced, and a rotation that fails costs no line: the file stays
// where it is and is written to, and the next try is made when it has grown by Size,
// or aged by Every, again. Close reports the first failure.
type Rotation struct {
	// Size is how many bytes a file may have. It is only larger if its one line
	// is, or, compressed, by a batch. Zero is no limit.
	Size int64

	// Every is how old a file may become, counted from its birth, or, where the
	// file system does not say that, from when it was opened. Zero is no limit.
	Every time.Duration

	// Keep is how many files that were moved away are kept; what is more is removed
	// when another one was moved. Zero keeps all.
	Keep int

	// Compress is how a file is compressed after it was moved away, which gives
	// it that suffix; None: it is not. What cannot be compressed stays as it is;
	// Close reports the first error.
	Compress compress.Format
}

// limited reports whether a file is rotated at all.
func (r Rotation) limited() bool { return r.Size > 0 || r.Every > 0 }

func (r Rotation) check(compressed bool) error {
	switch {
	case r.Size < 0 || r.Every < 0 || r.Keep < 0:
		return errors.New("rotation: a limit is below zero")
	case r.Compress != compress.None && compressed:
		return errors.New("rotation: the file is compressed as it is written")
	case r.Compress != compress.ByName(string(r.Compress)):
		return fmt.Errorf("rotation: no compression %q: want %s or %s", r.Compress, compress.Gzip, compress.Zstd)
	}
	return nil
}

// rotationDue reports whether the file, which is locked and has some size, is to
// be rotated before a line of some length is added.
func (f *file) rotationDue(size int64, line int) bool {
	r := f.opts.Rotate
	switch {
	case size == 0:
		return false
	case r.Size > 0 && (size >= f.limit() || f.appender == nil && size+int64(line) > f.limit()):
		return true
	case r.Every > 0:
		born, ok := birth(f.h)
		if !ok {
			born = f.opened
		}
		if f.putOff.at.After(born) {
			born = f.putOff.at
		}
		return time.Since(born) >= r.Every
	}
	return false
}

// limit returns how many bytes the file may have.
func (f *file) limit() int64 { return f.putOff.size + f.opts.Rotate.Size }

// room returns how many bytes of the lines go into the file before it is
// rotated: one line at least.
func (f *file) room(lines []byte) int {
	whole := wholeLines(lines)
	if whole == 0 {
		return len(lines) // a piece
	}
	left := f.limit() - f.size
	if f.opts.Rotate.Size == 0 || f.appender != nil || int64(whole) <= left {
		return whole
	}
	if n := wholeLines(lines[:max(left, 0)]); n > 0 {
		return n
	}
	return lineLength(lines)
}

// A putOff says when a rotation was given up: there is another one when the file
// has grown, or aged, by as much again. The zero value is of none.
type putOff struct {
	size int64
	at   time.Time
}

// rotate moves the file, which is locked, away, and goes on with a new one like it.
// Who waits for the lock sees that it is another file then. Where that cannot be
// done the file is back in its place, and the rotation put off. It reports whether
// the path leads to another file now.
func (f *file) rotate() (gone bool, err error) {
	if f.opts.Rotating != nil {
		defer f.opts.Rotating(f.path)()
	}
	path, err := f.target()
	if err != nil {
		return f.giveUp(err)
	}
	if err := shift(f.disk, path); err != nil {
		return f.giveUp(err)
	}
	if err := f.disk.RenameNew(path, rotated.Path(path, 1)); err != nil {
		return f.giveUp(err)
	}
	next, err := f.successor(path)
	if err != nil {
		if back := f.disk.RenameNew(rotated.Path(path, 1), path); back != nil {
			err = fmt.Errorf("%w; %w", err, back)
		}
		return f.giveUp(err)
	}
	// The directory is synced once, by use, for both names: file systems keep the
	// order of changes to one directory.
	err = f.leave()
	if next != nil {
		err = cmp.Or(err, f.use(next))
	}
	if err != nil {
		return false, err
	}
	f.surplus = f.opts.Rotate.Keep > 0
	if f.opts.Rotate.Compress != compress.None {
		f.compressing.start(compressor{f.disk, path, f.opts.Rotate.Compress})
	}
	return true, nil
}

// successor creates a file like the one that was moved away, as far as that is
// allowed. It returns none if somebody else was faster.
func (f *file) successor(path string) (handle, error) {
	like, err := f.h.Stat()
	if err != nil {
		return nil, err
	}
	next, err := createNew(f.disk, path)
	if errors.Is(err, fs.ErrExist) {
		return nil, nil
	}
	if err == nil {
		osfile.Resemble(next, like)
	}
	return next, err
}

// giveUp puts the rotation off, unless somebody else moved the file just now.
func (f *file) giveUp(err error) (gone bool, _ error) {
	if errors.Is(err, fs.ErrNotExist) && !osfile.LeadsTo(f.path, f.h) {
		return true, nil
	}
	f.putOff = putOff{f.size, time.Now()}
	f.note(err)
	return false, nil
}

// note keeps the first error of rotations, for Close.
func (f *file) note(err error) {
	if err != nil && f.failure == nil {
		f.failure = fmt.Errorf("rotate: %w", err)
	}
}

// shift makes room for the first name of a file that is moved away. Numbers up
// to the first gap, as one is left where a process was killed, move up by one.
func shift(d disk, path string) error {
	last, err := lastRotated(d, path)
	if err != nil {
		return err
	}
	for n := last; n > 0; n-- {
		err := eachForm(d, rotated.Path(path, n), func(name string, format compress.Format) error {
			return d.RenameNew(name, rotated.Path(path, n+1)+string(format))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// discard removes what is not to be kept after a rotation. The file that the path
// leads to now is locked, as for all that is done to those that were moved away:
// another one may be compressing them.
func (f *file) discard() error {
	if !f.surplus {
		return nil
	}
	f.surplus = false
	path, err := f.target()
	if err != nil {
		return err
	}
	last, err := lastRotated(f.disk, path)
	for n := last; err == nil && n > f.opts.Rotate.Keep; n-- {
		err = eachForm(f.disk, rotated.Path(path, n), func(name string, _ compress.Format) error { return f.disk.Remove(name) })
	}
	return err
}

// lastRotated returns the number before the first gap.
func lastRotated(d disk, path string) (last int, err error) {
	for {
		found := false
		err := eachForm(d, rotated.Path(path, last+1), func(string, compress.Format) error {
			found = true
			return nil
		})
		if err != nil || !found {
			return last, err
		}
		last++
	}
}

// eachForm calls do for every file of a name, the compressed ones too. That one is
// gone when it is to be moved is no error: others may clear old files away.
func eachForm(d disk, name string, do func(name string, format compress.Format) error) error {
	for _, format := range []compress.Format{compress.None, compress.Gzip, compress.Zstd} {
		_, err := d.Lstat(name + string(format))
		if err == nil {
			err = do(name+string(format), format)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
