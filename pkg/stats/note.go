package stats

import (
	"bytes"
	"encoding/binary"
	"math"

	"auditctl/pkg/events"
	"auditctl/pkg/sequence"
	"auditctl/pkg/turns"
)

// A note is what needs to be known of an event to count it. Many goroutines can make
// notes of events while one counts them in the order of the log.
//
// It is encoded as kind, rank and traits, the time, the duration and the tokens if the
// event has them, its number, and names, each preceded by its length. The type and the severity are
// left out if the kind and the rank imply them.
type note struct {
	kind     kind
	rank     rank
	traits   traits
	at       Timestamp
	duration float64 // in milliseconds

	eventType, severity, agent []byte
	tool, session              []byte
	names                      []byte // of the type, unless the kind says it, severity, unless the rank says it, agent and tool

	// Of a call or a denial, as encoded in the note: tool, turn and session; session and
	// call id, nil if there is no call id.
	call, callID []byte

	// Of an event that is explained.
	cause   []byte // type, tool and reason, as encoded in the note
	message []byte

	// Of an event that has tokens.
	tokens Tokens
	model  []byte

	number sequence.Number // of an event that has one
}

// A kind is what an event means for the tool it names.
type kind uint8

const (
	otherEvent kind = iota
	attempt
	complete
	failed
	denied
	allowed
)

// typeNames are the event types of the kinds.
var typeNames = [...][]byte{
	attempt:  appendString(nil, []byte(events.TypeToolCallAttempt)),
	complete: appendString(nil, []byte(events.TypeToolCallComplete)),
	failed:   appendString(nil, []byte(events.TypeToolCallFailure)),
	denied:   appendString(nil, []byte(events.TypeToolPolicyDecision)),
	allowed:  appendString(nil, []byte(events.TypeToolPolicyDecision)),
}

// isOfCall reports whether the event is the attempt, the end or the denial of a call.
func (k kind) isOfCall() bool { return k == attempt || k == denied || k.ends() }

// ends reports whether the event is the end of a call.
func (k kind) ends() bool { return k == complete || k == failed }

// traits are properties of an event, as bits.
type traits uint8

const (
	timed      traits = 1 << iota // it has a readable timestamp
	measured                      // it has a duration
	explained                     // it is an error, a failed call or a denial, and the note says why
	identified                    // it has a call id
	spent                         // it has tokens
	numbered                      // it has a number
)

// rank is the rank of a severity, 0 for an unknown one.
type rank uint8

var severityNames = func() (names [][]byte) {
	names = append(names, nil)
	for _, s := range events.Severities() {
		names = append(names, appendString(nil, []byte(s)))
	}
	return names
}()

var errorRank = rank(events.SeverityError.Rank())

// isError reports whether events of this severity count as errors.
func (r rank) isError() bool { return r >= errorRank }

func (n *note) has(t traits) bool { return n.traits&t != 0 }

// The keys that a note is made of, those that few events have, and those that explain a
// failure.
var (
	noteKeys        = []string{"event_type", "timestamp", "severity", "agent_id", "tool_name", "session_id", "turn_id", "duration_ms", "action", "metadata"}
	extraKeys       = append(turns.CallIDKeys(), tokenKeys...)
	explanationKeys = []string{"error_type", "pattern", "policy_source", "error_message", "action"}
)

// AppendNote appends a note of the event that s scanned to dst, for AddNotes. It may be
// called concurrently, with a Scanner for each goroutine.
func (c *Summary) AppendNote(dst []byte, s *events.Scanner) []byte {
	var v [10]events.Value
	s.LookupAll(noteKeys, v[:])
	eventType, timestamp, severity, agent, tool, session, turn, duration, action, metadata := v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]
	var u usage
	extra := len(metadata) > len(`{}`) || s.HasAny(extraKeys)
	if extra {
		u.read(s, metadata)
	}

	start := len(dst)
	k := otherEvent // also of a copy, so that no call counts twice
	if !u.copied {
		k = kindOf(s, eventType, action)
	}
	rank := rankOf(s, severity)
	dst = append(dst, byte(k), byte(rank), 0)
	dst, t := appendTime(dst, timestamp)
	if k.ends() {
		var took traits
		dst, took = appendDuration(dst, duration)
		t |= took
	}
	if rank.isError() && !u.copied || k == failed || k == denied {
		t |= explained
	}
	var callID events.Value
	if extra && k.isOfCall() {
		if callID = turns.CallID(s); callID != nil {
			t |= identified
		}
	}
	if u.known {
		dst, t = u.tokens.append(dst), t|spent
	}
	if u.numbered {
		dst, t = appendNumber(dst, u.number), t|numbered
	}
	dst[start+2] = byte(t)
	if k == otherEvent {
		dst = appendName(dst, s, eventType)
	}
	if rank == 0 {
		dst = appendName(dst, s, severity)
	}
	dst = appendName(dst, s, agent)
	dst = appendName(dst, s, tool)
	if k.isOfCall() {
		dst = appendName(dst, s, turn)
	}
	dst = appendName(dst, s, session)
	if callID != nil {
		dst = appendID(dst, s, callID)
	}
	if t&explained != 0 {
		dst = appendName(dst, s, eventType)
		dst = appendName(dst, s, tool)
		var v [5]events.Value
		s.LookupAll(explanationKeys, v[:])
		dst = appendName(dst, s, firstOf(v[:3]))
		dst = appendName(dst, s, firstOf(v[3:]))
	}
	if u.known {
		dst = appendName(dst, s, u.model)
	}
	return dst
}

func kindOf(s *events.Scanner, eventType, action events.Value) kind {
	switch string(s.Text(eventType)) {
	case events.TypeToolCallAttempt:
		return attempt
	case events.TypeToolCallComplete:
		return complete
	case events.TypeToolCallFailure:
		return failed
	case events.TypeToolPolicyDecision:
		if events.Denies(string(s.Text(action))) {
			return denied
		}
		return allowed
	}
	return otherEvent
}

// firstOf returns the first value that is neither absent nor null.
func firstOf(values []events.Value) events.Value {
	for _, v := range values {
		if v = v.NonNull(); v != nil {
			return v
		}
	}
	return nil
}

func rankOf(s *events.Scanner, severity events.Value) rank {
	for r, name := range severityNames {
		if bytes.Equal(severity, name) { // nearly always
			return rank(r)
		}
	}
	if severity.Kind() != events.String {
		return 0
	}
	return rank(events.Severity(s.Text(severity)).Rank())
}

// appendTime appends a timestamp, if it is readable.
func appendTime(dst []byte, v events.Value) ([]byte, traits) {
	if at, ok := v.Time(); ok {
		return binary.LittleEndian.AppendUint64(dst, uint64(at.UnixMicro())), timed
	}
	return dst, 0
}

// appendDuration appends a duration, if there is one.
func appendDuration(dst []byte, v events.Value) ([]byte, traits) {
	if ms, ok := v.Float(); ok {
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(ms)), measured
	}
	return dst, 0
}

// readHead reads what comes before the names of the first note and returns the rest.
func (n *note) readHead(notes []byte) (rest []byte) {
	n.kind, n.rank, n.traits = kind(notes[0]), rank(notes[1]), traits(notes[2])
	notes = notes[3:]
	n.at = Timestamp{}
	if n.has(timed) {
		n.at = Timestamp{int64(binary.LittleEndian.Uint64(notes)), true}
		notes = notes[8:]
	}
	if n.has(measured) {
		n.duration = math.Float64frombits(binary.LittleEndian.Uint64(notes))
		notes = notes[8:]
	}
	if n.has(spent) {
		n.tokens, notes = cutTokens(notes)
	}
	if n.has(numbered) {
		n.number, notes = cutNumber(notes)
	}
	return notes
}

// read reads the first note and returns the others.
func (n *note) read(notes []byte) (rest []byte) {
	notes = n.readHead(notes)
	names := notes
	if n.eventType = typeNames[n.kind]; n.kind == otherEvent {
		n.eventType, notes = cutName(notes)
	}
	if n.severity = severityNames[n.rank]; n.rank == 0 {
		n.severity, notes = cutName(notes)
	}
	n.agent, notes = cutName(notes)
	start := notes
	n.tool, notes = cutName(notes)
	n.names = names[:len(names)-len(notes)]
	if n.kind.isOfCall() {
		_, notes = cutName(notes)
	}
	session := notes
	n.session, notes = cutName(notes)
	n.call, n.callID = start[:len(start)-len(notes)], nil
	if n.has(identified) {
		_, notes = cutName(notes)
		n.callID = session[:len(session)-len(notes)]
	}
	if n.has(explained) {
		start = notes
		for range 3 {
			_, notes = cutName(notes)
		}
		n.cause = start[:len(start)-len(notes)]
		n.message, notes = cutName(notes)
	}
	if n.has(spent) {
		n.model, notes = cutName(notes)
	}
	return notes
}
