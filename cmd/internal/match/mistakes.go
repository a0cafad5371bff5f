package match

import (
	"slices"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
)

// Mistakes are names and keys in the flags that no event had, and parts of events that
// the flags need and that could not be read. All workers of a flow use them at once.
type Mistakes struct {
	names   []*nameWatch
	keys    []*keyWatch
	unread  []unread
	reports *report.Reporter
	flow    *flow.Flow // nil: there is none
}

// unread counts the events with something that a flag cannot read.
type unread struct {
	flag, what string
	err        error // of such an event
	events     int64
}

// Join makes a flow record what its events have, and report at the end what none had.
func (m *Mistakes) Join(f *flow.Flow) {
	m.reports, m.flow = f.Reports, f
	f.Observe(m)
	if len(m.names)+len(m.keys) > 0 {
		f.Note = m.note
	}
}

// note records what the event that s scanned has. line is its line in the block, from 1.
func (m *Mistakes) note(s *events.Scanner, line int64) {
	for _, w := range m.names {
		w.note(s)
	}
	for _, w := range m.keys {
		w.note(s, line == 1) // sampling every event would take long
	}
}

// noteBlock records what the events of a block have that was not read.
func (m *Mistakes) noteBlock(b *index.Block) {
	for _, w := range m.names {
		w.noteBlock(b)
	}
	for _, w := range m.keys {
		w.noteBlock(b)
	}
}

// blind reports whether the events of blocks that were not read may tell more.
func (m *Mistakes) blind() bool {
	return slices.ContainsFunc(m.names, func(w *nameWatch) bool { return w.blind && w.left.Load() > 0 }) ||
		slices.ContainsFunc(m.keys, func(w *keyWatch) bool { return w.blind && !w.met.Load() })
}

// again forgets what names and keys events had, to be told of all of them again.
func (m *Mistakes) again() {
	for i, w := range m.names {
		m.names[i] = w.again()
	}
	for i, w := range m.keys {
		m.keys[i] = newKeyWatch(w.flag, w.key)
	}
}

// WatchGlobs watches for values of a key that globs spell out.
func (m *Mistakes) WatchGlobs(flag, key string, globs []selection.Glob) {
	var texts []string
	for i := range globs {
		if text, ok := globs[i].Literal(); ok {
			texts = append(texts, text)
		}
	}
	m.watchNames(flag, key, texts...)
}

// watchNames watches for names that are values of a key. One watch looks for all names
// of a flag, since every watch takes time at every event.
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

// WatchKeys watches for keys.
func (m *Mistakes) WatchKeys(flag string, keys ...selection.Key) {
	for _, key := range keys {
		m.keys = append(m.keys, newKeyWatch(flag, key))
	}
}

// watchUnread counts the events with an error, which says that a flag cannot read
// something.
func (m *Mistakes) watchUnread(flag, what string, err error) {
	m.unread = append(m.unread, unread{flag: flag, what: what, err: err})
}

// Add counts what could not be read in a block.
func (m *Mistakes) Add(b *flow.Result) {
	for _, f := range b.Failures {
		for i := range m.unread {
			if u := &m.unread[i]; u.err == f.Err {
				u.events += f.Events
			}
		}
	}
}

// End reports the mistakes, if the inputs were read whole.
func (m *Mistakes) End(whole bool) {
	if !whole {
		return
	}
	quote := m.flow == nil || m.flow.Redaction == nil
	for _, w := range m.names {
		w.end(m.reports, quote)
	}
	for _, w := range m.keys {
		w.end(m.reports, quote)
	}
	for _, u := range m.unread {
		if u.events > 0 {
			m.reports.Printf("--%s: the %s of %s cannot be read", u.flag, u.what, report.Counted(u.events, "event"))
		}
	}
}
