// Package codex decodes rollouts of Codex.
package codex

import (
	"bytes"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// Dialect is what Codex keeps of its sessions.
var Dialect = &dialect.Dialect{
	Name:  "codex",
	Title: "Codex's rollout",
	Where: "~/.codex/sessions/*/*/*/rollout-*.jsonl",
	Known: "type session_meta, turn_context, response_item or event_msg, with a payload and a timestamp",
	Maps: []dialect.Mapping{
		{From: "function_call, custom_tool_call, local_shell_call, tool_search_call, *_begin", To: "tool_call_attempt"},
		{From: "*_output, exec_command_end, mcp_tool_call_end, patch_apply_end", To: "tool_call_complete or tool_call_failure, once a call"},
		{From: "web_search_call, web_search_end, image_generation_call", To: "tool_call_attempt and tool_call_complete"},
		{From: "user_message", To: "turn_start"},
		{From: "task_complete, turn_aborted", To: "turn_end"},
		{From: "exec_approval_request, guardian_assessment, a call that was declined", To: "tool_policy_decision"},
		{From: "collab_agent_spawn_end, sub_agent_activity, spawn_agent's output", To: "agent_switch"},
		{From: "error, stream_error", To: "error"},
		{From: "token_count", To: "codex.token_count, with the tokens that it adds"},
		{From: "anything else", To: "codex.TYPE"},
	},
	Knows: func(s *events.Scanner) bool {
		var v [3]events.Value
		s.LookupAll(keys, v[:])
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
	Begin: func() func() dialect.Decoder {
		turns := &event.Origins{}
		return func() dialect.Decoder { return &decoder{turns: turns, log: turns.Log()} }
	},
}

var keys = []string{"type", "timestamp", "payload"}

type decoder struct {
	event.Writer
	turns *event.Origins // a log that was forked begins with a copy of another
	log   int            // this one's number in turns

	session, agent   events.Value
	thread           events.Value // the id of this log
	forked           events.Value // the id of the log whose copy is next
	fork             bool         // this log began with a copy
	turn, cwd, model events.Value
	ended            events.Value // the last turn that ended
	started          bool         // the turn has a turn_start
	copied           bool         // the turn was in an earlier log
	attempts         int64        // in this turn

	calls    event.Memory[toolCall]
	agents   event.Memory[struct{}] // that were told of
	searches int                    // web_search_end without their web_search_call, or the other way, below 0
	total    event.Usage            // by the last token_count
	counted  bool                   // there was one

	p     payload
	at    time.Time // of the record; zero if unknown
	inner events.Scanner
	head  []byte
}

// A payload is what a record is about, and those of its keys that many have.
type payload struct {
	value                          events.Value
	kind, id, callID, turnID, name events.Value
	namespace, invocation          events.Value
	arguments, output, status      events.Value
	duration, milliseconds         events.Value
}

func (d *decoder) Decode(dst []byte, r dialect.Record) ([]byte, error) {
	var v [3]events.Value
	r.LookupAll(keys, v[:])
	kind, payload := v[0], v[2]
	d.at = d.TimeOf(v[1])
	d.Reset("codex", dst, r.Line)
	if payload.Kind() == events.Object {
		if kind.Kind() != events.String {
			return dst, dialect.Unknown("no type")
		}
		d.read(payload)
	} else {
		// Before September 2025, a line was a payload.
		d.read(bytes.TrimSpace(r.Scanner.Line()))
		if !d.isBare() {
			return dst, dialect.Unknown("no payload")
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
	return d.Dst, nil
}

// isBare reports whether the record, which has no payload, is one of those that had none.
func (d *decoder) isBare() bool {
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
func (d *decoder) read(v events.Value) {
	d.p = payload{value: v}
	p := &d.p
	for key, v := range v.Members() {
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
func (d *decoder) open(eventType string, severity events.Severity) {
	turn := d.p.turnID
	if turn == nil {
		turn = d.turn
	}
	d.Begin(eventType, event.Envelope{Time: d.at, Agent: d.agent, Turn: turn, Session: d.session, Severity: severity})
	if d.copied {
		d.MetaTrue("copied")
	}
}

// other writes a record that no type of events fits, with what it says in scalars.
func (d *decoder) other(kind events.Value) {
	d.openOther(kind, events.SeverityDebug)
	d.Keys()
	d.End()
}

// openOther begins the event of such a record and leaves its metadata open.
func (d *decoder) openOther(kind events.Value, severity events.Severity) {
	if kind.Kind() != events.String {
		kind = events.Value(`"record"`)
	}
	d.open("codex."+kind.String(), severity)
	d.MetaScalars(d.p.value.Members(), "type", "turn_id", "encrypted_content")
}

// eventMsg decodes what Codex told its user interface.
func (d *decoder) eventMsg() {
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
		d.Keys()
		d.End()
	default:
		if !d.callEvent() {
			d.other(p.kind)
		}
	}
}
