package reconcile

import (
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/sequence"
)

// A Report says what the records have and lack. Lists are in the order of time and have at
// most MaxFindings elements.
type Report struct {
	Records []Record `json:"records"`
	Calls   int64    `json:"calls"` // different ones
	Counts

	Findings        []Finding `json:"findings"`
	MissingSessions []Session `json:"missing_sessions"` // whose calls are missing, and are not among the findings

	// What is not a finding: calls that a record lacks and another says did not run, sessions
	// that a transcript is not of, and times in which a record has nothing.
	NotRun        []Finding `json:"not_run"`
	OtherSessions []Session `json:"other_sessions"`
	Silences      []Silence `json:"silences"`
	Gaps          []Gap     `json:"gaps"`
}

// Counts are how many calls there are of which this is found.
type Counts struct {
	Missing          int64 `json:"missing"`
	NoEnd            int64 `json:"no_end"`
	NoAttempt        int64 `json:"no_attempt"`
	EndedDifferently int64 `json:"ended_differently"`
	DeniedButRan     int64 `json:"denied_but_ran"`
	DidNotRun        int64 `json:"did_not_run"` // and some record lacks; it is no finding
}

// of returns the count of a kind of finding.
func (c *Counts) of(what What) *int64 {
	switch what {
	case NoEndIn:
		return &c.NoEnd
	case NoAttemptIn:
		return &c.NoAttempt
	case EndedDifferently:
		return &c.EndedDifferently
	case DeniedButRan:
		return &c.DeniedButRan
	case Kept:
		return &c.DidNotRun
	}
	return &c.Missing
}

// OK reports whether nothing is missing or differs.
func (c *Counts) OK() bool {
	return c.Missing+c.NoEnd+c.NoAttempt+c.EndedDifferently+c.DeniedButRan == 0
}

// A Record is one of those that are compared.
type Record struct {
	Name    string     `json:"name"`
	Kinds   []Kind     `json:"kinds"`
	Events  int64      `json:"events"`
	Calls   int64      `json:"calls"`
	Missing int64      `json:"missing"` // calls that it lacks
	First   *Timestamp `json:"first"`
	Last    *Timestamp `json:"last"`

	// Ahead is how far its clock is ahead of that of the first record, as far as calls with
	// the same ids show that.
	Ahead float64 `json:"clock_ahead_ms"`

	// Calls of others that it could not have: before its first event, after its last one, and
	// of subagents that it is not of.
	Before int64 `json:"before"`
	After  int64 `json:"after"`
	Agents int64 `json:"other_agents"`
}

// A Timestamp encodes as the timestamps of events do.
type Timestamp time.Time

// MarshalJSON returns t as a string.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return events.AppendTimestamp(nil, time.Time(t)), nil
}

func (t instant) timestamp() *Timestamp {
	if !t.known() {
		return nil
	}
	at := Timestamp(t.time())
	return &at
}

// A What is what a Finding is about.
type What string

// What findings are about.
const (
	Missing          What = "missing"
	NoEndIn          What = "no_end"     // although others tell how the call ended
	NoAttemptIn      What = "no_attempt" // although others tell of it
	EndedDifferently What = "ended_differently"
	DeniedButRan     What = "denied_but_ran"
	Kept             What = "not_run" // it was denied, interrupted or refused
)

// A Finding is a call with which something is the matter.
type Finding struct {
	What    What       `json:"finding"`
	In      []string   `json:"in"` // the records that lack something
	CallID  *string    `json:"call_id"`
	Tool    string     `json:"tool_name"`
	Session *string    `json:"session_id"`
	Time    *Timestamp `json:"timestamp"` // by the clock of the first record
	Seen    []Sighting `json:"seen"`

	at instant
}

// A Sighting is what a record tells of a call.
type Sighting struct {
	Record  string  `json:"record"`
	Kind    Kind    `json:"kind"`
	Place           // of the first event
	Tool    string  `json:"tool_name"`
	Session *string `json:"session_id"`
	Outcome Outcome `json:"outcome"`
}

// A Session is one that a record does not have at all.
type Session struct {
	ID    string     `json:"session_id"`
	In    string     `json:"in"`    // the record that lacks it
	Calls int64      `json:"calls"` // that others have
	First *Timestamp `json:"first"`
	Last  *Timestamp `json:"last"`
	Seen  Sighting   `json:"seen"` // its first call

	span span
}

// A Silence is a time without events of a record in which others have calls that it lacks.
type Silence struct {
	In    string     `json:"in"`
	From  *Timestamp `json:"from"` // of its last event before, by its clock
	To    *Timestamp `json:"to"`
	Calls int64      `json:"calls"` // of the first million that the record lacks
}

// A Gap is a count of events in which numbers are missing or there twice.
type Gap struct {
	In  string `json:"in"`
	Key string `json:"key"` // of the numbers: event.sequence, for each session, or seq, for each epoch
	sequence.Count
}
