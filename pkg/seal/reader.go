package seal

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/compress"
	"auditctl/pkg/internal/osfile"
)

// A reader reads a file of a log.
type reader struct {
	src          io.Reader
	raw          osfile.File
	path         string
	decompressor *compress.Reader // nil if the file is not compressed

	complete bool // the file is complete: add the line feed if the last line lacks it
	inLine   bool // the last byte read was not a line feed
}

func (l Log) open(f found) (*reader, error) {
	if l.opening != nil {
		l.opening()
	}
	raw, err := l.storage().open(f.path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, osfile.ErrNotRegular) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	if info, err := raw.Stat(); err != nil || !os.SameFile(info, f.info) {
		raw.Close()
		return nil, cmp.Or(err, errMoved)
	}
	if compress.ByName(f.path) == compress.None {
		return &reader{src: raw, raw: raw, path: f.path}, nil
	}
	decompressor := compress.NewReader(raw)
	return &reader{src: decompressor, raw: raw, path: f.path, decompressor: decompressor}, nil
}

// openOneOf opens one of the files of a log, which are newest first. Once a newer file has
// lines, a last line without a line feed counts as a line; until then it may still be being
// written.
func (l Log) openOneOf(files []found, at int) (*reader, error) {
	complete := false
	for _, newer := range files[:at] {
		first, err := l.beginning(newer, tlog.HashSize, false)
		if err != nil {
			return nil, err
		}
		if complete = len(first) > 0; complete {
			break
		}
	}
	r, err := l.open(files[at])
	if err == nil {
		r.complete = complete
	}
	return r, err
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if n > 0 {
		r.inLine = p[n-1] != '\n'
	}
	if err == io.EOF && r.complete && r.inLine {
		if n == len(p) {
			return n, nil // add it next time
		}
		p[n] = '\n'
		n, r.inLine = n+1, false
	}
	if err != nil && err != io.EOF && !errors.As(err, new(*fs.PathError)) {
		err = &fs.PathError{Op: "read", Path: r.path, Err: err}
	}
	return n, err
}

// restart goes back to the start of the file.
func (r *reader) restart() error {
	if _, err := r.raw.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r.inLine = false
	if r.decompressor == nil {
		return nil
	}
	err := r.decompressor.Close()
	r.decompressor = compress.NewReader(r.raw)
	r.src = r.decompressor
	return err
}

func (r *reader) Close() error {
	var err error
	if r.decompressor != nil {
		err = r.decompressor.Close()
	}
	return cmp.Or(err, r.raw.Close())
}

// sync syncs the file, if that is possible for a file open for reading.
func (r *reader) sync() error {
	err := r.raw.Sync()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
