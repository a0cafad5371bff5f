package repair

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"auditctl/pkg/compress"
	"auditctl/pkg/internal/osfile"
)

// ErrCompressed says that a log is compressed: it cannot be repaired in its place.
var ErrCompressed = errors.New("it is compressed")

// InPlace puts what write writes in the place of a log, with the log's mode and owner,
// and keeps the log under the name that it returns, path with .bak at its end. At no
// moment, not even after a crash, is there anything else under path than the one or
// the other, whole. Other processes that append to the log with a collector wait
// meanwhile.
//
// Unless write reports that something was damaged, or if there is an error, the log
// stays as it is; the name returned is empty then.
func InPlace(path string, write func(to *os.File) (damaged bool, err error)) (backup string, err error) {
	if err := check(path); err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	log, err := osfile.OpenLocked(target, func() (*os.File, error) {
		return osfile.OpenRegular(target, os.O_RDWR|os.O_APPEND, 0)
	})
	if err != nil {
		return "", err
	}
	defer log.Close()
	backup = target + ".bak"
	err = osfile.ReplaceFile(target, ".repairing", func(to *os.File) error {
		damaged, err := write(to)
		if err != nil {
			return err
		}
		if !damaged {
			return errUndamaged
		}
		return keep(log, backup, to)
	})
	switch {
	case err == errUndamaged:
		return "", nil
	case err != nil:
		return "", err
	}
	return backup, nil
}

var errUndamaged = errors.New("nothing is damaged")

// keep gives a log another name, once what takes its place is like it and on the disk.
func keep(log *os.File, backup string, by *os.File) error {
	like, err := log.Stat()
	if err != nil {
		return err
	}
	if err := cmp.Or(osfile.Resemble(by, like), by.Sync()); err != nil {
		return err
	}
	err = os.Link(log.Name(), backup)
	switch {
	case !errors.Is(err, fs.ErrExist):
		return err
	case osfile.LeadsTo(backup, log): // as a process that was killed just then leaves it
		return nil
	}
	return fmt.Errorf("%s is there already: move it away", backup)
}

// check refuses what cannot be repaired in its place.
func check(path string) error {
	f, err := osfile.OpenRegular(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var head [compress.HeadSize]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return err
	}
	if format, _ := compress.Detect(head[:n]); format != compress.None {
		return &fs.PathError{Op: "repair", Path: path, Err: ErrCompressed}
	}
	return nil
}
