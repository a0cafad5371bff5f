package collector_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

func TestStage(t *testing.T) {
	wrong := errors.New("wrong")
	isX := func(e events.Event) bool { return e.Type() == "x" }
	change := func(e events.Event) (events.Event, error) {
		switch e.Type() {
		case "y":
			return events.Event{}, nil
		case "z":
			return e, wrong
		}
		return events.Parse([]byte(strings.Replace(e.String(), "x", "changed", 1)))
	}
	for _, test := range []struct {
		name  string
		stage func(collector.Collector) *collector.Stage
		want  []string
		err   error // of "z"
	}{
		{"Filter", func(to collector.Collector) *collector.Stage { return collector.Filter(isX, to) }, []string{numbered("x", 0), numbered("x", 3)}, nil},
		{"Map", func(to collector.Collector) *collector.Stage { return collector.Map(change, to) }, []string{numbered("changed", 0), numbered("changed", 3)}, wrong},
	} {
		t.Run(test.name, func(t *testing.T) {
			var m collector.Memory
			s := test.stage(&m)
			emit(t, s, numbered("x", 0), numbered("y", 1))
			if err := s.Emit(parse(t, numbered("z", 2))); err != test.err {
				t.Errorf("error %v, want %v", err, test.err)
			}
			emit(t, s, numbered("x", 3))
			sameLines(t, linesOf(m.Events()), test.want)
		})
	}
}

// A Stage returns the errors of its Collector and closes it.
func TestStagePassesErrorsOn(t *testing.T) {
	failed := errors.New("failed")
	var journal []string
	s := collector.Filter(func(events.Event) bool { return true }, child{"a", &journal, failed})
	for _, err := range []error{s.Emit(parse(t, numbered("x", 0))), s.Flush(), s.FlushContext(t.Context()), s.Close()} {
		if err != failed {
			t.Errorf("error %v, want %v", err, failed)
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if want := []string{"emit a", "flush a", "flush a", "close a"}; !slices.Equal(journal, want) {
		t.Errorf("calls %q, want %q", journal, want)
	}
}

// A waiting is a Collector whose flush waits for the context.
type waiting struct{ collector.Memory }

func (*waiting) FlushContext(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// A context cancels the flush of a nested child, and once it is done, children that do
// not know contexts are not flushed.
func TestFlushContext(t *testing.T) {
	over := errors.New("over")
	var journal []string
	next := child{"next", &journal, nil}
	all := collector.NewComposite(next, collector.Filter(func(events.Event) bool { return true }, new(waiting)), next)
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error)
	go func() { done <- collector.FlushContext(ctx, all) }()
	cancel(over)
	for _, err := range []error{<-done, collector.FlushContext(ctx, next), collector.FlushContext(ctx, all)} {
		if err != over {
			t.Errorf("error %v, want %v", err, over)
		}
	}
	if len(journal) > 1 {
		t.Errorf("calls %q, want one flush at most", journal)
	}
	if err := collector.FlushContext(t.Context(), next); err != nil {
		t.Error(err)
	}
}
