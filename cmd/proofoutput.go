package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/wholefile"
)

// A proofOutput is where a proof, or what was proven, goes: standard output, or a new file,
// which is there only once it is whole.
type proofOutput struct {
	path   string
	stdout io.Writer

	to  io.Writer
	err error // why it could not be written
}

// check returns an error if the path is no place for a file.
func (o *proofOutput) check() error {
	if !fanout.IsStdout(o.path) && !fanout.IsFile(o.path) {
		return usagef("-o %s: want a path", report.Redacted(o.path))
	}
	return nil
}

// write calls do, which writes to o.
func (o *proofOutput) write(do func() error) error {
	if fanout.IsStdout(o.path) {
		o.to = terminal.Guard(o.stdout)
		return do()
	}
	var failed error
	err := wholefile.Create(o.path, func(w io.Writer) error {
		o.to = w
		failed = do()
		return failed
	})
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, fs.ErrExist):
		o.err = fmt.Errorf("%s exists: name another file", o.path)
	case err != nil:
		o.err = report.Named("write", o.path, err)
	}
	return o.err
}

// Write implements [io.Writer].
func (o *proofOutput) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err != nil && o.err == nil {
		o.err = report.Named("write", o.name(), err)
	}
	return n, err
}

// name returns the name for messages.
func (o *proofOutput) name() string {
	if fanout.IsStdout(o.path) {
		return "stdout"
	}
	return o.path
}
