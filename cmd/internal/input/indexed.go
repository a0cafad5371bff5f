package input

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"sort"

	"auditctl/pkg/index"
)

// An Overview decides which blocks of a log are read, by what an index knows of them.
type Overview interface {
	// Skip reports whether a block need not be read, and how many of its events are wanted
	// all the same: they need only be counted.
	Skip(b *index.Block) (wanted int64, ok bool)

	// Skipped is called for each block that is not read.
	Skipped(b *index.Block)
}

// Skipped is what is known of lines that were not read.
type Skipped struct {
	Lines, Events int64
	Wanted        int64 // how many of the events are wanted
}

// An indexedReader reads the lines of a log as they are, without the blocks that need not be
// read.
//
// What is skipped is what was there when the index was opened. A log that is changed later
// may be read as it is then, as any log that is changed while it is read.
type indexedReader struct {
	input   *Input
	options *Options
	src     *decompressor
	file    file
	index   *index.Index
	blocks  []index.Block // that are neither read nor skipped yet

	lines   lineReader // of what is read up to the next block that is skipped
	left    int64      // how many bytes of that are certain to be read
	invalid bool       // there were invalid lines
	some    bool       // there were events
}

// openIndex opens the index of a file that was opened, nil if there is none that can be used.
// It says once why not.
func (in *Input) openIndex(f file, opts *Options) *index.Index {
	if opts.Overview == nil || in.path == "-" || in.noIndex || !isRegular(f) {
		return nil
	}
	log, ok := f.(*os.File)
	if !ok { // it is one of those that may be closed and opened again
		if log = reopened(f, in.path); log == nil {
			return nil
		}
		defer log.Close()
	}
	ix, err := index.Open(log, index.Name(in.path))
	if err != nil {
		in.useNoIndex(opts, err)
		return nil
	}
	return ix
}

// useNoIndex says that the index is not used, unless there is none.
func (in *Input) useNoIndex(opts *Options, why error) {
	in.noIndex = true
	if !errors.Is(why, fs.ErrNotExist) && !opts.QuietIndexes {
		opts.Reports.Printf("%v", why)
	}
}

// indexed returns a reader of a file from an offset on that is read with an index, nil if
// there is none, or it is of no use.
func (in *Input) indexed(src *decompressor, start int64, opts *Options) *indexedReader {
	f, ok := src.origin.(file)
	if !ok {
		return nil
	}
	ix := in.openIndex(f, opts)
	if ix == nil {
		return nil
	}
	r := &indexedReader{input: in, options: opts, src: src, file: f, index: ix, blocks: ix.Blocks()}
	r.begin(start)
	// What is not read as it is was not indexed as it is read.
	if src.begin() != nil || src.isCompressed() || !src.layout.isEvents() || src.layout.stray || !r.confirm() {
		ix.Close()
		return nil
	}
	return r
}

// confirm returns false if an index cannot be used because the log has grown: it does not
// pay, or the log has been changed.
func (r *indexedReader) confirm() bool {
	if !r.index.Grown() {
		return true
	}
	skipped := int64(0)
	for i := range r.blocks {
		if _, ok := r.skips(&r.blocks[i]); ok {
			skipped += r.blocks[i].End - r.blocks[i].Start
		}
	}
	if skipped < r.index.End()/2 { // comparing costs half as much as reading
		return false
	}
	err := r.index.Confirm(context.Background(), r.file)
	if err != nil {
		r.input.useNoIndex(r.options, &index.VoidError{Path: index.Name(r.input.path), Err: err})
	}
	return err == nil
}

// begin begins to read at an offset.
func (r *indexedReader) begin(start int64) {
	r.lines = newReader(r, r.options.MaxLine)
	if r.blocks = r.blocks[blockAt(r.blocks, start):]; len(r.blocks) > 0 && r.blocks[0].Start < start {
		r.left = r.blocks[0].End - start
		r.blocks = r.blocks[1:]
	}
	r.endBlocks()
}

// blockAt returns which of some blocks an offset is in, how many there are if it is after them.
func blockAt(blocks []index.Block, offset int64) int {
	return sort.Search(len(blocks), func(i int) bool { return offset < blocks[i].End })
}

// endBlocks lets everything be read that follows the last block, or was added later.
func (r *indexedReader) endBlocks() {
	if len(r.blocks) == 0 {
		r.left = math.MaxInt64
	}
}

// skips reports whether a block need not be read, and how many of its events are wanted.
func (r *indexedReader) skips(b *index.Block) (wanted int64, ok bool) {
	if r.invalid && !r.some {
		return 0, false // what is reported of invalid lines depends on the first event
	}
	return r.options.skips(b)
}

// skips is [Overview.Skip] for blocks of which there is nothing to report.
func (o *Options) skips(b *index.Block) (wanted int64, ok bool) {
	if b.Invalid > 0 || b.Longest > int64(o.MaxLine) {
		return 0, false
	}
	return o.Overview.Skip(b)
}

// next reads the next lines into b, or skips some.
func (r *indexedReader) next(b *Block) error {
	err := r.lines.ReadBlock(&b.Block)
	if err != io.EOF {
		return err
	}
	return r.skip(b)
}

// Read reads blocks up to the next one that is skipped.
func (r *indexedReader) Read(p []byte) (int, error) {
	for r.left < int64(len(p)) && r.extend() {
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.src.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	return n, err
}

// extend makes the next block one that is read, if it must be.
func (r *indexedReader) extend() bool {
	if len(r.blocks) == 0 {
		return false
	}
	b := &r.blocks[0]
	if _, ok := r.skips(b); ok {
		return false
	}
	r.left += b.End - b.Start
	r.invalid = r.invalid || b.Invalid > 0
	r.pass(b)
	return true
}

// pass goes on to the block after b.
func (r *indexedReader) pass(b *index.Block) {
	r.some = r.some || b.Events > 0
	r.blocks = r.blocks[1:]
	r.endBlocks()
}

// skip skips blocks, of which it puts into b what is known of them. The error is [io.EOF] if
// there is nothing to skip.
func (r *indexedReader) skip(b *Block) error {
	end := int64(0)
	r.left = 0
	for len(r.blocks) > 0 {
		next := &r.blocks[0]
		wanted, ok := r.skips(next)
		if !ok {
			break
		}
		b.Skipped.Lines += next.Lines
		b.Skipped.Events += next.Events
		b.Skipped.Wanted += wanted
		r.options.Overview.Skipped(next)
		end = next.End
		r.pass(next)
	}
	if end == 0 {
		return io.EOF
	}
	r.lines = newReader(r, r.options.MaxLine)
	r.input.read.Store(end)
	return r.src.jump(r.file, end)
}
