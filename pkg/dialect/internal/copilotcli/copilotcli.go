// Package copilotcli decodes sessions of GitHub's Copilot CLI.
package copilotcli

import (
	"bytes"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// Dialect is what Copilot CLI keeps of its sessions.
var Dialect = &dialect.Dialect{
	Name:  "copilot-cli",
	Title: "Copilot CLI's session",
	Where: "~/.copilot/session-state/*/events.jsonl",
	Known: "type session.…, user.…, assistant.… or tool.…, with data, id, timestamp and parentId",
	Maps: []dialect.Mapping{
		{From: "tool.execution_start", To: "tool_call_attempt"},
		{From: "tool.execution_complete", To: "tool_call_complete, tool_call_failure or, if it was not allowed, tool_policy_decision"},
		{From: "permission.requested, permission.completed, hook.end with a permissionDecision", To: "tool_policy_decision"},
		{From: "hook.end with modifiedArgs or modifiedResult", To: "hook_mutation"},
		{From: "user.message", To: "turn_start"},
		{From: "assistant.turn_end after an answer that asks for no tools, abort", To: "turn_end"},
		{From: "subagent.started, subagent.completed, subagent.failed", To: "agent_switch"},
		{From: "skill.invoked", To: "skill_used"},
		{From: "session.error", To: "error"},
		{From: "assistant.message, assistant.usage", To: "copilot-cli.TYPE, with the tokens that it adds"},
		{From: "anything else", To: "copilot-cli.TYPE"},
	},
	Knows: func(s *events.Scanner) bool {
		var v [6]events.Value
		s.LookupAll(keys, v[:])
		if v[1].Kind() != events.Object || v[2].Kind() != events.String || v[3].Kind() != events.String || v[4] == nil {
			return false
		}
		area, _, dotted := bytes.Cut(v[0], []byte("."))
		switch string(area) {
		case `"session`, `"user`, `"assistant`, `"tool`, `"subagent`, `"hook`, `"permission`:
			return dotted
		}
		return false
	},
	Begin: func() func() dialect.Decoder {
		return func() dialect.Decoder { return &decoder{} }
	},
}

var keys = []string{"type", "data", "id", "timestamp", "parentId", "agentId"}

type decoder struct {
	event.Writer
	session, cwd, model events.Value
	turn                events.Value // an interaction, as Copilot calls it
	open                bool         // the turn has not ended
	last                bool         // the last answer asks for no tools
	answer              events.Value
	attempts            int64 // in this turn

	calls    event.Memory[toolCall]
	requests event.Memory[toolCall]     // for permissions, by their ids
	hooks    event.Memory[events.Value] // the tool that each hook was run for
	answers  event.Usages               // by the id of the call of the model
	outputs  bool                       // assistant.message has its tokens

	kind, agent, parent events.Value // of the record
	data                data
	at                  time.Time
}

// data is what a record is about, and those of its keys that many have.
type data struct {
	value                                         events.Value
	callID, parentCall, interaction, apiCall      events.Value
	tool, server, arguments, content, model       events.Value
	result, failure, success, telemetry, requests events.Value
	output                                        events.Value
}

// read takes the data apart.
func (d *data) read(v events.Value) {
	*d = data{value: v}
	for key, v := range v.Members() {
		switch string(key) {
		case "toolCallId":
			d.callID = v.NonNull()
		case "parentToolCallId":
			d.parentCall = v.NonNull()
		case "interactionId":
			d.interaction = v.NonNull()
		case "apiCallId":
			d.apiCall = v.NonNull()
		case "toolName":
			d.tool = v
		case "mcpServerName":
			d.server = v
		case "arguments":
			d.arguments = v
		case "content":
			d.content = v
		case "model":
			d.model = v.NonNull()
		case "result":
			d.result = v
		case "error":
			d.failure = v
		case "success":
			d.success = v
		case "toolTelemetry":
			d.telemetry = v
		case "toolRequests":
			d.requests = v
		case "outputTokens":
			d.output = v
		}
	}
}

// A toolCall is what is remembered of a call, or of a request for permission to make one.
type toolCall struct {
	id, tool, parent events.Value
	began            time.Time
	ended            bool
}

func (d *decoder) Decode(dst []byte, r dialect.Record) ([]byte, error) {
	var v [6]events.Value
	r.LookupAll(keys, v[:])
	if v[0].Kind() != events.String {
		return dst, dialect.Unknown("no type")
	}
	if v[1].Kind() != events.Object {
		return dst, dialect.Unknown("no data")
	}
	d.Reset("copilot-cli", dst, r.Line)
	d.kind = v[0]
	d.data.read(v[1])
	d.at = d.TimeOf(v[3])
	d.parent = d.data.parentCall
	d.agent = v[5].NonNull()
	if d.agent == nil {
		d.agent = d.parent // an agent without an id is known by the call that began it
	}
	switch string(d.kind) {
	case `"session.start"`, `"session.resume"`:
		d.sessionStart()
	case `"session.model_change"`:
		d.model = bytes.Clone(d.data.value.Lookup("newModel").NonNull())
		d.other(events.SeverityDebug)
	case `"session.error"`:
		d.failed()
	case `"session.warning"`:
		d.other(events.SeverityWarning)
	case `"user.message"`:
		d.userMessage(v[2])
	case `"assistant.message"`:
		d.message()
	case `"assistant.usage"`:
		d.usage()
	case `"assistant.turn_end"`:
		if d.agent == nil && d.open && d.last {
			d.turnEnd()
		} else {
			d.other(events.SeverityDebug)
		}
	case `"abort"`:
		if d.open {
			d.turnEnd()
		} else {
			d.other(events.SeverityDebug)
		}
	case `"tool.execution_start"`:
		d.toolStart()
	case `"tool.execution_complete"`:
		d.toolComplete()
	case `"subagent.started"`, `"subagent.completed"`, `"subagent.failed"`:
		d.subagent(v[5].NonNull())
	case `"permission.requested"`, `"permission.completed"`:
		d.permission()
	case `"hook.start"`:
		if id := d.data.value.Lookup("hookInvocationId").NonNull(); id != nil {
			d.hooks.Set(id, event.Kept(d.data.value.Lookup("input").Lookup("toolName")))
		}
		d.other(events.SeverityDebug)
	case `"hook.end"`:
		d.hookEnd()
	case `"skill.invoked"`:
		d.skill()
	default:
		d.other(events.SeverityDebug)
	}
	return d.Dst, nil
}

// openEvent begins an event of the record.
func (d *decoder) openEvent(eventType string, severity events.Severity) {
	d.Begin(eventType, event.Envelope{Time: d.at, Agent: d.agent, Turn: d.turn, Session: d.session, Severity: severity})
	d.Meta("parent_call_id", d.parent)
}

// other writes a record that no type of events fits, with what it says in scalars.
func (d *decoder) other(severity events.Severity) {
	d.openOther(severity)
	d.Keys()
	d.End()
}

// openOther begins the event of such a record and leaves its metadata open.
func (d *decoder) openOther(severity events.Severity, but ...string) {
	d.openEvent("copilot-cli."+d.kind.String(), severity)
	d.MetaScalars(d.data.value.Members(), append(but, "toolCallId", "parentToolCallId", "encryptedContent", "reasoningOpaque")...)
	d.Meta("call_id", d.data.callID)
}
