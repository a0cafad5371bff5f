package cmd

import (
	"slices"
	"sync"
	"sync/atomic"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// Mistakes are what the flags name and no event had, and what of the events the flags
// could not read. All workers of a flow note at once what they see.
type mistakes struct {
	names                []*nameWatch
	keys                 []*keyWatch
	timestamps, severity unread
}

// unread counts the events that have something that a flag cannot read.
type unread struct {
	flag   string
	events atomic.Int64

	mu   sync.Mutex
	flow map[*events.Scanner]bool // the scanners whose events count
}

// begin says that s is at the lines of a batch of the flow from now on.
func (m *mistakes) begin(s *events.Scanner) {
	for _, u := range []*unread{&m.timestamps, &m.severity} {
		if u.flag != "" {
			u.mu.Lock()
			u.flow[s] = true
			u.mu.Unlock()
		}
	}
}

// note notes what the event has that s scanned, on a line of a batch, from 1.
func (m *mistakes) note(s *events.Scanner, line int64) {
	for _, w := range m.names {
		w.note(s)
	}
	for _, w := range m.keys {
		w.note(s, line == 1) // to look at more of its keys would take long
	}
}

// watchGlobs notes which of the texts that globs spell out are values of a key.
func (m *mistakes) watchGlobs(flag, key string, globs []selection.Glob) {
	var texts []string
	for i := range globs {
		if text, ok := globs[i].Literal(); ok {
			texts = append(texts, text)
		}
	}
	m.watchNames(flag, key, texts...)
}

// watchNames notes which of the names are values of a key. One watch looks for all
// names of a flag, however many: each takes time at every event.
func (m *mistakes) watchNames(flag, key string, names ...string) {
	i := slices.IndexFunc(m.names, func(w *nameWatch) bool { return w.flag == flag && w.key == key })
	if i >= 0 {
		m.names[i].add(names)
		return
	}
	w := newNameWatch(flag, key)
	if w.add(names); len(w.names) > 0 {
		m.names = append(m.names, w)
	}
}

// watchKeys notes which of the keys there are.
func (m *mistakes) watchKeys(flag string, keys ...selection.Key) {
	for _, key := range keys {
		m.keys = append(m.keys, newKeyWatch(flag, key))
	}
}

// watch says which flag it is.
func (u *unread) watch(flag string) { u.flag, u.flow = flag, map[*events.Scanner]bool{} }

// note notes that the flag cannot read what the event has that s scanned.
func (u *unread) note(s *events.Scanner) {
	u.mu.Lock()
	counts := u.flow[s] // not if the last events are looked for; they are read again
	u.mu.Unlock()
	if counts {
		u.events.Add(1)
	}
}

// end says what there is to say at the end of all inputs.
func (m *mistakes) end(reports *report.Reporter) {
	for _, w := range m.names {
		w.end(reports)
	}
	for _, w := range m.keys {
		w.end(reports)
	}
	for _, u := range []struct {
		*unread
		what string
	}{{&m.timestamps, "timestamp"}, {&m.severity, "severity"}} {
		if n := u.events.Load(); n > 0 {
			reports.Printf("--%s: the %s of %s cannot be read", u.flag, u.what, report.Counted(n, "event"))
		}
	}
}
