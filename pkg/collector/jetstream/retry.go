package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"auditctl/pkg/collector/jetstream/internal/spool"
)

const (
	firstPause = 20 * time.Millisecond
	longPause  = 2 * time.Second

	// How long and how often to retry in a hurry.
	hurriedStall = time.Second
	hurriedTries = 5
)

// A retry says how long to retry, and who is warned.
type retry struct {
	stall  time.Duration   // without progress; zero: forever, or in a hurry for hurriedStall
	logger *slog.Logger    // may be nil
	hurry  context.Context // done if there is a hurry; until then, retry forever; may be nil
}

// warn logs a warning for the user.
func (r retry) warn(format string, args ...any) {
	if r.logger != nil {
		r.logger.Warn(fmt.Sprintf(format, args...))
	}
}

var errStalled = errors.New("nothing was taken for too long")

// begin begins a series of attempts. The caller must call end.
func (r retry) begin(ctx context.Context) *tries {
	t := &tries{retry: r, parent: ctx, since: time.Now(), pause: firstPause}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	t.timer = time.AfterFunc(t.patience(), func() { t.cancel(errStalled) })
	if r.hurry != nil {
		t.unhurry = context.AfterFunc(r.hurry, t.restart)
	}
	return t
}

// tries is a series of attempts. Each is made with ctx, which is done when there was no
// progress for as long as the retry allows.
type tries struct {
	retry
	parent  context.Context
	ctx     context.Context
	cancel  context.CancelCauseFunc
	unhurry func() bool
	since   time.Time // of the last progress
	pause   time.Duration
	noticed bool
	hurried int   // the number of attempts in a hurry
	last    error // of the previous attempt

	mu    sync.Mutex
	timer *time.Timer
}

func (t *tries) end() {
	t.timer.Stop()
	if t.unhurry != nil {
		t.unhurry()
	}
	t.cancel(nil)
}

// patience returns how long there may be no progress from now on.
func (t *tries) patience() time.Duration {
	switch {
	case t.hurry != nil && t.hurry.Err() == nil:
		return math.MaxInt64
	case t.stall > 0:
		return t.stall
	case t.hurry != nil:
		return hurriedStall
	}
	return math.MaxInt64
}

func (t *tries) restart() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer.Reset(t.patience())
}

func (t *tries) progress() {
	t.since, t.pause, t.hurried = time.Now(), firstPause, min(t.hurried, 1)
	t.restart()
}

// wait waits before the next attempt, longer each time, after one that failed with err. It
// returns an error if there should be no other attempt.
func (t *tries) wait(err error) error {
	if t.ctx.Err() != nil {
		return t.over(err)
	}
	t.last = err
	if !t.noticed && time.Since(t.since) > time.Second {
		t.noticed = true
		t.warn("%v: trying again", plain(err))
	}
	var hurry <-chan struct{}
	switch {
	case t.hurried > hurriedTries:
		return t.over(err)
	case t.hurried > 0:
		t.hurried++
	case t.hurry != nil:
		hurry = t.hurry.Done()
	}
	pause := time.NewTimer(t.pause/2 + rand.N(t.pause/2))
	defer pause.Stop()
	t.pause = min(2*t.pause, longPause)
	select {
	case <-pause.C:
	case <-hurry:
		t.hurried, t.pause = 1, firstPause
	case <-t.ctx.Done():
		return t.over(err)
	}
	return nil
}

// over returns why there is no other attempt, after one that failed with err. An earlier
// error says more than that the last attempt timed out.
func (t *tries) over(err error) error {
	if t.parent.Err() != nil {
		return context.Cause(t.parent)
	}
	if t.last != nil && errors.Is(err, errStalled) {
		err = t.last
	}
	if t.hurry != nil && t.hurry.Err() != nil {
		return spool.LaterError{Err: plain(err)}
	}
	return fmt.Errorf("nothing taken for %v: %w", t.stall, plain(err))
}
