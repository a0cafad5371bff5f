package cmd

import (
	"context"
	"errors"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
	"auditctl/pkg/repair"
)

// A batch is a block of lines on its way, and what became of it.
type batch struct {
	block input.Block

	checked chan struct{} // the results below are there

	at      int // where the line begins that is checked
	lines   int64
	whole   []byte  // what those who take every line get
	shares  []share // what each outlet gets
	rejects []byte
	invalid []events.SyntaxError // the first ones, lines counted from the block's start
	bad     int64                // how many there are
	stopped bool                 // at an invalid line, at the limit, or where it was cut
	cut     bool                 // at an event of which it cannot be told whether it is wanted

	failures []failure

	// With repairs: how many lines were damaged, how many events were told apart
	// on them, and how many were too long for that. What is left is invalid.
	damaged, told, long int64
}

// A failure is an error of asking whether events are wanted.
type failure struct {
	err    error
	events int64 // that had it
	line   int64 // of the first, counted from the block's start
	why    error // what was wrong with the first
}

// A share is what an outlet takes of a batch.
type share struct {
	lines    []byte
	events   int64
	arranged []byte // what was made of the lines
}

func newBatch(outlets int) *batch {
	return &batch{checked: make(chan struct{}, 1), shares: make([]share, outlets)}
}

// release lets go of what a long line made large, which would be kept until the batch
// is used again.
func (b *batch) release() {
	b.block.Release()
	b.whole = nil
	b.rejects = bounded.Emptied(b.rejects)
	for i := range b.shares {
		b.shares[i] = share{lines: bounded.Emptied(b.shares[i].lines), arranged: bounded.Emptied(b.shares[i].arranged)}
	}
}

// check checks every line of b and shares it out. With a limit of zero or more
// it stops after so many events of the first outlet. Where ctx ends, it may be cut.
func (b *batch) check(ctx context.Context, f *flow, s *events.Scanner, limit int64) {
	b.lines, b.bad, b.stopped, b.cut, b.damaged, b.told, b.long = 0, 0, false, false, 0, 0, 0
	b.whole, b.rejects, b.invalid, b.failures = b.block.Lines, b.rejects[:0], b.invalid[:0], b.failures[:0]
	for i := range b.shares {
		b.shares[i] = share{lines: b.shares[i].lines[:0], arranged: b.shares[i].arranged}
	}
	if b.block.Piece {
		b.checkPiece(f)
		return
	}
	for b.at = 0; b.at < len(b.block.Lines); {
		b.lines++
		err := b.offer(ctx, f, s, b.block.Lines[b.at:])
		if b.cut {
			b.stop()
			return
		}
		end := b.at + len(s.Line()) + 1
		if err != nil && !events.Blank(s.Line()) {
			b.reject(f, err, b.block.Lines[b.at:end])
			if b.bad > 0 && f.lines.mode == failInvalid {
				b.stop()
				return
			}
		}
		b.at = end
		if limit >= 0 && b.shares[0].events >= limit {
			b.stop()
			return
		}
	}
}

// abandon ends the batch before the event at which its check does not end.
func (b *batch) abandon() {
	b.cut = true
	b.stop()
	b.checked <- struct{}{}
}

// stop ends the batch before the line that it is at, and the run with it.
func (b *batch) stop() { b.whole, b.stopped = b.block.Lines[:b.at], true }

// offer scans the first of lines, which s.Line is from then on, and offers it to
// the outlets. It is an error if the line is not an event, or not one that an
// outlet can make something of.
func (b *batch) offer(ctx context.Context, f *flow, s *events.Scanner, lines []byte) error {
	err := s.ScanFirst(lines)
	if len(s.Line()) > f.lines.max {
		return &events.SyntaxError{Column: 1, Reason: events.TooLong(f.lines.max)}
	}
	if err != nil {
		return err
	}
	if _, err := s.Event(); err != nil {
		return err
	}
	if f.note != nil {
		f.note(s, b.lines)
	}
	for i := range f.outlets {
		share := &b.shares[i]
		lines, took, err := f.outlets[i].take(ctx, share.lines, s)
		if err != nil {
			if syntax, ok := err.(*events.SyntaxError); ok {
				return syntax
			}
			if b.cut = !b.fail(ctx, err, s); b.cut {
				return nil
			}
		}
		share.lines = lines
		if took {
			share.events++
		}
	}
	return nil
}

// fail notes an error of asking whether the event that s scanned is wanted. It returns
// false if ctx has ended, which may be the reason.
func (b *batch) fail(ctx context.Context, err error, s *events.Scanner) bool {
	if ctx.Err() != nil {
		return false
	}
	for i := range b.failures {
		if f := &b.failures[i]; f.err == err {
			f.events++
			return true
		}
	}
	why := err
	if err, ok := err.(explainer); ok {
		if why = err.Explain(ctx, s); ctx.Err() != nil {
			return false
		}
	}
	b.failures = append(b.failures, failure{err, 1, b.lines, why})
	return true
}

// An explainer is an error that says more about the event that s scanned, if asked to.
type explainer interface {
	Explain(ctx context.Context, s *events.Scanner) error
}

// checkPiece shares out a piece of a line that is too long: one invalid line,
// however many pieces it has.
func (b *batch) checkPiece(f *flow) {
	if !b.block.Continues {
		b.lines, b.long = 1, 1
		b.note(&events.SyntaxError{Column: 1, Reason: events.TooLong(f.lines.max)})
		if f.lines.mode == failInvalid {
			b.whole, b.stopped = nil, true
		}
	}
}

// rejected returns what was invalid, where --rejects wants it.
func (b *batch) rejected() []byte {
	if b.block.Piece && !b.stopped {
		return b.block.Lines
	}
	return b.rejects
}

// reject notes an invalid line, or what is left of it where events can be told
// apart on it.
func (b *batch) reject(f *flow, err error, line []byte) {
	if !f.recovers || len(line)-1 > f.lines.max {
		b.long++
		b.note(err)
		if f.rejects != nil {
			b.rejects = append(b.rejects, line...)
		}
		return
	}
	b.damaged++
	to := &b.shares[0]
	for _, part := range repair.Split(line[:len(line)-1]) {
		if part.Event {
			to.lines = append(append(to.lines, part.Text...), '\n')
			to.events++
			b.told++
			continue
		}
		b.note(part.Err)
		if f.rejects != nil {
			b.rejects = append(append(b.rejects, part.Text...), '\n')
		}
	}
}

// note counts an invalid line and keeps what is wrong with it.
func (b *batch) note(err error) {
	b.bad++
	var syntax *events.SyntaxError
	if len(b.invalid) < maxReports && errors.As(err, &syntax) {
		b.invalid = append(b.invalid, events.SyntaxError{Line: b.lines, Column: syntax.Column, Reason: syntax.Reason})
	}
}
