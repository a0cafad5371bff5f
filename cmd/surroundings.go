package cmd

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
)

// contextOptions are the flags for the events around those that are selected.
type contextOptions struct {
	before, after, around int64
	all                   bool
}

func (o *contextOptions) register(cmd *cobra.Command) {
	*o = contextOptions{before: -1, after: -1, around: -1}
	fs := cmd.Flags()
	fs.VarP((*countValue)(&o.after), "after-context", "A", "also the `N` events of the same session after each")
	fs.VarP((*countValue)(&o.before), "before-context", "B", "also the `N` events of the same session before each")
	fs.VarP((*countValue)(&o.around), "context", "C", "also the `N` events of the same session before and after each")
	fs.BoolVar(&o.all, "context-all", false, "count events of the whole file as context, not only of the same session; with --sort of all files")
}

// wanted reports whether a context was asked for.
func (o *contextOptions) wanted() bool { return o.before > 0 || o.after > 0 || o.around > 0 }

// surroundings returns what adds the context, nil if none was asked for.
func (o *contextOptions) surroundings(limit int64, separator string) (*surroundings, error) {
	before, after := max(o.around, 0), max(o.around, 0)
	if o.before >= 0 {
		before = o.before
	}
	if o.after >= 0 {
		after = o.after
	}
	if before == 0 && after == 0 {
		if o.all && o.before < 0 && o.after < 0 && o.around < 0 {
			return nil, usagef("--context-all counts other events as context: add -A, -B or -C")
		}
		return nil, nil
	}
	r := &surroundings{before: before, after: after, all: o.all, limit: limit, separator: separator}
	r.places.Forget = r.forget
	return r, nil
}

// surroundings is an arranger that adds to selected events those around them.
// An event is passed on once, and those of one session in their order.
type surroundings struct {
	before, after int64
	all           bool   // of the whole input, not only of the session
	limit         int64  // how many more events may be selected; below zero: all
	separator     string // between groups that do not touch

	places bounded.LRU[place]
	held   int    // bytes that they hold
	owing  int    // how many of them have events to come
	last   *place // of the event that was passed on last
}

// A place is a session or an input.
type place struct {
	count  int64    // its events so far
	held   [][]byte // the last of them that were not passed on
	owed   int64    // how many of the next are passed on
	passed int64    // the number of the one that was passed on last
}

// take returns an outlet's take that hands every event to the surroundings,
// with what tells them apart.
func (r *surroundings) take(wanted *matcher, show func([]byte, *events.Scanner) []byte) func(context.Context, []byte, *events.Scanner) ([]byte, bool, error) {
	return func(ctx context.Context, dst []byte, s *events.Scanner) ([]byte, bool, error) {
		selected, err := wanted.match(ctx, s)
		start := len(dst)
		dst = append(dst, make([]byte, noteHeader)...)
		if !r.all {
			dst = append(dst, s.Text(s.Lookup("session_id").NonNull())...)
		}
		session := len(dst)
		dst = show(dst, s)
		putNote(dst[start:], selected, session-start-noteHeader)
		return dst, selected, err
	}
}

// A note is how an event comes to the surroundings: whether it is selected, the
// lengths of its session and of what is shown for it, and both of them.
const noteHeader = 1 + 4 + 4

func putNote(note []byte, selected bool, session int) {
	if selected {
		note[0] = 1
	}
	binary.LittleEndian.PutUint32(note[1:], uint32(session))
	binary.LittleEndian.PutUint32(note[5:], uint32(len(note)-noteHeader-session))
}

// nextNote takes the first note off some.
func nextNote(notes []byte) (selected bool, session, shown, rest []byte) {
	texts := notes[noteHeader:]
	split := binary.LittleEndian.Uint32(notes[1:])
	end := split + binary.LittleEndian.Uint32(notes[5:])
	return notes[0] == 1, texts[:split], texts[split:end], texts[end:]
}

func (r *surroundings) arrange(dst, notes []byte, in *input.Input) ([]byte, error) {
	for len(notes) > 0 {
		var selected bool
		var session, shown []byte
		selected, session, shown, notes = nextNote(notes)
		if r.all && in != nil {
			session = []byte(in.Path())
		}
		if r.limit == 0 {
			selected = false
		}
		p := r.places.Get(session)
		if p == nil {
			if r.before == 0 && !selected {
				continue
			}
			p = &place{}
			r.places.Set(string(session), p)
		}
		p.count++
		switch {
		case selected:
			dst = r.release(dst, p)
			dst = r.pass(dst, p, p.count, shown)
			r.owe(p, r.after)
			if r.limit > 0 {
				r.limit--
			}
		case p.owed > 0:
			dst = r.pass(dst, p, p.count, shown)
			r.owe(p, p.owed-1)
		case r.before > 0 && r.limit != 0:
			r.hold(p, shown)
		}
		if r.limit == 0 && r.owing == 0 {
			return dst, errEnough
		}
	}
	return dst, nil
}

func (r *surroundings) rest(dst []byte) []byte { return dst }

// owe sets how many of the next events of p are passed on.
func (r *surroundings) owe(p *place, n int64) {
	if p.owed > 0 {
		r.owing--
	}
	p.owed = n
	if p.owed > 0 {
		r.owing++
	}
}

// maxHeld is how many bytes of events are held.
const maxHeld = 64 << 20

// hold keeps an event in case one of the next is selected: of all places together
// no more than maxHeld.
func (r *surroundings) hold(p *place, shown []byte) {
	p.held = append(p.held, bytes.Clone(shown))
	r.held += len(shown)
	for int64(len(p.held)) > r.before || r.held > maxHeld && len(p.held) > 1 {
		r.held -= len(p.held[0])
		p.held[0] = nil
		p.held = p.held[1:]
	}
	if r.held > maxHeld {
		r.places.Age()
	}
}

// release passes on what was held for p.
func (r *surroundings) release(dst []byte, p *place) []byte {
	for i, shown := range p.held {
		r.held -= len(shown)
		dst = r.pass(dst, p, p.count-int64(len(p.held)-i), shown)
	}
	p.held = nil
	return dst
}

// forget takes a place for one that has no more events.
func (r *surroundings) forget(p *place) {
	r.owe(p, 0)
	for _, shown := range p.held {
		r.held -= len(shown)
	}
	p.held = nil
}

// pass passes on the event of p with a number.
func (r *surroundings) pass(dst []byte, p *place, number int64, shown []byte) []byte {
	if r.last != nil && (r.last != p || p.passed != number-1) {
		dst = append(dst, r.separator...)
	}
	r.last, p.passed = p, number
	return append(dst, shown...)
}
