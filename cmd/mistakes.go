package cmd

import (
	"slices"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// Mistakes are what the flags name and no event had, and what of the events the flags
// could not read. All workers of a flow note at once what they see.
type mistakes struct {
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

// watchUnread counts the events with an error: that a flag cannot read something.
func (m *mistakes) watchUnread(flag, what string, err error) {
	m.unread = append(m.unread, unread{flag: flag, what: what, err: err})
}

// add counts what could not be read of a batch.
func (m *mistakes) add(b *batch) {
	for _, f := range b.failures {
		for i := range m.unread {
			if u := &m.unread[i]; u.err == f.err {
				u.events += f.events
			}
		}
	}
}

// end says what there is to say if the inputs were read as a whole.
func (m *mistakes) end(whole bool) {
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
