package input

import (
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// A lineScan goes through the lines of a block.
type lineScan struct {
	block  *dialect.Block
	line   []byte          // the current one, with its line feed; all of a record that is no event
	err    error           // why it is no event
	origin *dialect.Origin // of it; nil if lines are as they are in the input

	at, record int // of the next line
}

// next scans the next line with s, and returns false after the last.
func (w *lineScan) next(s *events.Scanner) bool {
	rest := w.block.Lines[w.at:]
	if len(rest) == 0 {
		return false
	}
	w.origin = nil
	if all := w.block.Origins; len(all) > 0 {
		for w.at >= all[w.record].End {
			w.record++
		}
		w.origin = &all[w.record]
	}
	switch o := w.origin; {
	case w.block.Piece:
		w.line, w.err = rest, nil
	case o != nil && (o.Err != nil || o.Continues):
		if w.line = rest[:o.End-w.at]; o.Err != nil {
			w.err = o.Err
		} else {
			w.err = errContinues
		}
	default:
		w.err = s.ScanFirst(rest)
		w.line = rest[:len(s.Line())+1]
	}
	w.at += len(w.line)
	return true
}

// errContinues is the error of a further piece of a record that is no event.
var errContinues = &events.SyntaxError{Column: 1, Reason: "the rest of a record that is no event"}
