package view

import (
	"github.com/fatih/color"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// A look is what the views have in common.
type look struct {
	Options
	short      bool // no date
	severities map[events.Severity]style
	types      map[string]*typeLook
	other      *typeLook // for unknown types
	faint      style
	bold       style
	bad        style // what failed, was denied or blocked
	doubtful   style // what may be wrong
}

// A typeLook is how events of a type are shown.
type typeLook struct {
	style
	keys     []string        // after the envelope
	all      []string        // those of the envelope and these
	shown    map[string]bool // the same
	headline func(*headline) // what its events are about; nil: the type itself
}

// Of the layout, in columns.
const (
	dateColumn = len("2026-03-09 ")
	timeColumn = len("08:00:00.000")

	// In a narrow terminal the date would leave no room for the rest.
	narrow = 120

	// A terminal of so many columns has room neither for milliseconds nor for the agent.
	veryNarrow = 60
)

func newLook(o Options) *look {
	v := &look{
		Options: o,
		short:   0 < o.Width && o.Width < narrow,
		types:   map[string]*typeLook{},
		other:   newTypeLook(messageKeys),
	}
	for _, t := range events.Types() {
		var keys []string
		for _, k := range events.Keys(t) {
			keys = append(keys, k.Name)
		}
		v.types[t] = newTypeLook(keys)
		v.types[t].headline = headlineOf(t)
	}
	if !o.Color {
		return v
	}
	v.faint, v.bold = newStyle(color.Faint), newStyle(color.Bold)
	v.bad = newStyle(color.FgRed)
	// As in compilers: of the colours that all terminals have, red and magenta are the
	// ones that can be read on white as well as on black.
	v.doubtful = newStyle(color.FgMagenta, color.Bold)
	v.severities = map[events.Severity]style{
		events.SeverityDebug:    v.faint,
		events.SeverityWarning:  v.doubtful,
		events.SeverityError:    v.bad,
		events.SeverityCritical: newStyle(color.FgRed, color.Bold, color.ReverseVideo),
	}
	for st, types := range map[style][]string{
		v.bad:                  {events.TypeError, events.TypeToolCallFailure, events.TypeToolLoopBlock},
		v.doubtful:             {events.TypeToolLoopWarning},
		newStyle(color.FgCyan): {events.TypeTurnStart, events.TypeTurnEnd, events.TypeAgentSwitch},
	} {
		for _, t := range types {
			v.types[t].style = st
		}
	}
	return v
}

func (v *look) veryNarrow() bool { return 0 < v.Width && v.Width <= veryNarrow }

// mostOfAgent returns how many columns the name of an agent gets at most.
func (v *look) mostOfAgent() int { return max(agentColumn, v.Width/8) }

func newTypeLook(keys []string) *typeLook {
	t := &typeLook{keys: keys, all: append(events.EnvelopeKeys(), keys...), shown: map[string]bool{}}
	for _, key := range t.all {
		t.shown[key] = true
	}
	return t
}

// ofType returns how events of a type are shown.
func (v *look) ofType(eventType []byte) *typeLook {
	if t := v.types[string(eventType)]; t != nil {
		return t
	}
	return v.other
}

// severity returns the style of a severity.
func (v *look) severity(text []byte) style {
	if string(text) == "info" { // the usual, without a style
		return style{}
	}
	s, _ := events.ParseSeverity(string(text))
	return v.severities[s]
}

// outcome returns the style of how something ended, as [turns.Call.Outcome] says it.
func (v *look) outcome(of string) style {
	switch {
	case of == turns.OK, of == turns.Ended:
		return style{}
	case turns.Bad(of):
		return v.bad
	}
	return v.doubtful
}

// styleOf returns the style of the value of a key.
func (v *look) styleOf(key string, text []byte) style {
	switch key {
	case "timestamp":
		return v.faint
	case "severity":
		return v.severity(text)
	case "event_type":
		return v.ofType(text).style
	case "agent_id":
		return v.bold
	case "action", "metadata.decision":
		if events.Denies(string(text)) {
			return v.bad
		}
	}
	return style{}
}

// appendLocal appends the timestamp of an event in local time, or its age, or unchanged if
// it cannot be read.
func (v *look) appendLocal(dst, text []byte) []byte {
	dst, _ = v.appendTimestamp(dst, text, !v.short)
	return dst
}

// appendTimestamp is appendLocal with or without the date. It reports whether it appended
// a time.
func (v *look) appendTimestamp(dst, text []byte, withDate bool) ([]byte, bool) {
	if t, ok := events.ParseTimestamp(text); ok {
		if v.Now != nil {
			return appendAge(dst, v.Now(), t), false
		}
		if t = t.In(v.Zone); t.Year() <= 9999 {
			return appendTime(dst, t, withDate), true
		}
	}
	return append(dst, text...), false
}
