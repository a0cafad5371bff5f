// Package gemini decodes chats of Gemini CLI and of Qwen Code, its fork.
package gemini

import (
	"bytes"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// Dialect is what Gemini CLI and Qwen Code keep of their sessions.
var Dialect = &dialect.Dialect{
	Name:  "gemini",
	Title: "Gemini CLI's or Qwen Code's chat",
	Where: "~/.gemini/tmp/*/chats/session-*.json*, ~/.qwen/projects/*/chats/*.jsonl",
	Known: "sessionId with projectHash; type gemini with id and timestamp; or uuid and parentUuid with message.parts or systemPayload",
	Maps: []dialect.Mapping{
		{From: "toolCalls, functionCall", To: "tool_call_attempt"},
		{From: "toolCalls with a status, functionResponse, tool_result", To: "tool_call_complete or tool_call_failure"},
		{From: "a call that the user did not allow, tool_call's decision", To: "tool_policy_decision"},
		{From: "user", To: "turn_start"},
		{From: "a call's agentId", To: "agent_switch"},
		{From: "error, api_error", To: "error"},
		{From: "gemini, assistant", To: "gemini.TYPE, with the tokens that it adds"},
		{From: "anything else", To: "gemini.TYPE"},
	},
	Knows: func(s *events.Scanner) bool {
		r := fieldsOf(s)
		return r.isHeader() || r.isQwen() ||
			string(r[keyType]) == `"gemini"` && r[keyID].Kind() == events.String && r[keyTimestamp].Kind() == events.String
	},
	Begin: func() func() dialect.Decoder {
		messages := &event.Origins{}
		return func() dialect.Decoder { return &decoder{origins: messages, log: messages.Log()} }
	},
}

// The keys of records that tell what they are.
var keys = [...]string{
	keyType: "type", keyID: "id", keyTimestamp: "timestamp", keySession: "sessionId", keyProject: "projectHash",
	keySet: "$set", keyRewind: "$rewindTo", keyUUID: "uuid", keyParent: "parentUuid", keyMessage: "message",
	keySubtype: "subtype", keyPayload: "systemPayload", keyContent: "content",
}

const (
	keyType = iota
	keyID
	keyTimestamp
	keySession
	keyProject
	keySet
	keyRewind
	keyUUID
	keyParent
	keyMessage
	keySubtype
	keyPayload
	keyContent
)

// fields are the values of these keys in a record.
type fields [len(keys)]events.Value

func fieldsOf(s *events.Scanner) (f fields) {
	s.LookupAll(keys[:], f[:])
	return f
}

// isHeader reports whether the record is what a chat begins with, or is.
func (r *fields) isHeader() bool {
	return r[keySession].Kind() == events.String && r[keyProject].Kind() == events.String
}

// isQwen reports whether the record is one of Qwen Code's.
func (r *fields) isQwen() bool {
	return r[keyUUID].Kind() == events.String && r[keyParent] != nil && r[keySession].Kind() == events.String &&
		r[keyType].Kind() == events.String &&
		(r[keyMessage].Lookup("parts").Kind() == events.Array || r[keySubtype] != nil && r[keyPayload] != nil)
}

type decoder struct {
	event.Writer
	origins *event.Origins // of messages; a chat may be in its old file and in its new one
	log     int            // this one's number in origins

	session, agent, turn, cwd events.Value

	messages event.Usages           // of messages
	calls    event.Memory[toolCall] // by their ids
	agents   event.Memory[struct{}] // that were told of

	qwen   qwenState
	copied bool      // the message was in another log
	at     time.Time // of the message or call
}

// A toolCall is what is remembered of a call.
type toolCall struct {
	tool  events.Value
	began time.Time
	took  float64 // milliseconds, if timed
	timed bool
	ended bool
}

func (d *decoder) Decode(dst []byte, record dialect.Record) ([]byte, error) {
	r := fieldsOf(record.Scanner)
	d.Reset("gemini", dst, record.Line)
	d.copied, d.at = false, time.Time{}
	whole := events.Value(bytes.TrimSpace(record.Scanner.Line()))
	switch {
	case r.isQwen():
		d.qwenRecord(&r, whole)
		d.agent, d.cwd = nil, nil // they are the record's
	case r.isHeader():
		d.header(&r, whole)
	case r[keySet].Kind() == events.Object:
		d.at, _ = r[keySet].Lookup("lastUpdated").Time()
		d.other("gemini.set", r[keySet])
		d.conversation(r[keySet])
	case r[keyRewind] != nil:
		d.other("gemini.rewind", whole)
	case r[keyType].Kind() != events.String:
		return dst, dialect.Unknown("no type")
	case r[keyID] == nil || r[keyContent] == nil:
		return dst, dialect.Unknown("no message")
	default:
		d.message(whole, true)
	}
	return d.Dst, nil
}

// open begins an event.
func (d *decoder) open(eventType string, severity events.Severity) {
	d.Begin(eventType, event.Envelope{Time: d.at, Agent: d.agent, Turn: d.turn, Session: d.session, Severity: severity})
	if d.copied {
		d.MetaTrue("copied")
	}
}

// other writes what no type of events fits, with what v says in scalars.
func (d *decoder) other(eventType string, v events.Value) {
	d.open(eventType, events.SeverityDebug)
	d.MetaScalars(v.Members(), "type", "id", "timestamp", "sessionId")
	d.Keys()
	d.End()
}

// header reads the record that a chat begins with. Before April 2026, a chat was one
// record, with its messages.
func (d *decoder) header(r *fields, whole events.Value) {
	session := r[keySession]
	if d.session != nil && !bytes.Equal(session, d.session) { // logs one after another
		*d = decoder{Writer: d.Writer, origins: d.origins, log: d.origins.Log()}
	}
	d.session, d.turn = bytes.Clone(session), nil
	if string(whole.Lookup("kind")) == `"subagent"` {
		d.agent = d.session
	}
	d.at, _ = whole.Lookup("startTime").Time()
	d.other("gemini.session", whole)
	d.conversation(whole)
}

// conversation writes what is new in the messages of a chat.
func (d *decoder) conversation(v events.Value) {
	for message := range v.Lookup("messages").Elements() {
		d.message(message, false)
	}
}
