package relay

import "io"

// A Side is one of the two programs.
type Side uint8

const (
	Caller  Side = iota // whose bytes come from our standard input
	Program             // whose bytes go to our standard output
)

// A Watcher sees what passes. Its methods are called one at a time, until Run returns. They
// must not wait for anything: more does not pass before they return.
type Watcher interface {
	// Passes sees bytes that a side sent, before it sees anything that the other one
	// answers to them. They must not be kept.
	Passes(from Side, p []byte)

	// Closed is called when a side sends no more, or nobody reads it any more.
	Closed(from Side)
}

// watching shows a Watcher what passes, on a goroutine of its own, so that bytes are passed
// on while it looks at them.
type watching struct {
	shown   chan sight
	stopped chan struct{}
}

// A sight is something to be seen.
type sight struct {
	from Side
	p    []byte // nil: the side has closed
	seen chan<- struct{}
	last bool
}

func watch(w Watcher) *watching {
	// Each side shows one thing at a time.
	t := &watching{shown: make(chan sight, 3), stopped: make(chan struct{})}
	go func() {
		defer close(t.stopped)
		for s := range t.shown {
			switch {
			case s.last:
				return
			case s.p == nil:
				w.Closed(s.from)
			default:
				w.Passes(s.from, s.p)
			}
			s.seen <- struct{}{}
		}
	}()
	return t
}

// stop waits until everything that was shown so far was seen. Nothing is seen afterwards.
func (t *watching) stop() {
	t.shown <- sight{last: true}
	<-t.stopped
}

// An eye shows what one side sends. It is for one goroutine.
type eye struct {
	watching *watching
	from     Side
	seen     chan struct{}
}

func (t *watching) by(from Side) eye { return eye{t, from, make(chan struct{}, 1)} }

// while writes bytes to where they go, and has them seen meanwhile.
func (e eye) while(p []byte, to io.Writer) error {
	e.show(sight{from: e.from, p: p, seen: e.seen})
	err := writeTo(to, p)
	e.wait()
	return err
}

func (e eye) closed() {
	e.show(sight{from: e.from, seen: e.seen})
	e.wait()
}

func (e eye) show(s sight) {
	select {
	case e.watching.shown <- s:
	case <-e.watching.stopped:
	}
}

func (e eye) wait() {
	select {
	case <-e.seen:
	case <-e.watching.stopped:
	}
}
