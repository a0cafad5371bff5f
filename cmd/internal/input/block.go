package input

import (
	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
)

// A Block is lines of an input, or the end of one.
type Block struct {
	events.Block

	Input *Input // nil: these are lines of several
	Err   error  // the input failed after the lines
	Last  bool   // the input ends after the lines

	// Disorder says that events of a merged input are not in order of time.
	Disorder string

	merged []byte // copied lines
	before int64  // how many lines the input had before; negative: those that were passed on
}

// reset makes b ready for the next lines of in.
func (b *Block) reset(in *Input) {
	b.Input, b.Err, b.Last = in, nil, false
	b.before, b.Disorder = -1, ""
	b.Lines, b.Piece = nil, false
}

// Line returns the number in the input of the nth line of b, the block that is being
// passed on. It may take long, to count lines that were skipped.
func (b *Block) Line(n int64) int64 {
	if b.before >= 0 {
		return b.before + n
	}
	if b.Input.skipped != nil {
		n += b.Input.skipped.count()
	}
	return b.Input.lines + n
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
		if in.skipped != nil {
			in.skipped.close()
			in.skipped = nil
		}
	}
}

// Release frees buffers that a long line made large, which would be kept until the
// block is used again.
func (b *Block) Release() {
	if bounded.Outgrown(b.Lines) {
		b.Block = events.Block{}
	}
	b.merged = bounded.Emptied(b.merged)
}
