package dialect

import (
	"bytes"
	"time"

	"auditctl/pkg/events"
)

var gemini = &Dialect{
	Name:  "gemini",
	Title: "Gemini CLI's or Qwen Code's chat",
	Where: "~/.gemini/tmp/*/chats/session-*.json*, ~/.qwen/projects/*/chats/*.jsonl",
	Known: "sessionId with projectHash; type gemini with id and timestamp; or uuid and parentUuid with message.parts or systemPayload",
	Maps: []Mapping{
		{"toolCalls, functionCall", "tool_call_attempt"},
		{"toolCalls with a status, functionResponse, tool_result", "tool_call_complete or tool_call_failure"},
		{"a call that the user did not allow, tool_call's decision", "tool_policy_decision"},
		{"user", "turn_start"},
		{"a call's agentId", "agent_switch"},
		{"error, api_error", "error"},
		{"gemini, assistant", "gemini.TYPE, with the tokens that it adds"},
		{"anything else", "gemini.TYPE"},
	},
	Knows: func(s *events.Scanner) bool {
		var v [len(geminiNames)]events.Value
		s.LookupAll(geminiKeys, v[:])
		r := geminiRecord(v)
		return r.isHeader() || r.isQwen() ||
			string(r[geminiType]) == `"gemini"` && r[geminiID].Kind() == events.String && r[geminiTimestamp].Kind() == events.String
	},
	Begin: func() func() Decoder {
		messages := &origins{}
		return func() Decoder { return &geminiDecoder{origins: messages, log: messages.log()} }
	},
}

// The keys of records that tell what they are.
const (
	geminiType = iota
	geminiID
	geminiTimestamp
	geminiSession
	geminiProject
	geminiSet
	geminiRewind
	geminiUUID
	geminiParent
	geminiMessage
	geminiSubtype
	geminiPayload
	geminiContent
)

var (
	geminiNames = [...]string{"type", "id", "timestamp", "sessionId", "projectHash", "$set", "$rewindTo",
		"uuid", "parentUuid", "message", "subtype", "systemPayload", "content"}
	geminiKeys = geminiNames[:]
)

type geminiRecord [len(geminiNames)]events.Value

// isHeader reports whether the record is what a chat begins with, or is.
func (r *geminiRecord) isHeader() bool {
	return r[geminiSession].Kind() == events.String && r[geminiProject].Kind() == events.String
}

// isQwen reports whether the record is one of Qwen Code's.
func (r *geminiRecord) isQwen() bool {
	return r[geminiUUID].Kind() == events.String && r[geminiParent] != nil && r[geminiSession].Kind() == events.String &&
		r[geminiType].Kind() == events.String &&
		(r[geminiMessage].Lookup("parts").Kind() == events.Array || r[geminiSubtype] != nil && r[geminiPayload] != nil)
}

type geminiDecoder struct {
	writer
	origins *origins // of messages; a chat may be in its old file and in its new one
	log     int      // this one's number in origins

	session, agent, turn, cwd events.Value

	messages memory[usage]      // the tokens of each message
	calls    memory[geminiCall] // by their ids
	agents   memory[struct{}]   // that were told of

	qwen   qwenState
	copied bool      // the message was in another log
	at     time.Time // of the message or call
}

// A geminiCall is what is remembered of a call.
type geminiCall struct {
	tool  events.Value
	began time.Time
	took  float64 // milliseconds, if timed
	timed bool
	ended bool
}

func (d *geminiDecoder) Decode(dst []byte, record Record) ([]byte, error) {
	var v [len(geminiNames)]events.Value
	record.LookupAll(geminiKeys, v[:])
	r := geminiRecord(v)
	d.reset("gemini", dst, record.Line)
	d.copied, d.at = false, time.Time{}
	whole := events.Value(bytes.TrimSpace(record.Scanner.Line()))
	switch {
	case r.isQwen():
		d.qwenRecord(&r, whole)
		d.agent, d.cwd = nil, nil // they are the record's
	case r.isHeader():
		d.header(&r, whole)
	case r[geminiSet].Kind() == events.Object:
		d.at, _ = r[geminiSet].Lookup("lastUpdated").Time()
		d.other("gemini.set", r[geminiSet])
		d.conversation(r[geminiSet])
	case r[geminiRewind] != nil:
		d.other("gemini.rewind", whole)
	case r[geminiType].Kind() != events.String:
		return dst, Unknown("no type")
	case r[geminiID] == nil || r[geminiContent] == nil:
		return dst, Unknown("no message")
	default:
		d.message(whole, true)
	}
	return d.dst, nil
}

// open begins an event.
func (d *geminiDecoder) open(eventType string, severity events.Severity) {
	d.begin(eventType, envelope{time: d.at, agent: d.agent, turn: d.turn, session: d.session, severity: severity})
	if d.copied {
		d.meta("copied", events.Value("true"))
	}
}

// other writes what no type of events fits, with what v says in scalars.
func (d *geminiDecoder) other(eventType string, v events.Value) {
	d.open(eventType, events.SeverityDebug)
	d.metaScalars(v.Members(), "type", "id", "timestamp", "sessionId")
	d.keys()
	d.end()
}

// header reads the record that a chat begins with. Before April 2026, a chat was one
// record, with its messages.
func (d *geminiDecoder) header(r *geminiRecord, whole events.Value) {
	session := r[geminiSession]
	if d.session != nil && !bytes.Equal(session, d.session) { // logs one after another
		*d = geminiDecoder{writer: d.writer, origins: d.origins, log: d.origins.log()}
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
func (d *geminiDecoder) conversation(v events.Value) {
	for message := range v.Lookup("messages").Elements() {
		d.message(message, false)
	}
}
