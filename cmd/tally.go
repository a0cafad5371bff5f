package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"sync"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// A tally counts events in two steps: workers take notes of them, and one goroutine
// adds up the notes in order.
type tally interface {
	AppendNote(dst []byte, s *events.Scanner) []byte
	AddNotes(notes []byte)
}

// A counting is a flow.Arranger that only counts and passes nothing on.
type counting struct {
	tally
	mu   sync.Mutex // held while notes are added, or what they add up to is reported
	news bool       // since changed was called

	partial bool // not all events of the inputs are counted
}

func (c *counting) Arrange(dst, notes []byte, _ *input.Input) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.news = c.news || len(notes) > 0
	c.AddNotes(notes)
	return dst, nil
}

// Add and End make c a flow.Observer, to know whether all events were counted.
func (c *counting) Add(r *flow.Result) { c.partial = c.partial || r.Block.Err != nil }

func (c *counting) End(whole bool) { c.partial = c.partial || !whole }

func (c *counting) Rest(dst []byte) []byte { return dst }

// Holds reports that what is counted is not printed yet.
func (c *counting) Holds() bool { return true }

// changed reports whether anything was counted since it was called before.
func (c *counting) changed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	news := c.news
	c.news = false
	return news
}

// reported returns the report of what c counted so far.
func reported[R any](c *counting, report func() R) R {
	c.mu.Lock()
	defer c.mu.Unlock()
	return report()
}

// render returns the output for what was counted.
func (o *statsOptions) render(c *counting, look view.Options) ([]byte, error) {
	v := view.NewStats(look, o.top)
	switch t := c.tally.(type) {
	case *stats.Summary:
		return rendered(reported(c, func() *stats.Report {
			r := t.Report()
			if c.partial {
				r.Sequence = nil // it has gaps by nature
			}
			return r
		}), o.json, v.Summary)
	case *stats.Groups:
		return rendered(reported(c, t.Report), o.json, v.Groups)
	}
	return nil, nil
}

func rendered[R any](report R, asJSON bool, show func(R) []byte) ([]byte, error) {
	if !asJSON {
		return show(report), nil
	}
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	err := e.Encode(report)
	return terminal.EscapeJSON(line.Bytes()), err
}

// keepDrawn draws what was counted so far in place, if standard output is a terminal, until
// stop is called.
func (o *statsOptions) keepDrawn(ctx context.Context, s Streams, line *terminal.StatusLine, c *counting, look view.Options) (stop func()) {
	screen, ok := s.Out.(*os.File)
	if !ok || o.json {
		return func() {}
	}
	if line.DrawOn(screen); !line.Drawable() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var drawing sync.WaitGroup
	drawing.Go(func() {
		terminal.KeepDrawn(ctx, line, c.changed, func(columns int) string {
			look.Width = min(columns, terminal.Width(s.Out)) // COLUMNS may say less
			text, _ := o.render(c, look)
			return string(text)
		})
	})
	return func() {
		cancel()
		drawing.Wait()
	}
}
