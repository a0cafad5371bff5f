package stats

import (
	"encoding/binary"
	"math"
	"strconv"

	"auditctl/pkg/events"
)

// A note is what counting needs of an event. Many goroutines can make notes of
// events while one counts them in their order, which is the order of the log.
//
// In bytes it is what the event is, the bits of its traits, those of time and
// duration that it has, and names, each behind its length.
type note struct {
	what     what
	traits   traits
	at       Timestamp
	duration float64 // in milliseconds

	eventType, severity, agent []byte
	tool, session              []byte
	call                       []byte // of a call: tool, session and turn as they stand in the note

	// Of an event that is explained.
	cause   []byte // type, tool and reason as they stand in the note
	message []byte
}

// what is what an event means for the tool it names.
type what uint8

const (
	otherEvent what = iota
	attempt
	complete
	failed
	denied
)

// isCall reports whether the event is the begin or the end of a call.
func (w what) isCall() bool { return w == attempt || w.ends() }

// ends reports whether the event is the end of a call.
func (w what) ends() bool { return w == complete || w == failed }

// traits are what holds for an event, as bits.
type traits uint8

const (
	grave     traits = 1 << iota // its severity is error or critical
	timed                        // it has a timestamp that can be read
	lasted                       // it has a duration
	explained                    // it is a failure or a denial, and the note says why
)

func (n *note) has(t traits) bool { return n.traits&t != 0 }

// AppendNote appends a note of the event that s scanned, for AddNotes. Many
// goroutines may call it at once, each with a Scanner of its own.
func (c *Summary) AppendNote(dst []byte, s *events.Scanner) []byte {
	start := len(dst)
	eventType, severity, tool := s.Lookup("event_type"), s.Lookup("severity"), s.Lookup("tool_name")
	w := whatIs(s, eventType)
	dst = append(dst, byte(w), 0)
	t := traitsOf(s, severity)
	dst, t = appendTime(dst, t, s)
	if w.ends() {
		dst, t = appendDuration(dst, t, s)
	}
	if t&grave != 0 || w == failed || w == denied {
		t |= explained
	}
	dst[start+1] = byte(t)
	dst = appendName(dst, s, eventType)
	dst = appendName(dst, s, severity)
	dst = appendName(dst, s, s.Lookup("agent_id"))
	dst = appendName(dst, s, tool)
	dst = appendName(dst, s, s.Lookup("session_id"))
	if w.isCall() {
		dst = appendName(dst, s, s.Lookup("turn_id"))
	}
	if t&explained != 0 {
		dst = appendName(dst, s, eventType)
		dst = appendName(dst, s, tool)
		dst = appendName(dst, s, firstOf(s, "error_type", "pattern", "policy_source"))
		dst = appendName(dst, s, firstOf(s, "error_message", "action"))
	}
	return dst
}

func whatIs(s *events.Scanner, eventType events.Value) what {
	switch string(s.Text(eventType)) {
	case events.TypeToolCallAttempt:
		return attempt
	case events.TypeToolCallComplete:
		return complete
	case events.TypeToolCallFailure:
		return failed
	case events.TypeToolPolicyDecision:
		switch string(s.Text(s.Lookup("action"))) {
		case "deny", "denied", "block", "blocked":
			return denied
		}
	}
	return otherEvent
}

// firstOf returns the value of the first key that the event has.
func firstOf(s *events.Scanner, keys ...string) events.Value {
	for _, key := range keys {
		if v := s.Lookup(key).NonNull(); v != nil {
			return v
		}
	}
	return nil
}

// traitsOf returns what the severity of an event tells of it.
func traitsOf(s *events.Scanner, severity events.Value) traits {
	if severity.Kind() == events.String && events.Severity(s.Text(severity)).Rank() >= events.SeverityError.Rank() {
		return grave
	}
	return 0
}

// appendTime appends the timestamp if there is one that can be read.
func appendTime(dst []byte, t traits, s *events.Scanner) ([]byte, traits) {
	if v := s.Lookup("timestamp"); v.Kind() == events.String {
		if at, ok := events.ParseTimestamp(s.Text(v)); ok {
			return binary.LittleEndian.AppendUint64(dst, uint64(at.UnixMicro())), t | timed
		}
	}
	return dst, t
}

// appendDuration appends the duration if there is one.
func appendDuration(dst []byte, t traits, s *events.Scanner) ([]byte, traits) {
	if v := s.Lookup("duration_ms"); v.Kind() == events.Number {
		if ms, err := strconv.ParseFloat(string(v), 64); err == nil {
			return binary.LittleEndian.AppendUint64(dst, math.Float64bits(ms)), t | lasted
		}
	}
	return dst, t
}

// readTraits reads the head of a note and returns the rest.
func (n *note) readTraits(notes []byte) (rest []byte) {
	n.what, n.traits = what(notes[0]), traits(notes[1])
	notes = notes[2:]
	n.at = Timestamp{}
	if n.has(timed) {
		n.at = Timestamp{int64(binary.LittleEndian.Uint64(notes)), true}
		notes = notes[8:]
	}
	if n.has(lasted) {
		n.duration = math.Float64frombits(binary.LittleEndian.Uint64(notes))
		notes = notes[8:]
	}
	return notes
}

// read reads the first of notes and returns the others.
func (n *note) read(notes []byte) (rest []byte) {
	notes = n.readTraits(notes)
	n.eventType, notes = cutName(notes)
	n.severity, notes = cutName(notes)
	n.agent, notes = cutName(notes)
	start := notes
	n.tool, notes = cutName(notes)
	n.session, notes = cutName(notes)
	if n.what.isCall() {
		_, notes = cutName(notes)
		n.call = start[:len(start)-len(notes)]
	}
	if n.has(explained) {
		start = notes
		for range 3 {
			_, notes = cutName(notes)
		}
		n.cause = start[:len(start)-len(notes)]
		n.message, notes = cutName(notes)
	}
	return notes
}
