// Package stats counts what happened in audit logs: in one pass, in any number
// of events, and in memory that does not grow with them.
//
// A [Summary] answers what the agents did and why it failed; [Groups] counts
// events by the values of any keys. Both have a report that encodes as JSON.
//
// # Bounds
//
// Names come from the log, so there may be any number of them. A Summary tells
// the first [MaxNames] types, severities, agents and tools apart, and as many
// kinds of failures; Groups tell the first [MaxGroups] groups apart. Events with
// other names are counted together, as others. Of a name or the id of a call the
// first [MaxName] bytes count. When [MaxOpen] attempts wait for their ends and one
// more comes, the oldest is taken for one without an end.
//
// # Durations
//
// Counts, totals and maxima are exact. A percentile is the nearest rank: the
// smallest duration with at least so many of a hundred at or below it, or one that
// occurred and is less than 1 % above that, whatever their size. To keep to its
// memory, a Summary or Groups that has seen durations of more than a million
// sizes that differ by as much, all names together, counts sizes twice as far
// apart as one, and so on.
package stats

import (
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// Bounds of what is kept.
const (
	MaxNames    = 1000
	MaxSessions = 10_000
	MaxGroups   = 10_000
	MaxName     = 1000 // bytes
	MaxOpen     = 1000 // attempts whose end did not come yet

	// DefaultTop is how many of the slowest calls and of the attempts without an
	// end are kept.
	DefaultTop = 15
)

// A Summary counts events by what they are and pairs the attempts of tool calls
// with their ends, as package turns says. The zero Summary is ready. It is not safe for concurrent
// use, but for AppendNote.
type Summary struct {
	Top      int            // how many calls and attempts to report; 0: DefaultTop
	Location *time.Location // where days begin, at the offset of the first event; nil: UTC

	events, errors, untimed int64
	first, last             Timestamp
	types, severities       table[counts]
	agents, sessions        table[counts]
	tools                   table[tool]
	precision               precision // of their durations
	failures                table[failure]
	slowest                 slowest
	open                    turns.OpenCalls[Timestamp] // their starts
	timeline                timeline
}

// Add counts the event that s scanned.
func (c *Summary) Add(s *events.Scanner) { c.AddNotes(c.AppendNote(nil, s)) }

// AddNotes counts events that AppendNote made notes of, in their order.
func (c *Summary) AddNotes(notes []byte) {
	var n note
	for len(notes) > 0 {
		notes = n.read(notes)
		c.add(&n)
	}
}

func (c *Summary) add(n *note) {
	c.events++
	if n.rank.grave() {
		c.errors++
	}
	c.types.at(n.eventType, MaxNames).add(n)
	c.severities.at(n.severity, MaxNames).add(n)
	c.agents.at(n.agent, MaxNames).add(n)
	if len(n.session) > 0 {
		c.sessions.at(n.session, MaxSessions).add(n)
	}
	if len(n.tool) > 0 || n.what != otherEvent {
		c.tools.at(n.tool, MaxNames).add(n, &c.precision)
	}
	if n.has(explained) {
		c.failures.at(n.cause, MaxNames).add(n)
	}
	c.addTime(n)
	switch n.what {
	case attempt:
		if c.open.Len() == MaxOpen {
			lost := c.open.Oldest()
			c.tools.at(toolOf(lost.Call()), MaxNames).unfinished++
			c.open.Drop(lost)
		}
		c.open.Begin(n.call, n.callID, n.at)
	case complete, failed:
		c.open.End(n.call, n.callID)
		if n.has(lasted) {
			c.slowest.add(n, c.top())
		}
	}
}

func (c *Summary) addTime(n *note) {
	if !n.at.known {
		c.untimed++
		return
	}
	if !c.first.known {
		c.first, c.last = n.at, n.at
		_, seconds := n.at.Time().In(c.location()).Zone()
		c.timeline.offset = int64(seconds) * 1000
	}
	c.first.micros = min(c.first.micros, n.at.micros)
	c.last.micros = max(c.last.micros, n.at.micros)
	c.timeline.add(n)
}

func (c *Summary) top() int {
	if c.Top == 0 {
		return DefaultTop
	}
	return c.Top
}

func (c *Summary) location() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

// counts are numbers of events.
type counts struct{ events, errors int64 }

func (c *counts) add(n *note) {
	c.events++
	if n.rank.grave() {
		c.errors++
	}
}
