package jetstream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	firstPause = 20 * time.Millisecond
	longPause  = 2 * time.Second
)

// A retry says for how long something is tried again, and who is told.
type retry struct {
	stall  time.Duration     // without progress; zero: for ever
	notice func(text string) // may be nil
	hurry  <-chan struct{}   // closed: there are only some more attempts; may be nil
}

// errHurry is why it was not tried for longer, when there was a hurry.
var errHurry = errors.New("not waited for")

const triesInHurry = 5

// begin begins to count.
func (r retry) begin() *tries { return &tries{retry: r, since: time.Now(), pause: firstPause} }

// tries are the attempts at one thing.
type tries struct {
	retry
	since   time.Time // of the last progress
	pause   time.Duration
	noticed bool
	hurried int // how many attempts there were in a hurry
}

func (t *tries) progress() {
	t.since, t.pause, t.hurried = time.Now(), firstPause, min(t.hurried, 1)
}

// wait waits before the next attempt, longer each time, after one that ended with
// err. It returns an error if there is to be none.
func (t *tries) wait(ctx context.Context, err error) error {
	pause := t.pause/2 + rand.N(t.pause/2)
	t.pause = min(2*t.pause, longPause)
	if t.stall > 0 {
		left := t.stall - time.Since(t.since)
		if left <= 0 {
			return fmt.Errorf("nothing taken for %v: %w", t.stall, err)
		}
		pause = min(pause, left)
	}
	if t.notice != nil && !t.noticed && time.Since(t.since) > time.Second {
		t.noticed = true
		t.notice(fmt.Sprintf("%v: trying again", err))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	hurry := t.hurry
	if t.hurried > 0 {
		hurry = nil
		t.hurried++
	}
	if t.hurried > triesInHurry {
		return fmt.Errorf("%w: %w", errHurry, err)
	}
	select {
	case <-timer.C:
	case <-hurry:
		t.hurried, t.pause = 1, firstPause
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}
