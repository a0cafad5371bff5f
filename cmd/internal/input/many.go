package input

import (
	"time"

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
	many.piece = max(smallestPiece, min(maxHead, manyPieces/len(inputs)))
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
	if l.asleep || l.begun {
		l.asleep = false
		return false
	}
	l.begun = true
	if _, regular := l.input.Size(); !regular || l.input.path == "-" {
		return false
	}
	head := l.from
	var b Block
	if head.Next(&b) && !b.Last && !b.Piece {
		l.latest = firstTime(b.Lines)
	}
	l.time, l.asleep = l.latest, !l.latest.IsZero()
	head.Close()
	b.Pass(0)
	l.input.rewind()
	return l.asleep
}

// rewind forgets what was read.
func (in *Input) rewind() {
	in.read.Store(0)
	if in.skipped != nil {
		in.skipped.close()
		in.skipped = nil
	}
}

// firstTime returns the first timestamp of an event among lines, the zero time if there is
// none.
func firstTime(lines []byte) time.Time {
	var s events.Scanner
	for len(lines) > 0 {
		err := s.ScanFirst(lines)
		lines = lines[len(s.Line())+1:]
		if err == nil {
			_, err = s.Event()
		}
		if t, ok := s.Lookup("timestamp").Time(); ok && err == nil {
			return t
		}
	}
	return time.Time{}
}
