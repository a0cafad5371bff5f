package input

import (
	"bytes"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/dialect"
)

// A Block is lines of an input, or the end of one. Its Origins are empty if the lines are
// those of the input, as they are.
type Block struct {
	dialect.Block

	Input *Input // nil: these are lines of several
	Err   error  // the input failed after the lines
	Last  bool   // the input ends after the lines

	// Skipped are lines that were not read, instead of others.
	Skipped Skipped

	// Disorder says that events of a merged input are not in order of time.
	Disorder string

	merged []byte // copied lines
	before int64  // how many lines the input had before; negative: those that were passed on
}

// reset makes b ready for the next lines of in.
func (b *Block) reset(in *Input) {
	b.Input, b.Err, b.Last = in, nil, false
	b.before, b.Disorder, b.Skipped = -1, "", Skipped{}
	b.Lines, b.Piece, b.Read, b.Untimed = nil, false, 0, 0
	b.Origins = b.Origins[:0]
}

// Line returns the number in the input of the nth line of b, the block that is being
// passed on. It may take long, to count lines that were skipped.
func (b *Block) Line(n int64) int64 {
	if len(b.Origins) > 0 {
		o := b.origin(n)
		if o.Err != nil {
			return o.Err.Line
		}
		return o.Line
	}
	n += b.Input.skipped.count()
	if b.before >= 0 {
		return b.before + n
	}
	return b.Input.lines + n
}

// origin returns the record that the nth line is from.
func (b *Block) origin(n int64) *dialect.Origin {
	start := 0
	for i := range b.Origins {
		o := &b.Origins[i]
		lines := int64(1) // a record that is no event counts as one line, however many it is
		switch {
		case o.Continues:
			lines = 0
		case o.Err == nil:
			lines = int64(bytes.Count(b.Lines[start:o.End], []byte("\n")))
		}
		if n <= lines {
			return o
		}
		n -= lines
		start = o.End
	}
	return &b.Origins[len(b.Origins)-1]
}

// Bytes returns how many bytes of the input the first n bytes of the lines are from.
func (b *Block) Bytes(n int) (read int) {
	switch {
	case n == len(b.Lines) && b.Read > 0:
		return b.Read
	case len(b.Origins) == 0:
		return n
	}
	for i := range b.Origins {
		if o := &b.Origins[i]; o.End <= n {
			read += len(o.Text) + 1
		}
	}
	return read
}

// Pass says that b was passed on, which has so many lines.
func (b *Block) Pass(lines int64) {
	in := b.Input
	if in == nil {
		return
	}
	in.lines += lines
	if b.Last {
		in.lines = 0 // another file may take its place
		in.forgetSkipped()
	}
}

// Release frees buffers that a long line made large, which would be kept until the
// block is used again.
func (b *Block) Release() {
	if bounded.Outgrown(b.Lines) {
		b.Block = dialect.Block{}
	}
	b.merged = bounded.Emptied(b.merged)
}
