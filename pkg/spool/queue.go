package spool

import (
	"bytes"
	"context"
	"errors"
)

// A Queue is the lines that wait for one destination. It is safe for concurrent use.
type Queue struct {
	spool  *Spool
	prefix string // of the names of its files
	shown  string
}

// A Destination is what lines are for.
type Destination interface {
	// Write writes lines, each ended by a line feed. If an error is returned, taken is how
	// many bytes the destination has nevertheless. It returns soon after ctx is done.
	Write(ctx context.Context, lines []byte) (taken int, err error)

	// Sync makes what was written as safe as it was in the spool, which it leaves then.
	Sync(ctx context.Context) error
}

// ErrBusy means that another process is delivering what waits.
var ErrBusy = errors.New("another process is delivering earlier lines")

// Send delivers what waits, and then lines. If anything of that fails, or ctx is done
// before, all that is left waits, in order, and kept is the reason.
// An error means that the lines may be neither delivered nor in the spool.
func (q *Queue) Send(ctx context.Context, lines []byte, to Destination) (kept, err error) {
	taken := 0
	kept = q.deliver(ctx, tryLock, to)
	if kept == nil {
		if taken, kept = to.Write(ctx, lines); kept == nil {
			return nil, nil
		}
	}
	rest, begun := rest(lines, taken)
	if len(rest) == 0 {
		return nil, nil
	}
	if err := q.put(rest, begun); err != nil {
		return kept, err
	}
	if kept == ErrBusy { // or no longer: then nobody else may come
		kept = q.deliver(ctx, tryLock, to)
	}
	return kept, nil
}

// Drain delivers what waits until nothing is left, an error, or the end of ctx. If another
// process is doing so, it waits for its end.
func (q *Queue) Drain(ctx context.Context, to Destination) error {
	return q.deliver(ctx, waitLock(ctx), to)
}

// Waiting reports whether lines wait.
func (q *Queue) Waiting() (bool, error) {
	segments, err := q.spool.segments(q.prefix)
	return len(segments) > 0, err
}

// rest returns what is left of lines of which some bytes were taken, and whether a part of
// the first one was.
func rest(lines []byte, taken int) (left []byte, begun bool) {
	whole := bytes.LastIndexByte(lines[:taken], '\n') + 1
	return lines[whole:], taken > whole
}
