package input

import (
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/openfiles"
)

// optionsForMany returns the options to read inputs together, and whether there are more
// of them than files may be open at once: then each is read in small pieces.
func optionsForMany(inputs []*Input, opts *Options) (*Options, bool) {
	files := openfiles.NewPool(opts.MostOpen)
	if len(inputs) <= files.Most() {
		return opts, false
	}
	many := *opts
	many.files = files
	many.piece = max(smallestPiece, min(formatHead, manyPieces/len(inputs)))
	return &many, true
}

// How many bytes are read at a time of one of many inputs, and of all of them.
const (
	smallestPiece = 4 << 10
	manyPieces    = 32 << 20
)

// sleep closes an input that was not begun, if it is a regular file, until its turn comes
// in the merge. It returns false if it is to be read now.
func (l *lane) sleep() bool {
	if l.begun {
		return false
	}
	l.begun = true
	if l.pausing != nil || l.input.path == "-" {
		return false
	}
	head := l.from
	head.options = head.options.scratch()
	var b Block
	if head.Next(&b) && !b.Last && !b.Piece {
		l.last = firstTime(&b.Block)
	}
	l.time, l.asleep = l.last.minus(l.window.length), l.last != instant{}
	head.Close()
	b.Pass(0)
	l.input.rewind()
	return l.asleep
}

// rewind forgets what was read.
func (in *Input) rewind() {
	in.read.Store(0)
	in.forgetSkipped()
}

// firstTime returns the first timestamp of an event in a block, the zero time if there is
// none.
func firstTime(b *dialect.Block) instant {
	var s events.Scanner
	lines := lineScan{block: b}
	for lines.next(&s) {
		if lines.err != nil {
			continue
		}
		_, err := s.Event()
		if t, ok := s.Lookup("timestamp").Time(); ok && err == nil {
			return instantOf(t)
		}
	}
	return instant{}
}

// copyBlock copies a block, but not the texts of its origins.
func copyBlock(to, from *dialect.Block) {
	to.Lines, to.Piece, to.Continues = append(to.Lines[:0], from.Lines...), from.Piece, from.Continues
	to.Origins = append(to.Origins[:0], from.Origins...)
	for i := range to.Origins {
		to.Origins[i].Text = nil
	}
}
