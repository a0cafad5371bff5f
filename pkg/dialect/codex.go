package dialect

import (
	"bytes"
	"time"

	"auditctl/pkg/events"
)

var codex = &Dialect{
	Name:  "codex",
	Title: "Codex's rollout",
	Where: "~/.codex/sessions/*/*/*/rollout-*.jsonl",
	Known: "type session_meta, turn_context, response_item or event_msg, with a payload and a timestamp",
	Maps: []Mapping{
		{"function_call, custom_tool_call, local_shell_call, tool_search_call, *_begin", "tool_call_attempt"},
		{"*_output, exec_command_end, mcp_tool_call_end, patch_apply_end", "tool_call_complete or tool_call_failure, once a call"},
		{"web_search_call, web_search_end, image_generation_call", "tool_call_attempt and tool_call_complete"},
		{"user_message", "turn_start"},
		{"task_complete, turn_aborted", "turn_end"},
		{"exec_approval_request, guardian_assessment, a call that was declined", "tool_policy_decision"},
		{"collab_agent_spawn_end, sub_agent_activity, spawn_agent's output", "agent_switch"},
		{"error, stream_error", "error"},
		{"token_count", "codex.token_count, with the tokens that it adds"},
		{"anything else", "codex.TYPE"},
	},
	Knows: func(s *events.Scanner) bool {
		var v [3]events.Value
		s.LookupAll(codexKeys, v[:])
		kind, timestamp, payload := v[0], v[1], v[2]
		if timestamp.Kind() != events.String {
			return false
		}
		switch string(kind) {
		case `"session_meta"`:
			return payload.Lookup("id") != nil
		case `"turn_context"`:
			return payload.Lookup("cwd") != nil && payload.Lookup("approval_policy") != nil
		case `"response_item"`, `"event_msg"`:
			return payload.Lookup("type").Kind() == events.String
		}
		return false
	},
	Begin: func() func() Decoder {
		turns := &origins{}
		return func() Decoder { return &codexDecoder{turns: turns, log: turns.log()} }
	},
}

var codexKeys = []string{"type", "timestamp", "payload"}

type codexDecoder struct {
	writer
	turns *origins // a log that was forked begins with a copy of another
	log   int      // this one's number in turns

	session, agent   events.Value
	thread           events.Value // the id of this log
	forked           events.Value // the id of the log whose copy is next
	fork             bool         // this log began with a copy
	turn, cwd, model events.Value
	ended            events.Value // the last turn that ended
	started          bool         // the turn has a turn_start
	copied           bool         // the turn was in an earlier log
	attempts         int64        // in this turn

	calls    memory[codexCall]
	agents   memory[struct{}] // that were told of
	searches int              // web_search_end without their web_search_call, or the other way, below 0
	total    usage            // by the last token_count
	counted  bool             // there was one

	p     codexPayload
	at    time.Time // of the record; zero if unknown
	inner events.Scanner
	head  []byte
}

// A codexPayload is the payload of a record, and those of its keys that many have.
type codexPayload struct {
	value                          events.Value
	kind, id, callID, turnID, name events.Value
	namespace, invocation          events.Value
	arguments, output, status      events.Value
	duration, milliseconds         events.Value
}

func (d *codexDecoder) Decode(dst []byte, r Record) ([]byte, error) {
	var v [3]events.Value
	r.LookupAll(codexKeys, v[:])
	kind, payload := v[0], v[2]
	d.at, _ = v[1].Time()
	d.reset("codex", dst, r.Line)
	if payload.Kind() == events.Object {
		if kind.Kind() != events.String {
			return dst, Unknown("no type")
		}
		d.read(payload)
	} else {
		// Before September 2025, a line was a payload.
		d.read(bytes.TrimSpace(r.Scanner.Line()))
		if !d.isBare() {
			return dst, Unknown("no payload")
		}
		switch {
		case d.p.kind != nil:
			kind = events.Value(`"response_item"`)
		case d.p.id != nil:
			kind = events.Value(`"session_meta"`)
		default:
			kind = events.Value(`"state"`)
		}
	}
	switch string(kind) {
	case `"session_meta"`:
		d.sessionMeta()
	case `"turn_context"`:
		d.turnContext()
	case `"response_item"`:
		d.responseItem()
	case `"event_msg"`:
		d.eventMsg()
	default:
		d.other(kind)
	}
	return d.dst, nil
}

// isBare reports whether the record, which has no payload, is one of those that had none.
func (d *codexDecoder) isBare() bool {
	switch string(d.p.kind) {
	case "":
		if d.p.id != nil {
			return d.p.id.Kind() == events.String && d.p.value.Lookup("instructions") != nil
		}
		return d.p.value.Lookup("record_type") != nil
	case `"message"`, `"reasoning"`, `"function_call"`, `"function_call_output"`, `"local_shell_call"`,
		`"custom_tool_call"`, `"custom_tool_call_output"`, `"web_search_call"`:
		return true
	}
	return false
}

// read takes the payload apart.
func (d *codexDecoder) read(payload events.Value) {
	d.p = codexPayload{value: payload}
	p := &d.p
	for key, v := range payload.Members() {
		switch string(key) {
		case "type":
			p.kind = v
		case "id":
			p.id = v
		case "call_id", "callId":
			p.callID = v.NonNull()
		case "turn_id", "turnId":
			p.turnID = v.NonNull()
		case "name", "tool":
			p.name = v
		case "arguments", "input", "command":
			p.arguments = v
		case "output", "result":
			p.output = v
		case "namespace":
			p.namespace = v
		case "invocation":
			p.invocation = v
		case "status":
			p.status = v
		case "duration":
			p.duration = v
		case "duration_ms":
			p.milliseconds = v
		case "internal_chat_message_metadata_passthrough":
			if id := v.Lookup("turn_id").NonNull(); id != nil && p.turnID == nil {
				p.turnID = id
			}
		}
	}
}

// open begins an event of the record.
func (d *codexDecoder) open(eventType string, severity events.Severity) {
	turn := d.p.turnID
	if turn == nil {
		turn = d.turn
	}
	d.begin(eventType, envelope{time: d.at, agent: d.agent, turn: turn, session: d.session, severity: severity})
	if d.copied {
		d.meta("copied", events.Value("true"))
	}
}

// other writes a record that no type of events fits, with what it says in scalars.
func (d *codexDecoder) other(kind events.Value) {
	d.openOther(kind, events.SeverityDebug)
	d.keys()
	d.end()
}

// openOther begins the event of such a record and leaves its metadata open.
func (d *codexDecoder) openOther(kind events.Value, severity events.Severity) {
	if kind.Kind() != events.String {
		kind = events.Value(`"record"`)
	}
	d.open("codex."+kind.String(), severity)
	d.metaScalars(d.p.value.Members(), "type", "turn_id", "encrypted_content")
}

// eventMsg decodes what Codex told its user interface.
func (d *codexDecoder) eventMsg() {
	p := &d.p
	switch string(p.kind) {
	case `"task_started"`, `"turn_started"`:
		d.enter(p.turnID)
		d.other(p.kind)
	case `"user_message"`:
		d.userMessage()
	case `"task_complete"`, `"turn_complete"`, `"turn_aborted"`:
		d.turnEnd()
	case `"token_count"`:
		d.tokenCount()
	case `"error"`, `"stream_error"`:
		d.failed()
	case `"warning"`, `"guardian_warning"`:
		d.openOther(p.kind, events.SeverityWarning)
		d.keys()
		d.end()
	default:
		if !d.callEvent() {
			d.other(p.kind)
		}
	}
}
