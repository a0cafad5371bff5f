package cmd

import (
	"io"
	"os"

	"auditctl/pkg/events"
)

// An input is where lines come from: a path, or - for standard input.
type input struct {
	path string
	name string // as messages call it
}

// newInputs names the inputs of a command; with none named, standard input is
// the one.
func newInputs(paths []string) []*input {
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	inputs := make([]*input, len(paths))
	for i, path := range paths {
		inputs[i] = &input{path: path, name: path}
		if path == "-" {
			inputs[i].name = "stdin"
		}
	}
	return inputs
}

// open opens the input. The closer closes what was opened here, not standard
// input.
func (in *input) open(s Streams) (io.Reader, io.Closer, error) {
	if in.path == "-" {
		return s.In, io.NopCloser(nil), nil
	}
	f, err := os.Open(in.path)
	if err != nil {
		return nil, nil, err
	}
	return f, f, nil
}

// stat returns what is known of the input's file before it is opened, nil if it
// is none.
func (in *input) stat(s Streams) os.FileInfo {
	var st os.FileInfo
	if in.path != "-" {
		st, _ = os.Stat(in.path)
	} else if f, ok := s.In.(*os.File); ok {
		st, _ = f.Stat()
	}
	return st
}

// read sends the input's lines in batches that it gets from next, until the
// input ends. It reports whether it got there: next returns nil when it is
// enough.
func (in *input) read(s Streams, maxLine int, next func() *batch, send func(*batch)) bool {
	src, closer, err := in.open(s)
	if err == nil {
		defer closer.Close()
	}
	r := events.NewReader(src)
	r.MaxLine = maxLine
	for {
		b := next()
		if b == nil {
			return false
		}
		b.reset(in)
		if err == nil {
			err = r.ReadBlock(&b.block)
		}
		if err != nil {
			if err != io.EOF {
				b.err = err
			}
			b.last = true
		}
		send(b)
		if b.last {
			return true
		}
	}
}
