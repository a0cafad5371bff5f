package flow

import (
	"slices"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/events"
)

// emit passes on a batch, which is checked, and hands its Result to the observers.
func (f *Flow) emit(b *batch) error {
	if f.Limit > 0 && f.taken[0] > 0 && f.taken[0]+b.shares[0].events >= f.Limit {
		// The limit is reached within this batch. Check it again, only up to the limit,
		// in a goroutine that can be abandoned.
		again := make(chan struct{}, 1)
		checked := func() { again <- struct{}{} }
		go f.check(b, f.newEvent(new(events.Scanner)), f.Limit-f.taken[0], checked)
		<-again
	}
	if b.Block.Err == nil || b.Lines > 0 {
		f.someRead = true
	} else {
		f.someUnread = true
	}
	err := f.pass(b)
	missed := err == fanout.ErrMissed
	if missed {
		err = nil
	}
	f.incomplete = f.incomplete || err != nil || f.Destinations.RejectsLost()
	if in := b.Block.Input; !f.incomplete && in != nil {
		in.PassBytes(b.Block.Bytes(b.end))
		switch {
		case missed:
			in.Refuse()
		case !f.buffers() || in.IsAwaited():
			in.Acknowledge()
		}
	}
	for _, o := range f.observers {
		o.Add(&b.Result)
	}
	b.Block.Pass(b.Lines)
	if b.Stopped {
		return fanout.ErrEnough
	}
	return err
}

// pass sends a batch to its destinations.
func (f *Flow) pass(b *batch) error {
	if b.Block.Input != nil {
		f.Destinations.From(b.Block.Input)
	}
	f.deliveries = f.deliveries[:0]
	switch {
	case b.Block.Piece && f.hidesInvalid():
		left := f.hidePiece(b)
		f.deliver(f.Lines, left)
		f.deliver(f.Rejects, left)
		return f.Destinations.Send(f.deliveries)
	case b.Block.Piece && !b.Block.Continues && !b.Stopped:
		return f.Destinations.BeginLine(b.Block.Lines, f.Lines, f.Rejects)
	}
	f.deliver(f.Lines, b.passed())
	var enough error
	for i := range b.shares {
		share, outlet := &b.shares[i], &f.Outlets[i]
		f.taken[i] += share.events
		lines := share.lines
		if outlet.locator != nil {
			b.locate(share)
			outlet.locator.Locate(share.places)
		}
		if outlet.Then != nil {
			lines, enough = outlet.Then.Arrange(share.arranged[:0], lines, b.Block.Input)
			share.arranged = lines
		}
		f.deliver(outlet.To, lines)
	}
	f.deliver(f.Rejects, b.rejected())
	if err := f.Destinations.Send(f.deliveries); err != nil {
		return err
	}
	return enough
}

// locate turns the places of a share into those in the input.
func (b *batch) locate(s *share) {
	if len(b.Block.Origins) > 0 || b.Block.Input == nil || len(s.places) == 0 {
		return
	}
	before := b.Block.Line(0)
	for i := range s.places {
		s.places[i] += before
	}
}

// finish passes on what was held back.
func (f *Flow) finish() error {
	if f.long != nil { // its end was not read
		left := append(f.long.Append(nil), '\n')
		f.long, f.deliveries = nil, f.deliveries[:0]
		f.deliver(f.Lines, left)
		f.deliver(f.Rejects, left)
		if err := f.Destinations.Send(f.deliveries); err != nil && err != fanout.ErrMissed {
			return err
		}
	}
	for _, outlet := range f.Outlets {
		for outlet.Then != nil {
			lines := outlet.Then.Rest(nil)
			if len(lines) == 0 {
				break
			}
			f.deliveries = f.deliveries[:0]
			f.deliver(outlet.To, lines)
			switch err := f.Destinations.Send(f.deliveries); {
			case err == fanout.ErrMissed:
				f.incomplete = true
			case err != nil:
				return err
			}
		}
	}
	return nil
}

// deliver notes what a group gets, which may have no destination but says what there is
// for others.
func (f *Flow) deliver(to fanout.Group, lines []byte) {
	if to != nil && len(lines) > 0 {
		f.deliveries = append(f.deliveries, fanout.Delivery{To: to, Lines: lines})
	}
}

// buffers reports whether something of a batch may still be held back after it was
// passed on.
func (f *Flow) buffers() bool {
	return f.Destinations.Empty() || slices.ContainsFunc(f.Outlets, func(o Outlet) bool { return o.Then != nil && o.Then.Holds() })
}
