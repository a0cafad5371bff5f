package cmd

import (
	"strings"
	"sync"
	"time"

	"github.com/fatih/color"

	"auditctl/pkg/events"
)

// A textView shows an event as a line of text. It is used by many goroutines at
// once.
type textView struct {
	width      int  // in columns; 0: a line is as long as it must be
	short      bool // no date
	zone       *time.Location
	severities map[string]style
	types      map[string]*typeView
	other      *typeView // for types that are not known
	faint      style
	bold       style
	lines      sync.Pool // of *textLine
}

// A typeView is how events of a type are shown.
type typeView struct {
	style
	keys  []string        // after the envelope
	shown map[string]bool // these and the envelope's
}

// Columns of the text. What is longer moves the rest of its line.
const (
	severityColumn = 8  // critical
	typeColumn     = 20 // tool_policy_decision
	agentColumn    = 10
	dateColumn     = len("2026-03-09 ")
	timeColumn     = len("08:00:00.000")

	// In a narrow terminal the date would leave no room for the rest.
	narrow = 120
)

// A style is what switches a colour on and off.
type style struct{ on, off string }

// append appends text, which is escaped, in the style.
func (st style) append(dst, text []byte) []byte {
	return append(append(append(dst, st.on...), text...), st.off...)
}

func newTextView(colored bool, width int, zone *time.Location) *textView {
	v := &textView{
		width: width,
		short: 0 < width && width < narrow,
		zone:  zone,
		types: map[string]*typeView{},
		other: newTypeView(nil),
	}
	v.lines.New = func() any { return &textLine{view: v} }
	for _, t := range events.Types() {
		var keys []string
		for _, k := range events.Keys(t) {
			keys = append(keys, k.Name)
		}
		v.types[t] = newTypeView(keys)
	}
	if !colored {
		return v
	}
	v.faint, v.bold = newStyle(color.Faint), newStyle(color.Bold)
	v.severities = map[string]style{
		string(events.SeverityDebug):    newStyle(color.Faint),
		string(events.SeverityInfo):     newStyle(color.FgGreen),
		string(events.SeverityWarning):  newStyle(color.FgYellow),
		string(events.SeverityError):    newStyle(color.FgRed),
		string(events.SeverityCritical): newStyle(color.FgRed, color.Bold, color.ReverseVideo),
	}
	for prefix, attribute := range map[string]color.Attribute{
		"turn": color.FgCyan, "tool_call": color.FgBlue, "tool_policy": color.FgMagenta,
		"tool_loop": color.FgYellow, "sandbox": color.FgMagenta, "hook": color.FgMagenta,
		"skill": color.FgGreen, "agent": color.FgCyan,
	} {
		for t, view := range v.types {
			if strings.HasPrefix(t, prefix) {
				view.style = newStyle(attribute)
			}
		}
	}
	for _, t := range []string{events.TypeError, events.TypeToolCallFailure} {
		v.types[t].style = newStyle(color.FgRed)
	}
	return v
}

func newTypeView(keys []string) *typeView {
	t := &typeView{keys: keys, shown: map[string]bool{}}
	for _, key := range append(events.EnvelopeKeys(), keys...) {
		t.shown[key] = true
	}
	return t
}

func newStyle(attributes ...color.Attribute) style {
	c := color.New(attributes...)
	c.EnableColor() // package color decides by os.Stdout, we by our stream
	on, off, _ := strings.Cut(c.Sprint("|"), "|")
	return style{on, off}
}

// ofType returns how events of a type are shown.
func (v *textView) ofType(eventType []byte) *typeView {
	if t := v.types[string(eventType)]; t != nil {
		return t
	}
	return v.other
}

// styleOf returns the style of the value of a key.
func (v *textView) styleOf(key string, text []byte) style {
	switch key {
	case "timestamp":
		return v.faint
	case "severity":
		return v.severities[string(text)]
	case "event_type":
		return v.ofType(text).style
	case "agent_id":
		return v.bold
	}
	return style{}
}

// appendLocal appends the timestamp of an event in local time, or as it stands
// where it cannot be read.
func (v *textView) appendLocal(dst, text []byte) []byte {
	if t, ok := events.ParseTimestamp(text); ok && t.In(v.zone).Year() <= 9999 {
		return appendTime(dst, t.In(v.zone), !v.short)
	}
	return append(dst, text...)
}

// appendEvent appends the line of text for the event that s scanned.
func (v *textView) appendEvent(dst []byte, s *events.Scanner) []byte {
	l := v.lines.Get().(*textLine)
	l.start(dst, v.width)
	known := 0 // of the line's members; where that is all, none is left for the end
	lookup := func(key string) events.Value {
		val := s.Lookup(key)
		if val != nil {
			known++
		}
		return val
	}
	l.timestamp(s.Text(lookup("timestamp")))
	severity := s.Text(lookup("severity"))
	l.word(v.severities[string(severity)], severity, severityColumn)
	eventType := s.Text(lookup("event_type"))
	view := v.ofType(eventType)
	l.word(view.style, eventType, typeColumn)
	l.word(v.bold, s.Text(lookup("agent_id").NonNull()), agentColumn)

	for _, key := range view.keys {
		if val := lookup(key); val != nil {
			l.pair(key, val)
		}
	}
	for _, key := range []string{"turn_id", "session_id"} {
		if val := lookup(key).NonNull(); val != nil {
			l.pair(key, val)
		}
	}
	l.metadata(lookup("metadata"))
	if known < s.Len() {
		l.pairs("", s.Members(), view.shown)
	}
	dst = append(l.dst, '\n')
	l.dst = nil             // the caller's
	if !isLarge(s.Line()) { // which l may refer to
		v.lines.Put(l)
	}
	return dst
}
