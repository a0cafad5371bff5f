package view

import (
	"sync"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
)

// A Text shows an event as a line of text. It is safe for concurrent use.
type Text struct {
	*look
	lines sync.Pool // of *line
}

// NewText returns a Text.
func NewText(o Options) *Text {
	v := &Text{look: newLook(o)}
	v.lines.New = func() any { return &line{faint: v.faint} }
	return v
}

// Widths of the text's columns. A longer value shifts the rest of its line.
const (
	severityColumn = 8  // critical
	typeColumn     = 20 // tool_policy_decision
	agentColumn    = 10
)

// AppendEvent appends the line of text for the event that s scanned.
func (v *Text) AppendEvent(dst []byte, s *events.Scanner) []byte {
	l := v.lines.Get().(*line)
	l.start(dst, v.Width)
	known := 0 // members of the event that were looked up; if that is all, none is left
	lookup := func(key string) events.Value {
		val := s.Lookup(key)
		if val != nil {
			known++
		}
		return val
	}
	v.timestamp(l, s.Text(lookup("timestamp")))
	severity := s.Text(lookup("severity"))
	l.word(v.severity(severity), severity, severityColumn)
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
	l.metadata(lookup("metadata"), nil)
	if known < s.Len() {
		l.pairs("", s.Members(), view.shown)
	}
	dst = append(l.dst, '\n')
	l.dst = nil                      // it is the caller's
	if !bounded.Outgrown(s.Line()) { // which l may refer to
		v.lines.Put(l)
	}
	return dst
}
