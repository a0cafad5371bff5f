package collector_test

import (
	"fmt"
	"slices"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

func TestMemoryLimit(t *testing.T) {
	for _, test := range []struct{ limit, emitted, first, kept int }{
		{limit: 0, emitted: 5, first: 0, kept: 5},
		{limit: -1, emitted: 5, first: 0, kept: 5},
		{limit: 3, emitted: 0, first: 0, kept: 0},
		{limit: 3, emitted: 2, first: 0, kept: 2},
		{limit: 3, emitted: 3, first: 0, kept: 3},
		{limit: 3, emitted: 4, first: 1, kept: 3},
		{limit: 3, emitted: 6, first: 3, kept: 3},
		{limit: 3, emitted: 100, first: 97, kept: 3},
		{limit: 1, emitted: 7, first: 6, kept: 1},
	} {
		t.Run(fmt.Sprintf("%d of %d", test.limit, test.emitted), func(t *testing.T) {
			m := collector.NewMemory(test.limit)
			for i := range test.emitted {
				emit(t, m, numbered("x", i))
			}
			var want []string
			for i := range test.kept {
				want = append(want, numbered("x", test.first+i))
			}
			sameLines(t, linesOf(m.Events()), want)
			sameLines(t, linesOf(slices.Collect(m.All())), want)
			if m.Len() != test.kept {
				t.Errorf("Len is %d, want %d", m.Len(), test.kept)
			}
		})
	}
}

// A cleared Memory is like a new one, even if its ring had wrapped around.
func TestMemoryClear(t *testing.T) {
	m := collector.NewMemory(2)
	emit(t, m, numbered("x", 0), numbered("x", 1), numbered("x", 2))
	m.Clear()
	if n := m.Len(); n != 0 || len(m.Events()) != 0 {
		t.Errorf("%d events after Clear, %d in Len", len(m.Events()), n)
	}
	emit(t, m, numbered("y", 0))
	sameLines(t, linesOf(m.Events()), []string{numbered("y", 0)})
	emit(t, m, numbered("y", 1), numbered("y", 2))
	sameLines(t, linesOf(m.Events()), []string{numbered("y", 1), numbered("y", 2)})
}

func TestMemoryEventsIsACopy(t *testing.T) {
	for _, limit := range []int{0, 2} {
		m := collector.NewMemory(limit)
		emit(t, m, numbered("x", 0), numbered("x", 1))
		for _, got := range [][]events.Event{m.Events(), m.EventsByType("x")} {
			got[0] = parse(t, numbered("other", 0))
			_ = append(got[:1], got[0])
		}
		sameLines(t, linesOf(m.Events()), []string{numbered("x", 0), numbered("x", 1)})

		kept := m.Events()
		emit(t, m, numbered("x", 2), numbered("x", 3))
		m.Clear()
		sameLines(t, linesOf(kept), []string{numbered("x", 0), numbered("x", 1)})
	}
}

// A loop over All may emit other events, and may stop early.
func TestMemoryAllWhileEmitting(t *testing.T) {
	for _, limit := range []int{0, 2} {
		m := collector.NewMemory(limit)
		emit(t, m, numbered("x", 0), numbered("x", 1), numbered("x", 2))
		want, all := linesOf(m.Events()), m.All()
		var seen []events.Event
		for e := range all {
			seen = append(seen, e)
			emit(t, m, numbered("y", len(seen)))
		}
		sameLines(t, linesOf(seen), want)
		for range all { // again, with the events there are now
			seen = nil
			break
		}
		if seen != nil {
			t.Error("nothing is yielded the second time")
		}
	}
}

func TestMemoryEventsByType(t *testing.T) {
	m := collector.NewMemory(4)
	emit(t, m,
		numbered("gone", 0),
		numbered("a", 1),
		`{"event_type": "b", "event\u005ftype": "\u0061"}`, // the last one counts
		numbered("b", 2),
		`{"event_type": "b", "metadata": {"event_type": "a"}}`,
	)
	for _, test := range []struct {
		eventType string
		want      []string
	}{
		{"a", []string{numbered("a", 1), `{"event_type": "b", "event\u005ftype": "\u0061"}`}},
		{"b", []string{numbered("b", 2), `{"event_type": "b", "metadata": {"event_type": "a"}}`}},
		{"gone", nil},
		{"", nil},
	} {
		t.Run(test.eventType, func(t *testing.T) {
			sameLines(t, linesOf(m.EventsByType(test.eventType)), test.want)
		})
	}
}

// Events can be read after Close.
func TestMemoryAfterClose(t *testing.T) {
	var m collector.Memory
	emit(t, &m, numbered("x", 0))
	m.Close()
	sameLines(t, linesOf(m.EventsByType("x")), []string{numbered("x", 0)})
	if m.Len() != 1 {
		t.Errorf("Len is %d, want 1", m.Len())
	}
}
