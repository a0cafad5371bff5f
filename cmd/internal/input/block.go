package input

import (
	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
)

// A Block is lines of an input, or how one ended.
type Block struct {
	events.Block

	Input *Input // nil: lines of several
	Err   error  // the input failed after the lines
	Last  bool   // the input ends after the lines

	// Disorder says that events of an input that is merged are not in order of time.
	Disorder string

	merged []byte // lines, copied
	before int64  // how many lines the input had before; below zero: those that were passed on
}

// reset makes b ready for the next lines of in.
func (b *Block) reset(in *Input) {
	b.Input, b.Err, b.Last = in, nil, false
	b.before, b.Disorder = -1, ""
	b.Lines, b.Piece = nil, false
}

// Line returns the number in the input of the nth line of b, which is the block that is
// being passed on. To count the lines that were skipped may take long.
func (b *Block) Line(n int64) int64 {
	if b.before >= 0 {
		return b.before + n
	}
	if b.Input.skipped != nil {
		n += b.Input.skipped.count()
	}
	return b.Input.lines + n
}

// Pass says that b, which has so many lines, was passed on.
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

// Release lets go of what a long line made large, which would be kept until the block
// is used again.
func (b *Block) Release() {
	if bounded.Outgrown(b.Lines) {
		b.Block = events.Block{}
	}
	b.merged = bounded.Emptied(b.merged)
}
