// Package input reads the lines of files, of standard input, and of streams: one input
// after the other ([Sequence]), merged by time ([Merge]), or followed as they grow
// ([Follow]), each from its start or from the last few events ([Last]). A directory is
// the logs below it ([WithLogs]). There may be more files than a process may have open.
//
// A [Source] returns blocks of whole lines, unchanged. Compressed inputs are
// decompressed; those without any lines of JSON are refused, or read if the caller
// accepts them.
package input

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/dialect"
)

// An Input is where lines come from: a path, - for standard input, or a stream.
type Input struct {
	path   string
	name   string
	real   string    // the real path of a log below a directory, else empty
	stdin  io.Reader // what - is
	stream Stream    // nil for a path
	err    error     // why it cannot be read, if that is known already
	last   *last     // where reading begins; nil: at the start

	noIndex bool // its index is not to be used, which was said

	lines   int64         // how many were read before the block that is being passed on
	skipped *skippedLines // those before, which were not read; may be nil

	read   atomic.Int64 // how many bytes of the file were read
	passed int64        // how many bytes of a stream were passed on

	// dialect is what the input is decoded from, set before the first lines are returned.
	dialect *dialect.Dialect

	// is is the format without lines of JSON that was accepted, set before the first
	// lines are returned.
	is *Format
}

// New returns the inputs of a command: with no paths, standard input.
func New(paths []string, stdin io.Reader) []*Input {
	if len(paths) == 0 {
		paths = []string{"-"}
	}
	inputs := make([]*Input, len(paths))
	for i, path := range paths {
		inputs[i] = &Input{path: path, name: path, stdin: stdin}
		if path == "-" {
			inputs[i].name = "stdin"
		}
	}
	return inputs
}

// Again returns inputs of the same files, to read them from their start.
func Again(inputs []*Input) []*Input {
	again := make([]*Input, len(inputs))
	for i, in := range inputs {
		again[i] = &Input{path: in.path, name: in.name, real: in.real, err: in.err}
	}
	return again
}

// AllFiles reports whether all inputs are regular files, which can be read again, or cannot
// be read at all.
func AllFiles(inputs []*Input) bool {
	return !slices.ContainsFunc(inputs, func(in *Input) bool {
		return in.stream != nil || in.path == "-" || in.mayPause()
	})
}

// Path returns the path or the address.
func (in *Input) Path() string { return in.path }

// Name returns what messages call the input.
func (in *Input) Name() string { return in.name }

// BytesRead returns how many bytes of a file were read so far. It may be called while
// the input is read.
func (in *Input) BytesRead() int64 { return in.read.Load() }

// Err returns why the input cannot be read, if that is known before it is opened.
func (in *Input) Err() error { return in.err }

// Accepted returns the format without lines of JSON that was accepted, nil if there
// was none.
func (in *Input) Accepted() *Format { return in.is }

// Dialect returns what the input was decoded from, nil if its lines were read as they are.
// The input must have been read.
func (in *Input) Dialect() *dialect.Dialect { return in.dialect }

// BeganLate reports whether reading began with the last events, and there were others
// before.
func (in *Input) BeganLate() bool { return in.last != nil && in.last.late }

// open opens the input. Closing it does not close standard input.
func (in *Input) open(opts *Options) (*decompressor, error) {
	if in.err != nil {
		return nil, in.err
	}
	if in.stream != nil {
		src := opts.reading(in.stream)
		d := &decompressor{src: src, r: src} // already open, and never compressed
		if opts.From != nil {
			d.layout.dialect = opts.From.Dialect
		}
		return d, nil
	}
	d := &decompressor{origin: in.stdin, accept: in.accept(opts), prompt: opts.Prompt, piece: opts.piece, from: opts.From}
	if in.path != "-" {
		var file file
		var err error
		opts.outOfTurn(func() { file, err = opts.open(in.path) })
		if err != nil {
			return nil, err
		}
		d.origin, d.file = file, file
	}
	d.live = !isRegular(d.origin)
	d.src = opts.reading(&countedReader{d.origin, &in.read})
	return d, nil
}

// accept returns a function that reports whether the input is read although it has a
// format without lines of JSON.
func (in *Input) accept(opts *Options) func(*Format) bool {
	return func(is *Format) bool {
		switch {
		case opts.AcceptAny:
			in.is = is
			return true
		case opts.AcceptArrays:
			return is == jsonArray
		}
		return false
	}
}

// A countedReader counts the bytes read.
type countedReader struct {
	src io.Reader
	n   *atomic.Int64
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	r.n.Add(int64(n))
	return n, err
}

// Stat returns what is known of the input's file before it is opened, nil if there is
// none.
func (in *Input) Stat() os.FileInfo {
	var st os.FileInfo
	if in.path != "-" {
		st, _ = os.Stat(in.path)
	} else if f, ok := in.stdin.(*os.File); ok {
		st, _ = f.Stat()
	}
	return st
}

// Address returns the address of a NATS stream, false if the input is none.
func (in *Input) Address() (jetstream.Address, bool) {
	if s, ok := in.stream.(*NATS); ok {
		return s.Address(), true
	}
	return jetstream.Address{}, false
}

// Origin names the place that the lines come from, the same in every run. It is empty
// if they cannot be read again from the first one.
func (in *Input) Origin() string {
	if in.stream != nil {
		return in.stream.Origin()
	}
	st := in.Stat()
	if in.path == "-" || st == nil || !st.Mode().IsRegular() {
		return ""
	}
	path, err := filepath.EvalSymlinks(in.path)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	host, hostErr := os.Hostname()
	if err != nil || hostErr != nil {
		return ""
	}
	return host + ":" + path
}

// isRegular reports whether r is a regular file.
func isRegular(r io.Reader) bool {
	f, ok := r.(file)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode().IsRegular()
}

// Size returns how many bytes of the input there are to read, false if it is not
// a regular file.
func (in *Input) Size() (int64, bool) {
	st := in.Stat()
	if st == nil || !st.Mode().IsRegular() {
		return 0, false
	}
	size := st.Size()
	if f, ok := in.stdin.(*os.File); ok && in.path == "-" {
		at, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return 0, false
		}
		size -= at // which another process has read
	}
	return max(0, size), true
}
