package fanout

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// limits say how long the destinations of a set may take.
type limits struct {
	stall time.Duration                        // how long one may take nothing; zero: for ever
	grace time.Duration                        // how long all have to end whole once the command is to end
	after func(time.Duration) <-chan time.Time // tells when one has stalled
	late  chan struct{}                        // closed some time after the command was to end
}

func newLimits(stall, grace time.Duration, after func(time.Duration) <-chan time.Time) *limits {
	return &limits{stall: stall, grace: grace, after: after, late: make(chan struct{})}
}

// endWith has the command end with ctx.
func (l *limits) endWith(ctx context.Context) {
	context.AfterFunc(ctx, func() { time.AfterFunc(l.grace/2, func() { close(l.late) }) })
}

// deadline returns what is closed when a write that begins now has taken too long
// for the end of the command: if that was to end before, in a moment.
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

// stalled returns a channel on which something comes when a destination that
// took nothing since has stalled.
func (l *limits) stalled() <-chan time.Time {
	if l.stall == 0 {
		return nil
	}
	return l.after(l.stall)
}

// never is for a destination that notices by itself that it has stalled.
func never() <-chan time.Time { return nil }

// A meter counts what a stream takes. It writes a little at a time, as much as a
// pipe takes at once or not at all, so that a slow reader can be told from one
// that is gone.
type meter struct {
	w     io.Writer
	taken atomic.Int64
}

const pipeWrite = 4096 // PIPE_BUF

func (m *meter) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		n := 0
		n, err = m.w.Write(p[written:min(written+pipeWrite, len(p))])
		written += n
		m.taken.Add(int64(n))
	}
	return written, err
}
