// Package hook makes events of what an agent hands to a hook: the JSON object that Claude
// Code, Codex, Gemini CLI and Cursor write to the standard input of a program that a user
// has them call, or that Codex passes to notify as an argument. And it has the settings
// that make an agent call a program, see [Agents].
//
// Whatever was handed over becomes events, also what is no hook of any agent: it may be
// one of a later version, or the sign that something is set up wrongly.
package hook

import (
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
	"auditctl/pkg/records"
)

// MaxInput is how large what is handed over may be. Of more, the beginning is recorded.
const MaxInput = 16 << 20

// Types of events about what is no hook.
const (
	TypeEmpty   = "hooks.empty"   // nothing was handed over
	TypeInvalid = "hooks.invalid" // something else than a hook
)

// A Record is the events of one hook.
type Record struct {
	Lines []byte // of the events, each with a line feed
	Type  string // of the first one

	// Name is what the agent calls the hook, such as PreToolUse; empty if it is none.
	Name string

	// Reason says why it is no hook; empty if it is one.
	Reason string

	// Session is the session's id, nil if there is none.
	Session events.Value

	invalid error // why it is of TypeInvalid
}

// MayBeCall reports whether a call waits for the hook to end, or may wait.
func (r *Record) MayBeCall() bool {
	switch r.Type {
	case events.TypeToolCallAttempt, TypeInvalid, TypeEmpty:
		return true
	}
	return false
}

// EndsSession reports whether it is the last hook of a session, which an agent that is
// about to exit waits for only for a moment.
func (r *Record) EndsSession() bool { return r.Name == "SessionEnd" || r.Name == "sessionEnd" }

// Read reads what is handed over at a time: the first object, without waiting for more
// after it. What is no object is read to its end.
func Read(src io.Reader, at time.Time) *Record {
	text, err := records.First(src, MaxInput)
	switch {
	case err == nil:
		return Parse(text, at)
	case errors.Is(err, io.EOF):
		return Empty("nothing was handed over", at)
	case len(text) == 0:
		return Empty(err.Error(), at)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("it ends too early")
	case errors.As(err, new(*events.SyntaxError)):
		more, _ := io.ReadAll(io.LimitReader(src, previewBytes))
		text = append(text, more...)
		io.Copy(io.Discard, src) // the agent must be able to write all of it
	}
	return invalid(text, err, at)
}

// Parse returns the record of a text that was handed over at a time.
func Parse(text []byte, at time.Time) *Record {
	lines, err := dialect.Decode(dialects.Named("hooks").Begin()(), text, at)
	if err != nil {
		return invalid(text, err, at)
	}
	r := newRecord(lines)
	var s events.Scanner
	if s.Scan(text) == nil {
		name := s.Lookup("hook_event_name")
		if name.Kind() != events.String {
			name = s.Lookup("type")
		}
		r.Name = string(s.Text(name))
	}
	return r
}

// Empty returns the record of nothing, and why that is.
func Empty(reason string, at time.Time) *Record {
	w := begin(TypeEmpty, events.SeverityWarning, at)
	return noHook(w, reason)
}

// invalid returns the record of a text that is no hook.
func invalid(text []byte, reason error, at time.Time) *Record {
	w := begin(TypeInvalid, events.SeverityError, at)
	if len(text) > 0 {
		w.MetaPreview("preview", events.AppendString(nil, string(text[:min(len(text), previewBytes)])))
	}
	r := noHook(w, reason.Error())
	r.invalid = reason
	return r
}

// Unquoted returns the record of a text that is no hook without any of that text, and other
// records as they are.
func (r *Record) Unquoted(at time.Time) *Record {
	if r.invalid == nil {
		return r
	}
	reason := r.invalid.Error()
	var syntax *events.SyntaxError
	if errors.As(r.invalid, &syntax) {
		reason = (&events.SyntaxError{Line: syntax.Line, Column: syntax.Column, Reason: syntax.Unquoted()}).Error()
	}
	return noHook(begin(TypeInvalid, events.SeverityError, at), reason)
}

// previewBytes is how many bytes a preview may take.
const previewBytes = dialect.PreviewLength * utf8.UTFMax

func begin(eventType string, severity events.Severity, at time.Time) *event.Writer {
	w := &event.Writer{}
	w.Reset("hooks", nil, 0)
	w.Begin(eventType, event.Envelope{Time: at, Severity: severity})
	return w
}

func noHook(w *event.Writer, reason string) *Record {
	w.MetaString("reason", reason)
	w.Keys()
	w.End()
	r := newRecord(w.Dst)
	r.Reason = reason
	return r
}

func newRecord(lines []byte) *Record {
	r := &Record{Lines: lines}
	var s events.Scanner
	if err := s.ScanFirst(lines); err != nil {
		panic(fmt.Sprintf("an event that is none: %v: %s", err, lines)) // decoders make events
	}
	r.Type = string(s.Text(s.Lookup("event_type")))
	r.Session = s.Lookup("session_id").NonNull()
	return r
}
