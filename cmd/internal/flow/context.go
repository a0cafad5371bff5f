package flow

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
)

// A Context is an Arranger that adds the events around selected events. Each event is
// passed on once, and those of one session in order. Its fields are set before it is
// used.
type Context struct {
	Before, After int64  // how many
	All           bool   // of the whole input, not only of the session
	Limit         int64  // how many events may be selected, or All
	Separator     string // between groups of events that are not adjacent

	// Then arranges what is passed on; may be nil.
	Then Arranger

	places bounded.LRU[place]
	held   int    // bytes of the events that they hold
	owing  int    // how many of them still owe events
	last   *place // of the last event that was passed on
}

// A place is a session or an input.
type place struct {
	count  int64    // its events so far
	held   [][]byte // the last of them, if they were not passed on
	owed   int64    // how many of the next ones are to be passed on
	passed int64    // the number of the last one that was passed on
}

// Outlet returns an outlet for the wanted events and those around them, as show shows
// them. It hands all events to the context, as notes.
func (c *Context) Outlet(wanted Predicate, show Show, to fanout.Group) Outlet {
	c.places.Forget = c.forget
	take := func(ctx context.Context, dst []byte, e *Event) ([]byte, bool, error) {
		selected, err := wanted(ctx, e.Scanner)
		start := len(dst)
		dst = append(dst, make([]byte, noteHeader)...)
		if !c.All {
			dst = append(dst, e.Text(e.Lookup("session_id").NonNull())...)
		}
		session := len(dst)
		shown, failed := e.show(dst, show)
		if failed != nil {
			return dst[:start], false, failed
		}
		dst = shown
		putNote(dst[start:], selected, session-start-noteHeader)
		return dst, selected, err
	}
	return Outlet{Take: take, Then: c, To: to}
}

// A note is an event for the context: whether it is selected, the lengths of its
// session and of what is shown for it, and then both of these.
const noteHeader = 1 + 4 + 4

func putNote(note []byte, selected bool, session int) {
	if selected {
		note[0] = 1
	}
	binary.LittleEndian.PutUint32(note[1:], uint32(session))
	binary.LittleEndian.PutUint32(note[5:], uint32(len(note)-noteHeader-session))
}

// nextNote splits off the first of some notes.
func nextNote(notes []byte) (selected bool, session, shown, rest []byte) {
	texts := notes[noteHeader:]
	split := binary.LittleEndian.Uint32(notes[1:])
	end := split + binary.LittleEndian.Uint32(notes[5:])
	return notes[0] == 1, texts[:split], texts[split:end], texts[end:]
}

// Arrange appends the wanted events among those of notes, and those around them.
func (c *Context) Arrange(dst, notes []byte, in *input.Input) ([]byte, error) {
	if c.Then == nil {
		return c.arrange(dst, notes, in)
	}
	lines, enough := c.arrange(nil, notes, in)
	dst, err := c.Then.Arrange(dst, lines, in)
	return dst, errors.Join(enough, err)
}

func (c *Context) arrange(dst, notes []byte, in *input.Input) ([]byte, error) {
	for len(notes) > 0 {
		var selected bool
		var session, shown []byte
		selected, session, shown, notes = nextNote(notes)
		if c.All && in != nil {
			session = []byte(in.Path())
		}
		if c.Limit == 0 {
			selected = false
		}
		p := c.places.Get(session)
		if p == nil {
			if c.Before == 0 && !selected {
				continue
			}
			p = &place{}
			c.places.Set(string(session), p)
		}
		p.count++
		switch {
		case selected:
			dst = c.release(dst, p)
			dst = c.pass(dst, p, p.count, shown)
			c.owe(p, c.After)
			if c.Limit > 0 {
				c.Limit--
			}
		case p.owed > 0:
			dst = c.pass(dst, p, p.count, shown)
			c.owe(p, p.owed-1)
		case c.Before > 0 && c.Limit != 0:
			c.hold(p, shown)
		}
		if c.Limit == 0 && c.owing == 0 {
			return dst, fanout.ErrEnough
		}
	}
	return dst, nil
}

// Rest appends what Then held back. Events that the Context still holds are not wanted.
func (c *Context) Rest(dst []byte) []byte {
	if c.Then == nil {
		return dst
	}
	return c.Then.Rest(dst)
}

// Holds reports that it holds events back.
func (c *Context) Holds() bool { return true }

// owe sets how many of the next events of p are to be passed on.
func (c *Context) owe(p *place, n int64) {
	if p.owed > 0 {
		c.owing--
	}
	p.owed = n
	if p.owed > 0 {
		c.owing++
	}
}

// maxHeld is how many bytes of events all places may hold.
const maxHeld = 64 << 20

// hold keeps an event in case one of the next ones is selected.
func (c *Context) hold(p *place, shown []byte) {
	p.held = append(p.held, bytes.Clone(shown))
	c.held += len(shown)
	for int64(len(p.held)) > c.Before || c.held > maxHeld && len(p.held) > 1 {
		c.held -= len(p.held[0])
		p.held[0] = nil
		p.held = p.held[1:]
	}
	if c.held > maxHeld {
		c.places.Age()
	}
}

// release passes on the events that p holds.
func (c *Context) release(dst []byte, p *place) []byte {
	for i, shown := range p.held {
		c.held -= len(shown)
		dst = c.pass(dst, p, p.count-int64(len(p.held)-i), shown)
	}
	p.held = nil
	return dst
}

// forget drops what p holds, as if it had no more events.
func (c *Context) forget(p *place) {
	c.owe(p, 0)
	for _, shown := range p.held {
		c.held -= len(shown)
	}
	p.held = nil
}

// pass passes on an event of p, which has this number.
func (c *Context) pass(dst []byte, p *place, number int64, shown []byte) []byte {
	if c.last != nil && (c.last != p || p.passed != number-1) {
		dst = append(dst, c.Separator...)
	}
	c.last, p.passed = p, number
	return append(dst, shown...)
}
