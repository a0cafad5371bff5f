package cmd

import (
	"io"
	"sync/atomic"
	"time"
)

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

// taken returns how many bytes a stream has taken, 0 for a file, for which a
// write counts as a whole.
func (o opening) taken() int64 {
	if o.meter == nil {
		return 0
	}
	return o.meter.taken.Load()
}

// stalled returns a channel on which something comes when a destination that
// took nothing since has stalled.
func (d *destinations) stalled() <-chan time.Time {
	if d.stall == 0 {
		return nil
	}
	return after(d.stall)
}

// after is time.After, for tests to put a clock of their own in its place.
var after = time.After

// never is for a destination that notices by itself that it has stalled.
func never() <-chan time.Time { return nil }
