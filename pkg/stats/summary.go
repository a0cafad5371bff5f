// Package stats counts what happened in audit logs, in one pass and in memory that does
// not grow with the number of events.
//
// A [Summary] answers what agents did and why it failed; [Groups] counts events by the
// values of any keys. Both have a report that encodes as JSON.
//
// # Bounds
//
// Names come from the log, so there may be any number of them. A Summary counts the first
// [MaxNames] types, severities, agents, tools and kinds of failures and the first
// [MaxSessions] sessions separately, Groups the first [MaxGroups] groups. Events with
// further names are counted together, as others. Only the first [MaxName] bytes of a name
// or call id count. When [MaxOpen] attempts are open and another one begins, the oldest
// is counted as unfinished.
//
// # Durations
//
// Counts, totals and maxima are exact. A percentile is the nearest rank, the smallest
// duration with at least so many percent of all at or below it, or another duration of
// the log that is less than 1 % larger. To bound its memory, a Summary or Groups groups
// durations into at most about a million sizes, all names together: with more, the
// groups become twice as wide, and percentiles half as precise, as often as necessary.
//
// # Tokens
//
// An event may say how many tokens of a model it adds, as input_tokens, output_tokens,
// cache_read_tokens and cache_write_tokens, and by whom, as model: in metadata, or else at
// the top level. Only whole numbers from 0 to [MaxTokens] count.
//
// # Numbers
//
// Of events that have a number of package sequence, the gaps are found, and the numbers
// that are there twice. In a selection of events, these are no mistakes.
//
// # Copies
//
// An event with copied: true in its metadata repeats what an earlier one told. It counts
// as an event, but its calls, denials, failures, durations and tokens do not.
package stats

import (
	"bytes"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// Bounds, see the package doc.
const (
	MaxNames    = 1000
	MaxSessions = 10_000
	MaxGroups   = 10_000
	MaxName     = 1000 // bytes
	MaxOpen     = 1000 // attempts

	// DefaultTop is the default of Summary.Top.
	DefaultTop = 15
)

// A Summary counts events by type, severity, agent, session, tool and time, and pairs the
// attempts of tool calls with their ends as package turns does. The zero Summary is ready
// to use. It is not safe for concurrent use, except for AppendNote.
type Summary struct {
	Top      int            // how many slowest calls and unfinished attempts to list; 0 means DefaultTop
	Buckets  int            // how many buckets the timeline has at most, from 24 to 1000; 0 means DefaultBuckets
	Location *time.Location // of the timeline's days, with its UTC offset at the first event; nil means UTC

	events, errors, untimed int64
	first, last             Timestamp
	recent                  []combination // by slot
	types, severities       table[counts]
	agents, sessions        table[counts]
	tools                   table[tool]
	precision               precision // of their durations
	failures                table[failure]
	slowest                 slowest
	open                    turns.OpenCalls[openCall]
	tokens                  tokenCount
	numbers                 numbers
	timeline                timeline
}

// Add counts the event that s scanned.
func (c *Summary) Add(s *events.Scanner) { c.AddNotes(c.AppendNote(nil, s)) }

// AddNotes counts the events of notes that AppendNote made. Notes must be added in the
// order of the log.
func (c *Summary) AddNotes(notes []byte) {
	var n note
	for len(notes) > 0 {
		notes = n.read(notes)
		c.add(&n)
	}
}

func (c *Summary) add(n *note) {
	c.events++
	if n.rank.isError() {
		c.errors++
	}
	k := c.combinationOf(n)
	k.count++
	if n.has(measured) && n.kind.ends() {
		k.tool.durations.add(n.duration, &c.precision)
	}
	if len(n.session) > 0 {
		c.sessions.at(n.session, MaxSessions).add(n.rank, 1)
	}
	if n.has(explained) {
		c.failures.at(n.cause, MaxNames).add(n)
	}
	if n.has(spent) {
		c.tokens.add(n)
	}
	if n.has(numbered) {
		c.numbers.add(n.number)
	}
	c.addTime(n)
	switch n.kind {
	case attempt:
		if n.has(identified) {
			if open := c.open.Find(n.call, n.callID); open != nil && bytes.Equal(toolOf(open.Call()), n.tool) {
				open.Value.denied = false // it is attempted all the same
				break
			}
		}
		if c.open.Len() == MaxOpen {
			lost := c.open.Oldest()
			lost.Value.tool.addOpen(lost.Value)
			c.open.Drop(lost)
		}
		c.open.Begin(n.call, n.callID, openCall{start: n.at, tool: k.tool})
	case denied:
		if n.has(identified) {
			if open := c.open.Find(n.call, n.callID); open != nil {
				open.Value.denied = true
			}
		}
	case complete, failed:
		c.open.End(n.call, n.callID)
		if n.has(measured) {
			c.slowest.add(n, c.top())
		}
	}
}

// An openCall is an attempt without an end.
type openCall struct {
	start  Timestamp
	tool   *tool
	denied bool // after it
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

func (c *counts) add(r rank, events int64) {
	c.events += events
	if r.isError() {
		c.errors += events
	}
}
