package match

import (
	"slices"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// Mistakes are what the flags name and no event had, and what of the events the flags
// could not read. All workers of a flow note at once what they see.
type Mistakes struct {
	names   []*nameWatch
	keys    []*keyWatch
	unread  []unread
	reports *report.Reporter
}

// unread counts the events that have something that a flag cannot read.
type unread struct {
	flag, what string
	err        error // of such an event
	events     int64
}

// Join lets a flow note what its events have, and say at the end what none had.
func (m *Mistakes) Join(f *flow.Flow) {
	m.reports = f.Reports
	f.Observe(m)
	f.Note = m.note
}

// note notes what the event has that s scanned, on a line of a batch, from 1.
func (m *Mistakes) note(s *events.Scanner, line int64) {
	for _, w := range m.names {
		w.note(s)
	}
	for _, w := range m.keys {
		w.note(s, line == 1) // to look at more of its keys would take long
	}
}

// WatchGlobs notes which of the texts that globs spell out are values of a key.
func (m *Mistakes) WatchGlobs(flag, key string, globs []selection.Glob) {
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
func (m *Mistakes) watchNames(flag, key string, names ...string) {
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

// WatchKeys notes which of the keys there are.
func (m *Mistakes) WatchKeys(flag string, keys ...selection.Key) {
	for _, key := range keys {
		m.keys = append(m.keys, newKeyWatch(flag, key))
	}
}

// watchUnread counts the events with an error: that a flag cannot read something.
func (m *Mistakes) watchUnread(flag, what string, err error) {
	m.unread = append(m.unread, unread{flag: flag, what: what, err: err})
}

// Add counts what could not be read of a batch.
func (m *Mistakes) Add(b *flow.Result) {
	for _, f := range b.Failures {
		for i := range m.unread {
			if u := &m.unread[i]; u.err == f.Err {
				u.events += f.Events
			}
		}
	}
}

// End says what there is to say if the inputs were read as a whole.
func (m *Mistakes) End(whole bool) {
	if !whole {
		return
	}
	for _, w := range m.names {
		w.end(m.reports)
	}
	for _, w := range m.keys {
		w.end(m.reports)
	}
	for _, u := range m.unread {
		if u.events > 0 {
			m.reports.Printf("--%s: the %s of %s cannot be read", u.flag, u.what, report.Counted(u.events, "event"))
		}
	}
}
