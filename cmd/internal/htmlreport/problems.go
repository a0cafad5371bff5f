package htmlreport

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// A problem is failures or denials of one kind.
type problem struct {
	stats.Failure
	Links []int  // numbers of events
	Find  string // what finds them all; empty: they are not on the page
}

// An openCall is a call without an end.
type openCall struct {
	stats.Attempt
	Link *int // the number of the event, if it is on the page
}

// A slowCall is one of the slowest calls.
type slowCall struct {
	stats.Call
	Link *int // as in openCall, to its end
}

// problems sets the failures, denials and calls without an end, with the events on the page
// that tell of them.
func (v *pageView) problems(a *arrangement) {
	causes := map[[3]string][]int{}
	calls := map[string]*int{}
	for i, e := range a.events {
		if alarmOf(e) == alarming {
			causes[causeOf(e)] = append(causes[causeOf(e)], i)
		}
		switch t := e.Type(); t {
		case events.TypeToolCallAttempt, events.TypeToolCallComplete, events.TypeToolCallFailure:
			at, _ := e.Lookup("timestamp").Time()
			key := callKey(t == events.TypeToolCallAttempt, at, textOf(e, "tool_name"), textOf(e, "session_id"), textOf(e, "turn_id"))
			calls[key] = &i
		}
	}
	linkTo := func(attempt bool, at stats.Timestamp, names ...events.Value) *int {
		texts := make([]string, len(names))
		for i, name := range names {
			texts[i] = name.String()
		}
		var when time.Time
		if at.Known() {
			when = at.Time()
		}
		return calls[callKey(attempt, when, texts...)]
	}
	for _, f := range v.Stats.Failures {
		of := problem{Failure: f, Links: causes[[3]string{f.Type.String(), f.Tool.String(), f.Reason.String()}]}
		if len(of.Links) > 0 {
			of.Find = findsAll(a.events[of.Links[0]])
		}
		if f.Type.String() == events.TypeToolPolicyDecision {
			v.Denials = append(v.Denials, of)
		} else {
			v.Failures = append(v.Failures, of)
		}
	}
	for _, u := range v.Stats.Unfinished {
		v.Unfinished = append(v.Unfinished, openCall{u, linkTo(true, u.Start, u.Tool, u.Session, u.Turn)})
	}
	for _, c := range v.Stats.Slowest[:min(maxSlowest, len(v.Stats.Slowest))] {
		v.Slowest = append(v.Slowest, slowCall{c, linkTo(false, c.End, c.Tool, c.Session, c.Turn)})
	}
}

// callKey identifies an attempt or an end as far as stats tells of it.
func callKey(attempt bool, at time.Time, names ...string) string {
	return fmt.Sprint(attempt, at.UnixMicro()) + "\x00" + strings.Join(names, "\x00")
}

// reasonKeys are the keys that say why something went wrong, see stats.Failure.
var reasonKeys = [...]string{"error_type", "pattern", "policy_source"}

// causeOf returns the type, tool and reason by which stats groups failures.
func causeOf(e events.Event) [3]string {
	c := [3]string{e.Type(), textOf(e, "tool_name"), ""}
	for _, key := range reasonKeys {
		c[2] = cmp.Or(c[2], textOf(e, key))
	}
	return c
}

// findsAll returns the search for events with the same cause.
func findsAll(e events.Event) string {
	keys := []string{"event_type", "tool_name"}
	for _, key := range reasonKeys {
		if textOf(e, key) != "" {
			keys = append(keys, key)
			break
		}
	}
	if e.Type() == events.TypeToolPolicyDecision {
		keys = append(keys, "action")
	}
	var terms []string
	for _, key := range keys {
		if text := textOf(e, key); text != "" {
			terms = append(terms, term(key, text))
		}
	}
	return strings.Join(terms, " ")
}

// term returns the search for events in which a key has a text.
func term(key, text string) string {
	quoted, _ := json.Marshal(text) // of a string, which cannot fail
	return key + ":" + string(terminal.EscapeJSON(quoted))
}
