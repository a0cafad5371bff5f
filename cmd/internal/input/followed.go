package input

import (
	"bytes"
	"errors"
	"io"
	"os"

	"auditctl/pkg/dialect"
	"auditctl/pkg/follow"
	"auditctl/pkg/openfiles"
)

// A followed is an input of a following. It reads in a goroutine of its own.
type followed struct {
	*following
	input  *Input
	file   *follow.File // nil for a stream
	within bool         // a piece of a line was passed on, but not its end
}

func newFollowed(f *following, in *Input) *followed {
	r := &followed{following: f, input: in}
	if in.path == "-" {
		r.file = f.watcher.Opened(in.stdin)
	} else {
		r.file = f.watcher.Follow(in.path)
	}
	r.file.Waiting = r.waiting
	r.file.MayVanish = in.real != ""
	r.file.Logger = f.options.Reports.Logger(in.name)
	r.file.Missing = func(why string) { f.options.Reports.Printf("lines of %s may be missing: %s", in.name, why) }
	if in.last != nil {
		r.file.Start = func(file *openfiles.File) (int64, error) {
			f.starts <- struct{}{}
			defer func() { <-f.starts }()
			return in.last.start(in, file)
		}
	}
	return r
}

// waiting lets others read while the file is waited for.
func (r *followed) waiting(yes bool) {
	switch {
	case r.within && r.options.Undivided: // no other line may come between the pieces
	case yes:
		r.turn.Unlock()
	default:
		r.turn.Lock()
	}
}

// read reads the input, one file after the other, forever if it does not end.
func (r *followed) read() {
	defer r.file.Close()
	err := r.input.err
	if err == nil {
		err = r.file.Next()
	}
	if err != nil && err != io.EOF {
		r.end(new(dialect.Block), err)
	}
	for first := true; err == nil; first = false {
		if err = r.readFile(first); err == io.EOF {
			err = r.file.Next()
		}
	}
}

// readFile reads a file to its end, and then returns io.EOF.
func (r *followed) readFile(first bool) error {
	src := &decompressor{src: r.file, accept: r.input.accept(r.options), from: r.options.From, live: true}
	defer src.Close()
	reader := r.input.reader(src, r.options)
	if last := r.input.last; first && last != nil {
		src.accept = nil // last has checked
		if r.file.Ends() {
			reader = last.ofStream(r.input, src)
		} else {
			reader = last.ofFile(r.input, src)
		}
	}
	for piece := false; ; {
		// While a file has nothing new, the reader has nothing left, except after a
		// piece.
		if !piece && !src.isCompressed() {
			if err := r.file.Wait(); err != nil {
				return err
			}
		}
		var err error
		if piece, err = r.readBlock(reader); err == nil {
			continue
		}
		if src.isCompressed() && err != io.EOF && !errors.Is(err, os.ErrClosed) {
			r.file.Skip() // this one is damaged, which was reported; the next one may not be
			return io.EOF
		}
		return err
	}
}

// readStream reads a stream forever.
func (r *followed) readStream() {
	src, err := r.input.open(r.options)
	if err != nil {
		r.end(new(dialect.Block), err)
		return
	}
	reader := r.input.reader(src, r.options)
	for piece := false; ; {
		if !piece {
			if err := r.input.stream.Wait(); err != nil {
				r.end(new(dialect.Block), err)
				return
			}
		}
		var err error
		if piece, err = r.readBlock(reader); err != nil {
			return
		}
	}
}

// readBlock reads and delivers a block, and reports whether it is a piece of a
// line.
func (r *followed) readBlock(reader blockReader) (piece bool, err error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	for {
		block := r.spare
		r.spare = dialect.Block{}
		err := reader.ReadBlock(&block)
		piece = block.Piece
		r.within = piece && !bytes.HasSuffix(block.Lines, []byte("\n"))
		if err != nil {
			r.end(&block, err)
		} else if !r.deliver(r.input, &block, func(*Block) {}) {
			err = os.ErrClosed
		}
		r.spare = block
		if err != nil || !r.within || !r.options.Undivided {
			return piece, err
		}
	}
}

// end delivers the end of a file.
func (r *followed) end(block *dialect.Block, err error) {
	if errors.Is(err, os.ErrClosed) {
		return // nobody reads any more
	}
	r.deliver(r.input, block, func(b *Block) {
		b.Last = true
		if err != io.EOF {
			b.Err = err
		}
	})
}
