package stats

import (
	"bytes"
	"cmp"
	"slices"

	"auditctl/pkg/events"
)

// A Report has the counts of a Summary. It encodes as a JSON object whose keys are
// stable. Lists are sorted by number of events, tools by calls, largest first, and then
// by name. Events without the key have the name null.
type Report struct {
	Events   int64     `json:"events"`
	Errors   int64     `json:"errors"`   // events with severity error or critical
	Sessions int64     `json:"sessions"` // distinct ones, at most MaxSessions
	First    Timestamp `json:"first"`    // the earliest
	Last     Timestamp `json:"last"`     // the latest
	Untimed  int64     `json:"untimed"`  // events without a readable timestamp

	Types      []Count       `json:"types"`
	Severities []Count       `json:"severities"`
	Agents     []Count       `json:"agents"`
	Tools      []Tool        `json:"tools"`
	Tokens     *TokensReport `json:"tokens"` // nil if no event has any
	Failures   []Failure     `json:"failures"`

	Slowest    []Call    `json:"slowest"`    // slowest first
	Unfinished []Attempt `json:"unfinished"` // earliest in the log first
	Timeline   *Timeline `json:"timeline"`   // nil without timestamps
	Sequence   *Sequence `json:"sequence"`   // nil if no event has a number

	Others Others `json:"others"`
}

// A Count is the number of events with a name.
type Count struct {
	Name   events.Value `json:"name"`
	Events int64        `json:"events"`
	Errors int64        `json:"errors"`
}

// A Tool has the counts of a tool's events and calls.
type Tool struct {
	Name   events.Value `json:"name"`
	Events int64        `json:"events"` // that name the tool
	Errors int64        `json:"errors"`

	// Calls counts each call once, whichever of its events the log has: completes,
	// failures, unfinished attempts, and attempts that were denied after them.
	Calls      int64 `json:"calls"`
	Attempts   int64 `json:"attempts"`
	Completes  int64 `json:"completes"`
	Failures   int64 `json:"failures"`
	Denials    int64 `json:"denials"`    // policy decisions that deny, see events.Denies
	Unfinished int64 `json:"unfinished"` // attempts without an end, nor a later denial with their call id

	Durations *Durations `json:"duration_ms"` // nil if no end of a call has one
}

// A Failure counts the events of one type, tool and reason that have severity error or
// critical, or are failed calls or denials.
type Failure struct {
	Type    events.Value `json:"event_type"`
	Tool    events.Value `json:"tool_name"`
	Reason  events.Value `json:"reason"` // their error_type, pattern or policy_source
	Events  int64        `json:"events"`
	Message events.Value `json:"last_message"` // the error_message or action of the last
	First   Timestamp    `json:"first"`        // of the first one in the log that has a timestamp
	Last    Timestamp    `json:"last"`         // of the last one
}

// A Call is a call that ended.
type Call struct {
	Duration float64      `json:"duration_ms"` // in milliseconds
	End      Timestamp    `json:"timestamp"`
	Tool     events.Value `json:"tool_name"`
	Session  events.Value `json:"session_id"`
	Turn     events.Value `json:"turn_id"`
}

// An Attempt is an attempt without an end.
type Attempt struct {
	Start   Timestamp    `json:"timestamp"`
	Tool    events.Value `json:"tool_name"`
	Session events.Value `json:"session_id"`
	Turn    events.Value `json:"turn_id"`
}

// Others counts the events whose names are not in the lists, because those are full.
type Others struct {
	Types      int64 `json:"types"`
	Severities int64 `json:"severities"`
	Agents     int64 `json:"agents"`
	Sessions   int64 `json:"sessions"`
	Tools      *Tool `json:"tools"` // without a name; nil if there are none
	Failures   int64 `json:"failures"`

	// Unfinished counts the attempts without an end that are not in the list.
	Unfinished int64 `json:"unfinished"`
}

// Report returns the counts so far. It shares no memory with c.
func (c *Summary) Report() *Report {
	c.settle()
	r := &Report{
		Events:     c.events,
		Errors:     c.errors,
		Sessions:   int64(len(c.sessions.rows)),
		First:      c.first,
		Last:       c.last,
		Untimed:    c.untimed,
		Types:      reportCounts(&c.types),
		Severities: reportCounts(&c.severities),
		Agents:     reportCounts(&c.agents),
		Tokens:     c.tokens.report(),
		Failures:   c.reportFailures(),
		Slowest:    c.reportSlowest(),
		Unfinished: []Attempt{},
		Timeline:   c.timeline.report(cmp.Or(c.Buckets, DefaultBuckets)),
		Sequence:   c.numbers.report(c.events),
	}
	r.Others = Others{
		Types:      othersOf(&c.types),
		Severities: othersOf(&c.severities),
		Agents:     othersOf(&c.agents),
		Sessions:   othersOf(&c.sessions),
	}
	if c.failures.others != nil {
		r.Others.Failures = c.failures.others.count
	}
	open := map[*tool]tool{}
	for o := range c.open.All() {
		counted := open[o.Value.tool]
		counted.addOpen(o.Value)
		open[o.Value.tool] = counted
		if !o.Value.denied && len(r.Unfinished) < c.top() {
			names := namesOf(o.Call())
			r.Unfinished = append(r.Unfinished, Attempt{Start: o.Value.start, Tool: names[0], Turn: names[1], Session: names[2]})
		}
	}
	r.Tools = reported(&c.tools, func(name string, t *tool) Tool { return t.report(name, open[t]) })
	slices.SortFunc(r.Tools, func(a, b Tool) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(b.Events, a.Events), byName(a.Name, b.Name))
	})
	if others := c.tools.others; others != nil {
		t := others.report("", open[others])
		r.Others.Tools = &t
	}
	r.Others.Unfinished = -int64(len(r.Unfinished))
	for _, t := range r.Tools {
		r.Others.Unfinished += t.Unfinished
	}
	if r.Others.Tools != nil {
		r.Others.Unfinished += r.Others.Tools.Unfinished
	}
	return r
}

func reportCounts(t *table[counts]) []Count {
	all := reported(t, func(name string, c *counts) Count { return Count{value(name), c.events, c.errors} })
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), byName(a.Name, b.Name))
	})
	return all
}

func othersOf(t *table[counts]) int64 {
	if t.others == nil {
		return 0
	}
	return t.others.events
}

func byName(a, b events.Value) int { return bytes.Compare(a, b) }

// value returns the value of a name, nil if it is empty.
func value(name string) events.Value {
	if name == "" {
		return nil
	}
	return events.Value(name)
}

func (t *tool) report(name string, open tool) Tool {
	r := Tool{
		Name:       value(name),
		Events:     t.events,
		Errors:     t.errors,
		Attempts:   t.attempts,
		Completes:  t.completes,
		Failures:   t.failures,
		Denials:    t.denials,
		Unfinished: t.unfinished + open.unfinished,
		Durations:  t.durations.report(),
	}
	r.Calls = r.Completes + r.Failures + r.Unfinished + t.refused + open.refused
	return r
}

func (c *Summary) reportFailures() []Failure {
	all := reported(&c.failures, func(cause string, f *failure) Failure {
		names := namesOf([]byte(cause))
		return Failure{names[0], names[1], names[2], f.count, value(string(f.message)), f.first, f.last}
	})
	slices.SortFunc(all, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), byName(a.Type, b.Type), byName(a.Tool, b.Tool), byName(a.Reason, b.Reason))
	})
	return all
}

func (c *Summary) reportSlowest() []Call {
	calls := []Call{}
	for _, s := range c.slowest {
		names := namesOf(s.call)
		calls = append(calls, Call{Duration: s.duration, End: s.end, Tool: names[0], Turn: names[1], Session: names[2]})
	}
	return calls
}

// toolOf returns the name of a call's tool.
func toolOf(call []byte) []byte {
	tool, _ := cutName(call)
	return tool
}

// namesOf returns the values of the names in notes.
func namesOf(notes []byte) (names []events.Value) {
	for len(notes) > 0 {
		var name []byte
		name, notes = cutName(notes)
		names = append(names, value(string(name)))
	}
	return names
}
