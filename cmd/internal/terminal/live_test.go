package terminal_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/cmd/internal/terminal"
)

// A canvas notes what is drawn on it.
type canvas struct {
	mu             sync.Mutex
	columns, lines int
	shown          bool
	drawn          []string

	text string // to draw
	news bool
}

func (c *canvas) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *canvas) Size() (columns, lines int) {
	c.change(func() { columns, lines = c.columns, c.lines })
	return columns, lines
}

func (c *canvas) Shown() (shown bool) {
	c.change(func() { shown = c.shown })
	return shown
}

func (c *canvas) Draw(text string) {
	c.change(func() { c.shown, c.drawn = true, append(c.drawn, text) })
}

func (c *canvas) Erase() { c.change(func() { c.shown, c.drawn = false, append(c.drawn, "erased") }) }

// keepDrawn draws on the canvas until stop is called.
func (c *canvas) keepDrawn() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	changed := func() (news bool) {
		c.change(func() { news, c.news = c.news, false })
		return news
	}
	text := func(columns int) (text string) {
		c.change(func() { text = fmt.Sprint(columns, c.text) })
		return text
	}
	go func() {
		defer close(ended)
		terminal.KeepDrawn(ctx, c, changed, text)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// draws waits and checks what was drawn meanwhile.
func (c *canvas) draws(t *testing.T, wait time.Duration, want ...string) {
	t.Helper()
	time.Sleep(wait)
	synctest.Wait()
	c.change(func() {
		if !slices.Equal(c.drawn, want) {
			t.Errorf("drawn %q, want %q", c.drawn, want)
		}
		c.drawn = nil
	})
}

// A text is drawn again if it changed, or if the canvas did, once a second.
func TestKeepDrawn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &canvas{columns: 40, lines: 24, text: "a\n"}
		stop := c.keepDrawn()
		c.draws(t, 99*time.Millisecond)
		c.draws(t, time.Millisecond, "39a")
		c.draws(t, 5*time.Second)
		c.change(func() { c.text, c.news = "b\nc\n", true })
		c.draws(t, 999*time.Millisecond)
		c.draws(t, time.Millisecond, "39b\nc")
		c.change(func() { c.columns = 20 })
		c.draws(t, time.Second, "19b\nc")
		c.change(func() { c.shown = false }) // a message came
		c.draws(t, time.Second, "19b\nc")
		c.change(func() { c.lines = 0 })
		c.draws(t, time.Second)
		stop()
		c.draws(t, 0, "erased")
	})
}

// As many lines are drawn as there is room for, and then it says that there are more.
func TestKeepDrawnFits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &canvas{columns: 40, text: "a\nb\nc\nd\n"}
		defer c.keepDrawn()()
		for i, want := range []string{"… 4 more lines", "39a\n… 3 more lines", "39a\nb\n… 2 more lines", "39a\nb\nc\nd", "39a\nb\nc\nd"} {
			c.change(func() { c.lines = i + 1 })
			c.draws(t, time.Second, want)
		}
		c.change(func() { c.columns, c.lines = 6, 1 })
		c.draws(t, time.Second, "… 4 m")
	})
}
