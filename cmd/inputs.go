package cmd

import (
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"auditctl/pkg/events"
)

// An input is where lines come from: a path, - for standard input, or a stream.
type input struct {
	path  string
	stdin io.Reader   // what - is
	name  string      // as messages call it
	feed  *feed       // of a stream; nil for a path
	last  *lastEvents // with which its reading begins; nil: with the start

	lines   int64         // how many it had up to the batch that is being passed on
	skipped *skippedLines // those before, that were not read; may be nil

	read atomic.Int64 // how many bytes, as they stand in the file

	// accept says whether the input is read although it is of a format that has no
	// lines of JSON; set before it is opened, as is prompt: that nothing which was read
	// may wait.
	accept func(*format) bool
	prompt bool

	// is is such a format that was accepted, set before the first lines are passed on.
	is *format
}

// beganLate reports whether there were events before the last ones, with which its
// reading began.
func (in *input) beganLate() bool { return in.last != nil && in.last.late }

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

// open opens the input. To close it does not close standard input.
func (in *input) open(s Streams) (*decompressor, error) {
	if in.feed != nil {
		return &decompressor{src: in.feed, r: in.feed}, nil // its lines are as they are
	}
	d := &decompressor{origin: s.In, accept: in.accept, prompt: in.prompt}
	if in.path != "-" {
		var err error
		if d.file, err = os.Open(in.path); err != nil {
			return nil, err
		}
		d.origin = d.file
	}
	d.src = &countedReader{d.origin, &in.read}
	return d, nil
}

// A countedReader counts the bytes that are read.
type countedReader struct {
	src io.Reader
	n   *atomic.Int64
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	r.n.Add(int64(n))
	return n, err
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

// origin names the place that the lines come from, the same in every run; empty
// if they cannot be read again from the first one.
func (in *input) origin(s Streams) string {
	if in.feed != nil {
		return in.feed.origin()
	}
	st := in.stat(s)
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

// size returns how many bytes of the input there are to read, false if it is not
// a regular file.
func (in *input) size(s Streams) (int64, bool) {
	st := in.stat(s)
	if st == nil || !st.Mode().IsRegular() {
		return 0, false
	}
	size := st.Size()
	if f, ok := s.In.(*os.File); ok && in.path == "-" {
		at, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return 0, false
		}
		size -= at // what somebody else has read
	}
	return max(0, size), true
}

// A source is how the inputs are read.
type source interface {
	// next fills b with the next block of an input, or with how one ended. It
	// returns false when there is no input left.
	next(b *batch) bool
	close()
}

// A sequence reads the inputs one after the other.
type sequence struct {
	streams Streams
	inputs  []*input // the current one and those after it
	maxLine int
	reader  blockReader // of the current input, nil before it is opened
	closer  io.Closer
}

// A blockReader is an events.Reader, or makes something of what one reads.
type blockReader interface {
	ReadBlock(b *events.Block) error
}

// newReader returns a Reader for lines of up to a length.
func newReader(src io.Reader, maxLine int) *events.Reader {
	r := events.NewReader(src)
	r.MaxLine = maxLine
	return r
}

func (r *sequence) next(b *batch) bool {
	if len(r.inputs) == 0 {
		return false
	}
	b.reset(r.inputs[0])
	err := r.open()
	if err == nil {
		err = r.reader.ReadBlock(&b.block)
	}
	if err != nil {
		if err != io.EOF {
			b.err = err
		}
		b.last = true
		r.close()
		r.inputs = r.inputs[1:]
	}
	return true
}

// open opens the current input unless it is open.
func (r *sequence) open() error {
	if r.reader != nil {
		return nil
	}
	in := r.inputs[0]
	src, err := in.open(r.streams)
	if err != nil {
		return err
	}
	r.reader, r.closer = newReader(src, r.maxLine), src
	if in.last != nil {
		r.reader, err = in.last.reader(in, src)
	}
	return err
}

// close closes the current input if it is open.
func (r *sequence) close() {
	if r.reader != nil {
		r.closer.Close() // nothing was written to it
		r.reader = nil
	}
}
