package flow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/terminal"
)

const (
	progressEvery = 300 * time.Millisecond // between two updates

	widestProgress, narrowestBar = 100, 10 // columns
)

// ShowProgress shows on line how far inputs were read, once there is more than a second
// to go, until ctx ends or stop is called. If an input is not a file it shows nothing.
func ShowProgress(ctx context.Context, line *terminal.StatusLine, inputs []*input.Input) (stop func()) {
	total, known := size(inputs)
	if !known {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	erased := make(chan struct{})
	go func() {
		defer close(erased)
		drawProgress(ctx, line, inputs, total)
	}()
	return func() {
		cancel()
		<-erased
	}
}

// size returns how many bytes there are to read, false if that is not known.
func size(inputs []*input.Input) (total int64, known bool) {
	for _, in := range inputs {
		size, ok := in.Size()
		if !ok {
			return 0, false
		}
		total += size
	}
	return total, true
}

// drawProgress draws the progress until ctx ends.
func drawProgress(ctx context.Context, line *terminal.StatusLine, inputs []*input.Input, total int64) {
	defer line.Erase()
	start, worthIt := time.Now(), false
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p := progress{total: total, took: time.Since(start)}
		for _, in := range inputs {
			p.read += in.BytesRead()
		}
		if worthIt = worthIt || p.left() > time.Second; worthIt {
			columns, _ := line.Size()
			line.Draw(p.line(columns - 1))
		}
	}
}

// A progress is how many bytes of a total were read in some time.
type progress struct {
	read, total int64
	took        time.Duration
}

// left returns how long the rest takes at the rate so far; 0 if nothing was read yet.
func (p progress) left() time.Duration {
	if p.read <= 0 || p.read >= p.total {
		return 0
	}
	left := p.took.Seconds() * float64(p.total-p.read) / float64(p.read)
	return time.Duration(min(left, (1000*time.Hour).Seconds()) * float64(time.Second))
}

// line returns the bytes, the rate, the time left and a bar: as much of that as fits
// into so many columns.
func (p progress) line(columns int) string {
	// There is room for the widest numbers, so that nothing moves as they change.
	total := max(p.total, p.read) // a file may grow meanwhile
	size := fmt.Sprintf("%10s / %s ", shownSize(float64(p.read)), shownSize(float64(total)))
	rate := shownSize(float64(p.read)/max(p.took, time.Millisecond).Seconds()) + "/s"
	speed := fmt.Sprintf(" %12s  %v left", rate, p.left().Round(time.Second))

	room := min(columns, widestProgress) - len(size) - len(speed)
	switch {
	case columns < len(speed):
		return ""
	case room < 0:
		return speed[1:]
	case room < narrowestBar:
		return size + speed
	}
	room -= len("[]")
	done := int(float64(room) * float64(p.read) / float64(max(total, 1)))
	return size + "[" + strings.Repeat("=", done) + strings.Repeat("-", room-done) + "]" + speed
}

// shownSize formats n bytes in the largest unit that fits, with one decimal.
func shownSize(n float64) string {
	units := []string{"b", "KiB", "MiB", "GiB", "TiB"}
	for n >= 1024 && len(units) > 1 {
		n, units = n/1024, units[1:]
	}
	return fmt.Sprintf("%.1f %s", n, units[0])
}
