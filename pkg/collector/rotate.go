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

// Rotation says when and how a file is rotated: audit.jsonl is renamed to audit.jsonl.1,
// an audit.jsonl.1 before that to audit.jsonl.2, and so on. A file is rotated between two
// lines, before the first line that comes when it is due, so that no line is missing at
// any time. An empty file is not rotated. The zero Rotation never rotates.
//
// No file is ever replaced, and no line is lost if a rotation fails: the file stays where
// it is and is written to, and rotation is tried again when it has grown by another Size
// or aged by another Every. Close returns the first error.
type Rotation struct {
	// Size is how large a file may become, in bytes. Only a file with a single line
	// may be larger, and a compressed file by one batch. Zero is no limit.
	Size int64

	// Every is how old a file may become, counted from its creation, or if the file
	// system does not record that, from when it was opened. Zero is no limit.
	Every time.Duration

	// Keep is how many rotated files to keep. The oldest beyond that are removed
	// after each rotation. Zero keeps all.
	Keep int

	// Compress is the format in which rotated files are compressed in the background,
	// which adds its suffix to their names. The default is not to. A file that cannot
	// be compressed stays as it is, and Close returns the first error.
	Compress compress.Format
}

// limited reports whether a file is rotated at all.
func (r Rotation) limited() bool { return r.Size > 0 || r.Every > 0 }

func (r Rotation) check(compressed bool) error {
	switch {
	case r.Size < 0 || r.Every < 0 || r.Keep < 0:
		return errors.New("rotation: a limit is negative")
	case r.Compress != compress.None && compressed:
		return errors.New("rotation: the file is compressed as it is written")
	case r.Compress != compress.ByName(string(r.Compress)):
		return fmt.Errorf("rotation: no compression %q: want %s or %s", r.Compress, compress.Gzip, compress.Zstd)
	}
	return nil
}

// rotationDue reports whether the file, which is locked and has the given size, must be
// rotated before a line of the given length is appended.
func (f *file) rotationDue(size int64, line int) bool {
	r := f.opts.Rotate
	switch {
	case size == 0, line == 0:
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

// limit returns how large the file may become, in bytes.
func (f *file) limit() int64 { return f.putOff.size + f.opts.Rotate.Size }

// room returns how many bytes of the lines fit into the file before it is rotated: at
// least one line.
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

// A putOff is the size and time at which a rotation failed and was put off, until the
// file has grown or aged by as much again. The zero value is of none.
type putOff struct {
	size int64
	at   time.Time
}

// rotate rotates the file, which is locked, and opens a new one with the same owner and
// mode. Others that wait for the lock will notice that the file has changed. If it fails,
// the file is put back, and rotation put off. It reports whether the path leads to another
// file now.
func (f *file) rotate() (gone bool, err error) {
	if f.opts.Rotating != nil {
		defer f.opts.Rotating(f.path)()
	}
	path, err := f.target()
	if err != nil {
		return f.giveUp(err)
	}
	if err := f.leaveIndex(); err != nil {
		return false, err
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
	// The directory is synced once, by use, for both renames: file systems preserve the
	// order of changes to a directory.
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

// successor creates a file with the owner and mode of the one that was rotated, as far as
// permitted. It returns nil if somebody else was faster.
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

// giveUp puts the rotation off, unless somebody else has just moved the file.
func (f *file) giveUp(err error) (gone bool, _ error) {
	if errors.Is(err, fs.ErrNotExist) && !osfile.LeadsTo(f.path, f.h) {
		return true, nil
	}
	f.putOff = putOff{f.size, time.Now()}
	f.note(err)
	f.beginIndex() // it may have been renamed, and back
	return false, nil
}

// note keeps the first error of a rotation, for Close.
func (f *file) note(err error) {
	if err != nil && f.failure == nil {
		f.failure = fmt.Errorf("rotate: %w", err)
	}
}

// shift frees the name with number 1: the numbers up to the first gap, as a killed process
// may leave one, are raised by one.
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

// discard removes the rotated files that are not to be kept. The log must be locked, as
// for any change to rotated files, since another process may be compressing them.
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

// lastRotated returns the last number before the first gap.
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

// eachForm calls do for the file of a name, compressed or not. It is no error if one has
// gone meanwhile: others may remove old files.
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
