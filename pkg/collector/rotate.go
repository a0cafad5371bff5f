package collector

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"auditctl/pkg/osfile"
)

// Rotation says when a file is moved away: audit.jsonl becomes audit.jsonl.1,
// what was audit.jsonl.1 before becomes audit.jsonl.2, and so on. That happens
// between two lines, before the first that comes when it is due, and before the
// new file is made, so that at no moment a line is missing. An empty file is not
// rotated. The zero Rotation never is due.
type Rotation struct {
	// Size is how many bytes a file may have. It is only larger if its one line
	// is, or, compressed, by a batch. Zero is no limit.
	Size int64

	// Every is how old a file may become, counted from its birth, or, where the
	// file system does not say that, from when it was opened. Zero is no limit.
	Every time.Duration

	// Keep is how many files that were moved away are kept. Zero keeps all.
	Keep int

	// Compress is the suffix, .gz or .zst, that a file gets when it is
	// compressed after it was moved away; empty: it is not. What cannot be
	// compressed stays as it is; Close reports the first error.
	Compress string
}

// limited reports whether a file is rotated at all.
func (r Rotation) limited() bool { return r.Size > 0 || r.Every > 0 }

func (r Rotation) check(compressed bool) error {
	switch {
	case r.Size < 0 || r.Every < 0 || r.Keep < 0:
		return errors.New("rotation: a limit is below zero")
	case r.Compress != "" && compressed:
		return errors.New("rotation: the file is compressed as it is written")
	case r.Compress != "" && r.Compress != gzipSuffix && r.Compress != zstdSuffix:
		return fmt.Errorf("rotation: no compression %q: want %s or %s", r.Compress, gzipSuffix, zstdSuffix)
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
	case r.Size > 0 && (size >= r.Size || f.packer == nil && size+int64(line) > r.Size):
		return true
	case r.Every > 0:
		born, ok := birth(f.h)
		if !ok {
			born = f.opened
		}
		return time.Since(born) >= r.Every
	}
	return false
}

// room returns how many bytes of the lines go into the file before it is
// rotated: one line at least.
func (f *file) room(lines []byte) int {
	whole := wholeLines(lines)
	if whole == 0 {
		return len(lines) // a piece
	}
	left := f.opts.Rotate.Size - f.size
	if f.opts.Rotate.Size == 0 || f.packer != nil || int64(whole) <= left {
		return whole
	}
	if n := wholeLines(lines[:max(left, 0)]); n > 0 {
		return n
	}
	return lineLength(lines)
}

// rotate moves the file, which is locked, away, and opens a new one like it. Who
// waits for the lock sees that it is another file then.
func (f *file) rotate() error {
	// Where the path is a symbolic link the file is moved, not the link.
	path, err := filepath.EvalSymlinks(f.path)
	if err != nil {
		return err
	}
	st, err := f.h.Stat()
	if err != nil {
		return err
	}
	if f.opts.Rotating != nil {
		defer f.opts.Rotating(f.path)()
	}
	if err := shift(path, f.opts.Rotate.Keep); err != nil {
		return err
	}
	if err := os.Rename(path, numbered(path, 1)); err != nil {
		return err
	}
	if f.opts.Sync != SyncNever {
		err = osfile.SyncDir(filepath.Dir(path))
	}
	if err = cmp.Or(err, f.leave(), f.reopenWith(0)); err != nil {
		return err
	}
	resemble(path, st) // as far as that is allowed
	if f.opts.Rotate.Compress != "" {
		f.compressing.start(path, f.opts.Rotate.Compress)
	}
	return nil
}

// numbered returns the name of the n-th file that was moved away.
func numbered(path string, n int) string { return fmt.Sprintf("%s.%d", path, n) }

// Suffixes of files that are compressed, and of those that are not.
const (
	gzipSuffix = ".gz"
	zstdSuffix = ".zst"
)

var suffixes = []string{"", gzipSuffix, zstdSuffix}

// shift makes room for the first name of a file that is moved away. Numbers up
// to the first gap, as one is left where a process was killed, move up by one;
// what is beyond keep goes, and so does a file that is there compressed as well.
func shift(path string, keep int) error {
	last := 0
	for len(existing(numbered(path, last+1))) > 0 {
		last++
	}
	for n := last; n > 0; n-- {
		forms := existing(numbered(path, n))
		for i, suffix := range forms {
			from := numbered(path, n) + suffix
			var err error
			if compressedToo := i+1 < len(forms); compressedToo || keep > 0 && n >= keep {
				err = os.Remove(from)
			} else {
				err = os.Rename(from, numbered(path, n+1)+suffix)
			}
			// Others may clear old files away, too.
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// existing returns with which suffixes there is a file of the name.
func existing(name string) (found []string) {
	for _, suffix := range suffixes {
		if _, err := os.Lstat(name + suffix); err == nil {
			found = append(found, suffix)
		}
	}
	return found
}
