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

// A Write function writes lines, each ended by a line feed, to the destination, and returns
// how many bytes that took, or will have taken even if the process is killed right now. It
// returns soon after ctx is done.
type Write func(ctx context.Context, lines []byte) (taken int, err error)

// ErrBusy means that another process is delivering what waits.
var ErrBusy = errors.New("another process is delivering earlier lines")

// Send delivers what waits for the destination, and then lines, with write. If anything of
// that fails or ctx is done before, all that is left waits, in order, and kept is the reason.
// An error means that the lines may be neither delivered nor in the spool.
func (q *Queue) Send(ctx context.Context, lines []byte, write Write) (kept, err error) {
	taken := 0
	kept = q.deliver(ctx, tryLock, write)
	if kept == nil {
		if taken, kept = write(ctx, lines); kept == nil {
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
		kept = q.deliver(ctx, tryLock, write)
	}
	return kept, nil
}

// Drain delivers what waits until nothing is left, an error, or the end of ctx. If another
// process is doing so, it waits for its end.
func (q *Queue) Drain(ctx context.Context, write Write) error {
	return q.deliver(ctx, waitLock(ctx), write)
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
