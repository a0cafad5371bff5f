package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/wholefile"
)

// A reportFile is where a report goes.
type reportFile struct {
	path     string
	truncate bool
}

// A pagePath is the flag for the path of a page, of which there is one.
type pagePath string

func (v *pagePath) Type() string   { return "FILE" }
func (v *pagePath) String() string { return string(*v) }

func (v *pagePath) Set(path string) error {
	switch {
	case path == "":
		return errors.New("the value is empty")
	case *v != "-":
		return errors.New("a report is one page: name one FILE")
	}
	*v = pagePath(path)
	return nil
}

// check returns an error if the report cannot be written, as far as that is known before
// anything was read.
func (r *reportFile) check(s Streams, f *flow.Flow, rejects string) error {
	switch {
	case fanout.IsStdout(r.path) && r.truncate:
		return usagef("--truncate replaces a file: drop it, or add -o FILE")
	case fanout.IsStdout(r.path) && terminal.Is(s.Out):
		return usagef("a report is a page for a browser: add -o report.html")
	case fanout.IsStdout(r.path):
		return nil
	case !fanout.IsFile(r.path):
		return usagef("-o %s: a report is a file: name its path", report.Redacted(r.path))
	}
	st, err := os.Stat(r.path)
	if rejects != "" && sameFile(r.path, rejects) {
		return usagef("-o and --rejects are both %s: name another file", r.path)
	}
	for _, in := range f.Inputs {
		if of := in.Stat(); err == nil && of != nil && os.SameFile(st, of) {
			return usagef("%s is also an input: write to another file", r.path)
		}
	}
	if err == nil && !st.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file: name another one", r.path)
	}
	if _, linkErr := os.Lstat(r.path); !errors.Is(linkErr, fs.ErrNotExist) {
		switch {
		case linkErr != nil:
			return linkErr
		case !r.truncate:
			return r.taken()
		case err != nil:
			return fmt.Errorf("%s is a link that leads to no file: name another one", r.path)
		}
	}
	_, err = os.Stat(filepath.Dir(r.path))
	return err
}

// sameFile reports whether two paths lead to one file, which need not exist.
func sameFile(a, b string) bool {
	if aFile, err := os.Stat(a); err == nil {
		bFile, err := os.Stat(b)
		return err == nil && os.SameFile(aFile, bFile)
	}
	aDir, aErr := os.Stat(filepath.Dir(a))
	bDir, bErr := os.Stat(filepath.Dir(b))
	return aErr == nil && bErr == nil && os.SameFile(aDir, bDir) && filepath.Base(a) == filepath.Base(b)
}

// taken is the error for a file that is there.
func (r *reportFile) taken() error {
	return fmt.Errorf("%s is there already: name another file, or add --truncate to replace it", r.path)
}

// write writes the report.
func (r *reportFile) write(s Streams, write func(io.Writer) error) error {
	switch {
	case fanout.IsStdout(r.path):
		if err := write(s.Out); err != nil {
			return report.Named("write", "stdout", err)
		}
		return nil
	case r.truncate:
		return wholefile.Replace(r.path, write)
	}
	err := wholefile.Create(r.path, write)
	if errors.Is(err, fs.ErrExist) {
		err = r.taken()
	}
	return err
}
