package collector_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// A child records the calls it gets in a journal that all children of a test share, and
// returns err.
type child struct {
	name    string
	journal *[]string
	err     error
}

func (c child) note(call string) error {
	*c.journal = append(*c.journal, call+" "+c.name)
	return c.err
}

func (c child) Emit(events.Event) error { return c.note("emit") }
func (c child) Flush() error            { return c.note("flush") }
func (c child) Close() error            { return c.note("close") }

func TestCompositeOrder(t *testing.T) {
	errB, errC := errors.New("b failed"), errors.New("c failed")
	var journal []string
	a, b, c := child{"a", &journal, nil}, child{"b", &journal, errB}, child{"c", &journal, errC}
	ok := child{"ok", &journal, nil}
	line := numbered("x", 0)
	emit := func(all *collector.Composite) error { return all.Emit(parse(t, line)) }
	lines := func(all *collector.Composite) error { return all.EmitLines([]byte(line + "\n" + line + "\n")) }

	for _, test := range []struct {
		name     string
		children []collector.Collector
		do       func(*collector.Composite) error
		want     []string
		wantErrs []error
	}{
		{"emit", []collector.Collector{ok, a}, emit, []string{"emit ok", "emit a"}, nil},
		{"emit, one fails", []collector.Collector{a, b, ok}, emit, []string{"emit a", "emit b"}, []error{errB}},
		{"emit, the first failure counts", []collector.Collector{c, b}, emit, []string{"emit c"}, []error{errC}},
		{"lines", []collector.Collector{ok, a}, lines, []string{"emit ok", "emit ok", "emit a", "emit a"}, nil},
		{"lines, one fails", []collector.Collector{a, b, ok}, lines, []string{"emit a", "emit a", "emit b"}, []error{errB}},
		{"flush", []collector.Collector{ok, a}, (*collector.Composite).Flush, []string{"flush ok", "flush a"}, nil},
		{"flush, one fails", []collector.Collector{a, b, ok}, (*collector.Composite).Flush, []string{"flush a", "flush b"}, []error{errB}},
		{"close", []collector.Collector{ok, a}, (*collector.Composite).Close, []string{"close ok", "close a"}, nil},
		{"close, two fail", []collector.Collector{b, a, c, ok}, (*collector.Composite).Close, []string{"close b", "close a", "close c", "close ok"}, []error{errB, errC}},
		{"no children", nil, emit, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var added collector.Composite
			for _, child := range test.children {
				added.Add(child)
			}
			for _, all := range []*collector.Composite{collector.NewComposite(test.children...), &added} {
				journal = nil
				err := test.do(all)
				if !slices.Equal(journal, test.want) {
					t.Errorf("calls %q, want %q", journal, test.want)
				}
				if (err == nil) != (test.wantErrs == nil) {
					t.Errorf("error %v, want %v", err, test.wantErrs)
				}
				for _, want := range test.wantErrs {
					if !errors.Is(err, want) {
						t.Errorf("error %v, want %v", err, want)
					}
				}
			}
		})
	}
}

// An error for one event does not affect the next.
func TestCompositeGoesOnAfterAFailure(t *testing.T) {
	var first, last collector.Memory
	failing := &failOnce{err: errors.New("failed")}
	all := collector.NewComposite(&first, failing, &last)
	if err := all.Emit(parse(t, numbered("x", 0))); err != failing.err {
		t.Errorf("Emit: %v, want %v", err, failing.err)
	}
	emit(t, all, numbered("x", 1))
	sameLines(t, linesOf(first.Events()), []string{numbered("x", 0), numbered("x", 1)})
	sameLines(t, linesOf(last.Events()), []string{numbered("x", 1)})
}

// A failOnce fails once.
type failOnce struct {
	collector.Memory
	err  error
	once sync.Once
}

func (f *failOnce) Emit(events.Event) (err error) {
	f.once.Do(func() { err = f.err })
	return err
}

// A child gets the events that come after it was added.
func TestCompositeAdd(t *testing.T) {
	var all collector.Composite
	var first, second collector.Memory
	emit(t, &all, numbered("x", 0))
	all.Add(&first)
	emit(t, &all, numbered("x", 1))
	all.Add(&second)
	emit(t, &all, numbered("x", 2))
	sameLines(t, linesOf(first.Events()), []string{numbered("x", 1), numbered("x", 2)})
	sameLines(t, linesOf(second.Events()), []string{numbered("x", 2)})
}

func TestCompositeAddWhileEmitting(t *testing.T) {
	const n = 500
	first, second := new(collector.Memory), new(collector.Memory)
	all := collector.NewComposite(first)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range n {
			emit(t, all, numbered("x", i))
		}
	})
	wg.Go(func() { all.Add(second) })
	wg.Wait()
	got, late := linesOf(first.Events()), linesOf(second.Events())
	sameLines(t, late, got[n-len(late):])
}

// A child without Close is skipped.
func TestCompositeClosesWhatCanBeClosed(t *testing.T) {
	var journal []string
	c := child{"a", &journal, nil}
	all := collector.NewComposite(struct{ collector.Collector }{c}, c)
	if err := all.Close(); err != nil {
		t.Error(err)
	}
	all.Close()
	if want := []string{"close a"}; !slices.Equal(journal, want) {
		t.Errorf("calls %q, want %q", journal, want)
	}
}

// NewComposite copies the slice of children.
func TestCompositeCopiesItsChildren(t *testing.T) {
	var kept, other collector.Memory
	children := []collector.Collector{&kept}
	all := collector.NewComposite(children...)
	children[0] = &other
	emit(t, all, numbered("x", 0))
	if kept.Len() != 1 || other.Len() != 0 {
		t.Errorf("%d and %d events, want 1 and 0", kept.Len(), other.Len())
	}
}

// The events of one goroutine reach each child in order, whatever others emit at the same
// time.
func TestCompositeKeepsTheOrderOfAGoroutine(t *testing.T) {
	const n = 200
	var first, second collector.Memory
	all := collector.NewComposite(&first, &second)
	var wg sync.WaitGroup
	for _, name := range []string{"x", "y", "z"} {
		wg.Go(func() {
			for i := range n {
				emit(t, all, numbered(name, i))
			}
		})
	}
	wg.Wait()
	for _, child := range []*collector.Memory{&first, &second} {
		for _, name := range []string{"x", "y", "z"} {
			var want []string
			for i := range n {
				want = append(want, numbered(name, i))
			}
			sameLines(t, linesOf(child.EventsByType(name)), want)
		}
	}
}

// A child may use the Composite that calls it.
func TestCompositeCalledByAChild(t *testing.T) {
	var all collector.Composite
	var kept, late collector.Memory
	all.Add(calling{&kept, func(e events.Event) {
		if e.Type() == "x" {
			all.Add(&late)
			emit(t, &all, numbered("y", 0))
		}
	}})
	emit(t, &all, numbered("x", 0))
	sameLines(t, linesOf(kept.Events()), []string{numbered("x", 0), numbered("y", 0)})
	sameLines(t, linesOf(late.Events()), []string{numbered("y", 0)})
}

// A calling is a Memory that calls a function after each event.
type calling struct {
	*collector.Memory
	then func(events.Event)
}

func (c calling) Emit(e events.Event) error {
	err := c.Memory.Emit(e)
	c.then(e)
	return err
}

// Only the Emit that calls a slow child waits for it.
func TestCompositeSlowChild(t *testing.T) {
	var all collector.Composite
	var kept, late collector.Memory
	begun, proceed := make(chan bool), make(chan bool)
	all.Add(calling{&kept, func(e events.Event) {
		if e.Type() == "slow" {
			begun <- true
			<-proceed
		}
	}})
	var wg sync.WaitGroup
	wg.Go(func() { emit(t, &all, numbered("slow", 0)) })
	<-begun
	all.Add(&late)
	emit(t, &all, numbered("x", 1))
	if err := all.Close(); err != nil {
		t.Error(err)
	}
	if err := all.Emit(parse(t, numbered("x", 2))); err != collector.ErrClosed {
		t.Errorf("Emit after Close: %v, want %v", err, collector.ErrClosed)
	}
	close(proceed)
	wg.Wait()
	sameLines(t, linesOf(late.Events()), []string{numbered("x", 1)})
}
