package fanout

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// limits are how long the destinations of a set may take.
type limits struct {
	stall time.Duration                        // how long one may take nothing; zero: forever
	grace time.Duration                        // how long all may take to finish once the command is interrupted
	after func(time.Duration) <-chan time.Time // decides when one has stalled
	late  chan struct{}                        // closed when half of grace is over
}

func newLimits(stall, grace time.Duration, after func(time.Duration) <-chan time.Time) *limits {
	return &limits{stall: stall, grace: grace, after: after, late: make(chan struct{})}
}

// endWith starts the grace when ctx ends.
func (l *limits) endWith(ctx context.Context) {
	context.AfterFunc(ctx, func() { time.AfterFunc(l.grace/2, func() { close(l.late) }) })
}

// deadline returns what is closed when a write that begins now takes too long for a
// command that is interrupted. If late is closed already, that is in a moment.
func (l *limits) deadline() <-chan struct{} {
	select {
	case <-l.late:
	default:
		return l.late
	}
	end := make(chan struct{})
	time.AfterFunc(l.grace/8, func() { close(end) })
	return end
}

// stalled returns a channel that receives when a destination that takes nothing from
// now on has stalled.
func (l *limits) stalled() <-chan time.Time {
	if l.stall == 0 {
		return nil
	}
	return l.after(l.stall)
}

// never is for a destination that notices by itself that it has stalled.
func never() <-chan time.Time { return nil }

// A meter counts what a stream takes. It writes little at a time, as much as a pipe takes
// atomically, so that a slow reader can be distinguished from one that does not read. A
// line that another meter of the stream has begun does not continue with its first one.
type meter struct {
	w     io.Writer
	of    *progress
	begun bool
}

// A progress is what a stream has taken, however often it is opened.
type progress struct {
	taken atomic.Int64 // bytes
	torn  bool         // the last line is not whole
}

const pipeWrite = 4096 // PIPE_BUF

func (m *meter) Write(p []byte) (written int, err error) {
	if !m.begun && m.of.torn {
		n, err := m.w.Write([]byte{'\n'})
		if m.of.torn = n == 0; err != nil {
			return 0, err
		}
	}
	m.begun = true
	for written < len(p) && err == nil {
		n := 0
		n, err = m.w.Write(p[written:min(written+pipeWrite, len(p))])
		written += n
		m.of.taken.Add(int64(n))
	}
	if written > 0 {
		m.of.torn = p[written-1] != '\n'
	}
	return written, err
}
