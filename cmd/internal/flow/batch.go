package flow

import (
	"bytes"
	"context"
	"errors"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/repair"
)

// A batch is a block of lines on its way, with its results.
type batch struct {
	Result
	checked bool // the Result and the rest of the batch are there

	at      int     // where the line that is checked begins
	record  int     // which of the block's origins it has, if it has one
	end     int     // where what is passed on ends
	shares  []share // what each outlet gets
	rejects []byte

	replaced []byte // what destinations of all lines get instead of the lines up to kept
	kept     int
}

// A share is what an outlet takes from a batch.
type share struct {
	lines    []byte
	events   int64
	places   []int64 // for a Locator: the lines of the events, counted from the block's start unless they have origins
	arranged []byte  // what the Arranger made of the lines
	record   int     // the last of the block's origins whose text was taken, from 1
}

func newBatch(outlets int) *batch {
	return &batch{shares: make([]share, outlets)}
}

// release frees buffers that a long line made large, which would be kept until the
// batch is used again.
func (b *batch) release() {
	b.Block.Release()
	b.replaced = bounded.Emptied(b.replaced)
	b.rejects = bounded.Emptied(b.rejects)
	for i := range b.shares {
		b.shares[i] = share{lines: bounded.Emptied(b.shares[i].lines), arranged: bounded.Emptied(b.shares[i].arranged)}
	}
}

// check checks every line of b and offers the events to the outlets. With a limit of
// zero or more it stops after that many events of the first outlet. If ctx ends, b may
// be cut.
func (b *batch) check(ctx context.Context, f *Flow, e *Event, limit int64) {
	b.Result = Result{Block: b.Block, Invalid: b.Invalid[:0], Failures: b.Failures[:0]}
	b.end, b.rejects = len(b.Block.Lines), b.rejects[:0]
	b.replaced, b.kept = b.replaced[:0], 0
	for i := range b.shares {
		b.shares[i] = share{lines: b.shares[i].lines[:0], places: b.shares[i].places[:0], arranged: b.shares[i].arranged}
	}
	switch {
	case b.Block.Piece:
		b.checkPiece(f)
		return
	case b.Block.Skipped.Lines > 0:
		b.skip(limit)
		return
	}
	b.record = 0
	decoded := len(b.Block.Origins) > 0
	for b.at = 0; b.at < len(b.Block.Lines); {
		if decoded && b.passRefused(f, e) {
			if b.Stopped {
				return
			}
			continue
		}
		b.Lines++
		err := b.offer(ctx, f, e, b.Block.Lines[b.at:])
		if b.Cut {
			b.stop()
			return
		}
		end := b.at + len(e.Line()) + 1
		if err != nil && !events.Blank(e.Line()) {
			b.reject(f, e, err, b.Block.Lines[b.at:end])
			b.sample(err, e.Line())
			if b.Bad > 0 && f.Invalid == FailInvalid {
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

// skip counts the lines of a block that was not read.
func (b *batch) skip(limit int64) {
	s := &b.Block.Skipped
	b.Lines, b.Events, b.shares[0].events = s.Lines, s.Events, s.Wanted
	if limit >= 0 && s.Wanted >= limit {
		b.shares[0].events, b.Stopped = limit, true
	}
}

// passRefused passes over a record that is no event, if that is what comes next, in a
// block whose lines have origins.
func (b *batch) passRefused(f *Flow, e *Event) bool {
	origins := b.Block.Origins
	for b.at >= origins[b.record].End {
		b.record++
	}
	o := &origins[b.record]
	if o.Err == nil && !o.Continues {
		return false
	}
	text := b.Block.Lines[b.at:o.End]
	if o.Continues {
		b.leaveOut(f, e, text)
	} else {
		b.Lines++
		b.refuse(f, e, o, text)
		if f.Invalid == FailInvalid {
			b.stop()
			return true
		}
	}
	b.at = o.End
	return true
}

// refuse records a record that is no event.
func (b *batch) refuse(f *Flow, e *Event, o *dialect.Origin, text []byte) {
	if o.Unknown == nil || f.Invalid == FailInvalid {
		b.reject(f, e, o.Err, text)
		return
	}
	if b.Unknown++; b.Unknown == 1 {
		b.FirstUnknown = o
	}
	b.Bad++
	b.leaveOut(f, e, text)
}

// place returns where the line that is checked is, see share.places.
func (b *batch) place() int64 {
	if len(b.Block.Origins) > 0 {
		return b.Block.Origins[b.record].Line
	}
	return b.Lines
}

// takeOriginal appends the record that the event is from to what an outlet takes, unless
// another event of it was taken.
func (b *batch) takeOriginal(to *share, e *Event) {
	switch origins := b.Block.Origins; {
	case len(origins) == 0:
		to.lines = append(e.AppendRedacted(to.lines, e.Line()), '\n')
	case to.record != b.record+1:
		to.record = b.record + 1
		to.lines = append(e.AppendRedacted(to.lines, origins[b.record].Text), '\n')
	}
}

// abandon ends the batch before the event whose check does not end.
func (b *batch) abandon() {
	b.Cut = true
	b.stop()
}

// stop ends the batch before the current line, and the run with it.
func (b *batch) stop() { b.end, b.Stopped = b.at, true }

// offer scans the first of lines, which e.Line then returns, and offers it to the
// outlets. It is an error if the line is not an event, or not one that an outlet can
// handle.
func (b *batch) offer(ctx context.Context, f *Flow, e *Event, lines []byte) error {
	e.next()
	err := e.ScanFirst(lines)
	if len(e.Line()) > f.MaxLine {
		return &events.SyntaxError{Column: 1, Reason: events.TooLong(f.MaxLine)}
	}
	if err != nil {
		return err
	}
	if _, err := e.Event(); err != nil {
		return err
	}
	b.Events++
	if f.Note != nil {
		f.Note(e.Scanner, b.Lines)
	}
	for i := range f.Outlets {
		outlet, share := &f.Outlets[i], &b.shares[i]
		lines, took, err := outlet.Take(ctx, share.lines, e)
		if err != nil {
			if syntax, ok := err.(*events.SyntaxError); ok {
				return syntax
			}
			if b.Cut = !b.fail(ctx, err, e); b.Cut {
				return nil
			}
		}
		if took {
			share.events++
			if outlet.locator != nil {
				share.places = append(share.places, b.place())
			}
		}
		switch {
		case !outlet.Original:
			share.lines = lines
		case took:
			b.takeOriginal(share, e)
		}
	}
	if f.Lines == nil || e.redactor == nil {
		return nil
	}
	left, err := e.Left()
	if err == nil && left != e.Scanner {
		b.replace(len(e.Line())+1, left.Line())
	}
	return err
}

// replace passes a line on to destinations of all lines instead of what is checked, which
// is so long.
func (b *batch) replace(length int, line []byte) {
	b.replaced = append(append(append(b.replaced, b.Block.Lines[b.kept:b.at]...), line...), '\n')
	b.kept = b.at + length
}

// passed returns what destinations of all lines get. It is called once.
func (b *batch) passed() []byte {
	if b.kept == 0 {
		return b.Block.Lines[:b.end]
	}
	b.replaced = append(b.replaced, b.Block.Lines[b.kept:b.end]...)
	return b.replaced
}

// fail records an error of an outlet about an event. It returns false if ctx has ended,
// which may be the reason.
func (b *batch) fail(ctx context.Context, err error, e *Event) bool {
	if ctx.Err() != nil {
		return false
	}
	for i := range b.Failures {
		if f := &b.Failures[i]; f.Err == err {
			f.Events++
			return true
		}
	}
	why := err
	if err, ok := err.(Explainer); ok {
		if why = err.Explain(ctx, e.Scanner); ctx.Err() != nil {
			return false
		}
	}
	if e.redactor != nil {
		why = errUnexplained
	}
	b.Failures = append(b.Failures, Failure{err, 1, b.Lines, why})
	return true
}

// checkPiece checks a piece of a line that is too long: one invalid line, however many
// pieces it has.
func (b *batch) checkPiece(f *Flow) {
	if !b.Block.Continues {
		b.Lines, b.Long = 1, 1
		b.note(&events.SyntaxError{Column: 1, Reason: events.TooLong(f.MaxLine)})
		if f.Invalid == FailInvalid {
			b.end, b.Stopped = 0, true
		}
	}
}

// rejected returns the invalid lines, for f.Rejects.
func (b *batch) rejected() []byte {
	if b.Block.Piece && !b.Stopped {
		return b.Block.Lines
	}
	return b.rejects
}

// reject records an invalid line, or only the rest of it if events are recovered from
// it.
func (b *batch) reject(f *Flow, e *Event, err error, line []byte) {
	if !f.Recover || len(line)-1 > f.MaxLine {
		b.Long++
		b.note(err)
		b.leaveOut(f, e, line)
		return
	}
	b.Damaged++
	to := &b.shares[0]
	for _, part := range repair.Split(line[:len(line)-1]) {
		if part.Event {
			to.lines = append(append(to.lines, part.Text...), '\n')
			to.events++
			b.Recovered++
			continue
		}
		b.note(part.Err)
		if f.Rejects != nil {
			b.rejects = append(append(b.rejects, part.Text...), '\n')
		}
	}
}

// leaveOut passes on invalid lines, or what redaction leaves of them: to f.Rejects, and
// where all lines go.
func (b *batch) leaveOut(f *Flow, e *Event, lines []byte) {
	if e.redactor == nil || f.Redaction.RawInvalid && !f.Redaction.Objects {
		if f.Rejects != nil {
			b.rejects = append(b.rejects, lines...)
		}
		return
	}
	if f.Rejects == nil && f.Lines == nil {
		return
	}
	start := len(b.rejects)
	b.rejects = append(e.appendInvalid(b.rejects, lines[:len(lines)-1]), '\n')
	if f.Lines != nil && f.Invalid != FailInvalid {
		b.replace(len(lines), b.rejects[start:len(b.rejects)-1])
	}
}

// sample keeps the first line that is JSON, but has no event_type.
func (b *batch) sample(err error, line []byte) {
	if syntax, ok := err.(*events.SyntaxError); ok && b.Untyped == nil && syntax.Untyped() {
		b.Untyped = bytes.Clone(line)
	}
}

// note counts an invalid line and records what is wrong with it.
func (b *batch) note(err error) {
	b.Bad++
	var syntax *events.SyntaxError
	if len(b.Invalid) < maxReports && errors.As(err, &syntax) {
		b.Invalid = append(b.Invalid, events.SyntaxError{Line: b.Lines, Column: syntax.Column, Reason: syntax.Reason})
	}
}
