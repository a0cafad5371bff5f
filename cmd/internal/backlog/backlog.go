// Package backlog keeps events for destinations that are slow, hang or fail, so that those
// who make events never wait.
package backlog

import (
	"bytes"
	"errors"
	"sync"
	"time"
)

// A Backlog holds events until they are sent, in their order. While it is full, further
// ones are only counted.
type Backlog struct {
	// Send sends events, lines with their line feeds, and may keep them. The error is
	// [ErrNowhere] if no destination has them now, [ErrPartly] if some have; after any
	// other nothing is sent any more.
	Send func(events []byte) error

	// Unrecorded appends an event that says how many were not recorded, the first of them
	// at some time.
	Unrecorded func(dst []byte, n int64, since time.Time) []byte

	Most int // how many bytes it holds, twice while they are sent; zero: 8 MiB

	Now   func() time.Time                     // time.Now by default, for tests
	After func(time.Duration) <-chan time.Time // time.After by default, for tests

	start   sync.Once
	changed chan struct{} // has one if there are events or it was closed
	closing chan struct{} // closed by Close

	mu      sync.Mutex
	waiting []byte
	added   int64
	sent    int64
	full    gap // what there was no room for

	partly gap // what not all destinations have; for Run only
}

// Errors of [Backlog.Send].
var (
	ErrNowhere = errors.New("no destination has the events")
	ErrPartly  = errors.New("not all destinations have the events")
)

// A gap is events that were not recorded.
type gap struct {
	events int64
	since  time.Time
}

func (g *gap) add(n int64, at time.Time) {
	if g.events == 0 {
		g.since = at
	}
	g.events += n
}

const (
	defaultMost = 8 << 20
	pause       = time.Second // before events are sent again
)

func (b *Backlog) init() {
	b.start.Do(func() {
		b.changed, b.closing = make(chan struct{}, 1), make(chan struct{})
		if b.Most == 0 {
			b.Most = defaultMost
		}
		if b.Now == nil {
			b.Now = time.Now
		}
		if b.After == nil {
			b.After = time.After
		}
	})
}

// Add adds an event, a line with its line feed, which it does not keep. It never waits for
// a destination.
func (b *Backlog) Add(event []byte) {
	b.init()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.added++
	if b.full.events > 0 || len(b.waiting)+len(event) > b.Most {
		b.full.add(1, b.Now()) // and so are all until there is room, which makes one gap
	} else {
		b.waiting = append(b.waiting, event...)
	}
	b.wake()
}

func (b *Backlog) wake() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// Close ends Run once it has sent what was added. No more may be added.
func (b *Backlog) Close() {
	b.init()
	close(b.closing)
	b.wake()
}

// Run sends what is added, until Close.
func (b *Backlog) Run() {
	b.init()
	for range b.changed {
		last := b.closed()
		for {
			events, n := b.take()
			if len(events) == 0 {
				break
			}
			if err := b.deliver(events, n); err != nil {
				return
			}
		}
		if last {
			return
		}
	}
}

// take takes all events, and says what there was no room for after them.
func (b *Backlog) take() (events []byte, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	events = b.waiting
	n = int64(bytes.Count(events, []byte{'\n'}))
	b.waiting = nil
	if b.full.events > 0 {
		events = b.Unrecorded(events, b.full.events, b.full.since)
		b.full = gap{}
	}
	return events, n
}

// deliver sends events, n of which were added, as often as it takes. The error is the one
// after which nothing is sent any more.
func (b *Backlog) deliver(events []byte, n int64) error {
	at := b.Now()
	for {
		last := b.closed()
		switch err := b.Send(events); {
		case err == nil:
			b.mu.Lock()
			b.sent += n
			b.mu.Unlock()
			if gap := &b.partly; gap.events > 0 && b.Send(b.Unrecorded(nil, gap.events, gap.since)) == nil {
				gap.events = 0
			}
			return nil
		case err == ErrPartly:
			b.partly.add(n, at)
			return nil
		case err != ErrNowhere, last:
			return err
		}
		select {
		case <-b.After(pause):
		case <-b.closing:
		}
	}
}

func (b *Backlog) closed() bool {
	select {
	case <-b.closing:
		return true
	default:
		return false
	}
}

// Missing returns how many of the events that were added some destination does not have,
// or not yet.
func (b *Backlog) Missing() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.added - b.sent
}
