package dialect

import (
	"bytes"
	"strings"
	"time"

	"auditctl/pkg/events"
)

var copilotCLI = &Dialect{
	Name:  "copilot-cli",
	Title: "Copilot CLI's session",
	Where: "~/.copilot/session-state/*/events.jsonl",
	Known: "type session.…, user.…, assistant.… or tool.…, with data, id, timestamp and parentId",
	Maps: []Mapping{
		{"tool.execution_start", "tool_call_attempt"},
		{"tool.execution_complete", "tool_call_complete, tool_call_failure or, if it was not allowed, tool_policy_decision"},
		{"permission.requested, permission.completed, hook.end with a permissionDecision", "tool_policy_decision"},
		{"hook.end with modifiedArgs or modifiedResult", "hook_mutation"},
		{"user.message", "turn_start"},
		{"assistant.turn_end after an answer that asks for no tools, abort", "turn_end"},
		{"subagent.started, subagent.completed, subagent.failed", "agent_switch"},
		{"skill.invoked", "skill_used"},
		{"session.error", "error"},
		{"assistant.message, assistant.usage", "copilot-cli.TYPE, with the tokens that it adds"},
		{"anything else", "copilot-cli.TYPE"},
	},
	Knows: func(s *events.Scanner) bool {
		var v [6]events.Value
		s.LookupAll(copilotKeys, v[:])
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
	Begin: func() func() Decoder {
		return func() Decoder { return &copilotDecoder{} }
	},
}

var copilotKeys = []string{"type", "data", "id", "timestamp", "parentId", "agentId"}

type copilotDecoder struct {
	writer
	session, cwd, model events.Value
	turn                events.Value // an interaction, as Copilot calls it
	open                bool         // the turn has not ended
	last                bool         // the last answer asks for no tools
	answer              events.Value
	attempts            int64 // in this turn

	calls    memory[copilotCall]
	requests memory[copilotCall]  // for permissions, by their ids
	hooks    memory[events.Value] // the tool that each hook was run for
	answers  memory[usage]        // by the id of the call of the model
	outputs  bool                 // assistant.message has its tokens

	kind, data, agent, parent events.Value // of the record
	at                        time.Time
}

type copilotCall struct {
	id, tool, parent events.Value
	began            time.Time
	ended            bool
}

func (d *copilotDecoder) Decode(dst []byte, r Record) ([]byte, error) {
	var v [6]events.Value
	r.LookupAll(copilotKeys, v[:])
	if v[0].Kind() != events.String {
		return dst, Unknown("no type")
	}
	if v[1].Kind() != events.Object {
		return dst, Unknown("no data")
	}
	d.reset("copilot-cli", dst, r.Line)
	d.kind, d.data = v[0], v[1]
	d.at, _ = v[3].Time()
	d.parent = d.data.Lookup("parentToolCallId").NonNull()
	d.agent = v[5].NonNull()
	if d.agent == nil {
		d.agent = d.parent // an agent without an id is known by the call that began it
	}
	switch string(d.kind) {
	case `"session.start"`, `"session.resume"`:
		d.sessionStart()
	case `"session.model_change"`:
		d.model = bytes.Clone(d.data.Lookup("newModel").NonNull())
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
		if id := d.data.Lookup("hookInvocationId").NonNull(); id != nil {
			d.hooks.set(id, kept(d.data.Lookup("input").Lookup("toolName")))
		}
		d.other(events.SeverityDebug)
	case `"hook.end"`:
		d.hookEnd()
	case `"skill.invoked"`:
		d.skill()
	default:
		d.other(events.SeverityDebug)
	}
	return d.dst, nil
}

// openEvent begins an event of the record.
func (d *copilotDecoder) openEvent(eventType string, severity events.Severity) {
	d.begin(eventType, envelope{time: d.at, agent: d.agent, turn: d.turn, session: d.session, severity: severity})
	d.meta("parent_call_id", d.parent)
}

// other writes a record that no type of events fits, with what it says in scalars.
func (d *copilotDecoder) other(severity events.Severity) {
	d.openOther(severity)
	d.keys()
	d.end()
}

// openOther begins the event of such a record and leaves its metadata open.
func (d *copilotDecoder) openOther(severity events.Severity, but ...string) {
	d.openEvent("copilot-cli."+d.kind.String(), severity)
	d.metaScalars(d.data.Members(), append(but, "toolCallId", "parentToolCallId", "encryptedContent", "reasoningOpaque")...)
	d.meta("call_id", d.data.Lookup("toolCallId"))
}

func (d *copilotDecoder) sessionStart() {
	if id := d.data.Lookup("sessionId").NonNull(); id != nil && !bytes.Equal(id, d.session) {
		*d = copilotDecoder{writer: d.writer, kind: d.kind, data: d.data, at: d.at, session: bytes.Clone(id)}
	}
	if model := d.data.Lookup("selectedModel").NonNull(); model != nil {
		d.model = bytes.Clone(model)
	}
	if cwd := d.data.Lookup("context").Lookup("cwd").NonNull(); cwd != nil {
		d.cwd = bytes.Clone(cwd)
	}
	d.openOther(events.SeverityDebug, "cwd", "model")
	d.meta("cwd", d.cwd)
	d.meta("model", d.model)
	d.keys()
	d.end()
}

func (d *copilotDecoder) failed() {
	d.openEvent(events.TypeError, "")
	d.meta("status_code", d.data.Lookup("statusCode"))
	d.keys()
	d.text("error_type", d.data.Lookup("errorType"))
	d.preview("error_message", d.data.Lookup("message"))
	d.string("error_context", "")
	d.end()
}

// userMessage begins a turn, unless it is for a subagent, or one more message to a turn.
func (d *copilotDecoder) userMessage(id events.Value) {
	turn := d.data.Lookup("interactionId").NonNull()
	if d.agent != nil || d.data.Lookup("parentAgentTaskId").NonNull() != nil ||
		d.open && turn != nil && bytes.Equal(turn, d.turn) {
		d.other(events.SeverityDebug)
		return
	}
	if turn == nil {
		turn = id.NonNull()
	}
	d.turn, d.open, d.last, d.attempts, d.answer = bytes.Clone(turn), true, false, 0, nil
	d.openEvent(events.TypeTurnStart, "")
	d.meta("cwd", d.cwd)
	d.meta("model", d.model)
	d.keys()
	d.preview("prompt_preview", d.data.Lookup("content"))
	d.end()
}

// turnEnd ends the turn.
func (d *copilotDecoder) turnEnd() {
	d.openEvent(events.TypeTurnEnd, "")
	d.metaPreview("reason", d.data.Lookup("reason"))
	d.keys()
	d.preview("content_preview", d.answer)
	d.int("function_calls_count", d.attempts)
	d.end()
	d.open, d.turn = false, nil
}

// message writes an answer of the model, with the tokens of its output.
func (d *copilotDecoder) message() {
	if d.agent == nil {
		d.last = true
		for range d.data.Lookup("toolRequests").Elements() {
			d.last = false
			break
		}
		content := d.data.Lookup("content")
		if content.Kind() == events.String {
			content = append(append(events.Value(`"`), beginning(content[1:len(content)-1], PreviewLength)...), '"')
		}
		d.answer = bytes.Clone(content)
	}
	output := usage{output: count(d.data.Lookup("outputTokens"))}
	d.outputs = d.outputs || output.output > 0
	d.tokens(output)
}

// usage writes what a call of the model used. Its answer's message may have told of the
// output.
func (d *copilotDecoder) usage() {
	u := usage{
		input:      count(d.data.Lookup("inputTokens")),
		output:     count(d.data.Lookup("outputTokens")),
		cacheRead:  count(d.data.Lookup("cacheReadTokens")),
		cacheWrite: count(d.data.Lookup("cacheWriteTokens")),
	}
	u.input = max(0, u.input-u.cacheRead)
	if d.outputs && d.data.Lookup("apiCallId").NonNull() == nil {
		u.output = 0
	}
	d.tokens(u)
}

// tokens writes the record with what u has more than the call of the model is known to
// have used.
func (d *copilotDecoder) tokens(u usage) {
	if id := d.data.Lookup("apiCallId").NonNull(); id != nil {
		known, _ := d.answers.get(id)
		all := known.most(u)
		d.answers.set(id, all)
		u = all.since(known)
	}
	d.openOther(events.SeverityDebug, "model")
	model := d.data.Lookup("model").NonNull()
	if model == nil {
		model = d.model
	}
	d.meta("model", model)
	d.metaUsage(u)
	d.keys()
	d.end()
}

// subagent writes that a call began another agent, or that it ended.
func (d *copilotDecoder) subagent(agent events.Value) {
	id := d.data.Lookup("toolCallId").NonNull()
	call, _ := d.calls.get(id)
	d.parent, d.agent = call.parent, call.parent
	if agent == nil {
		agent = id
	}
	from, to := d.agent, agent
	severity := events.SeverityInfo
	if string(d.kind) != `"subagent.started"` {
		from, to = to, from
	}
	if string(d.kind) == `"subagent.failed"` {
		severity = events.SeverityError
	}
	d.openEvent(events.TypeAgentSwitch, severity)
	d.meta("call_id", id)
	d.meta("model", d.data.Lookup("model"))
	d.meta("duration_ms", d.data.Lookup("durationMs"))
	d.metaPreview("error", d.data.Lookup("error"))
	d.keys()
	d.text("from_agent", from)
	d.text("to_agent", to)
	d.text("reason", d.data.Lookup("agentName"))
	d.end()
}

func (d *copilotDecoder) skill() {
	d.openEvent(events.TypeSkillUsed, "")
	d.meta("path", d.data.Lookup("path"))
	d.keys()
	d.text("skill_name", d.data.Lookup("name"))
	d.string("version", "")
	d.string("outcome", "unknown")
	d.float("duration_ms", 0)
	d.key("triggered_automatically")
	d.dst = append(d.dst, "true"...)
	d.end()
}

// hookEnd writes what a hook decided or changed.
func (d *copilotDecoder) hookEnd() {
	tool, _ := d.hooks.get(d.data.Lookup("hookInvocationId"))
	output := d.data.Lookup("output")
	told := false
	switch action := output.Lookup("permissionDecision").String(); action {
	case "allow", "deny", "ask":
		d.openEvent(events.TypeToolPolicyDecision, "")
		d.metaString("decision", action)
		d.metaString("decided_by", "hook")
		d.metaPreview("reason", output.Lookup("permissionDecisionReason"))
		d.keys()
		d.text("tool_name", tool)
		d.string("action", action)
		d.string("policy_source", "hook")
		d.end()
		told = true
	}
	for _, field := range [...]string{"modifiedArgs", "modifiedResult"} {
		if output.Lookup(field).NonNull() != nil {
			d.openEvent(events.TypeHookMutation, "")
			d.keys()
			d.text("hook_name", d.data.Lookup("hookType"))
			d.text("tool_name", tool)
			d.string("mutated_field", strings.ToLower(strings.TrimPrefix(field, "modified")))
			d.end()
			told = true
		}
	}
	if told {
		return
	}
	severity := events.SeverityDebug
	if string(d.data.Lookup("success")) == "false" {
		severity = events.SeverityWarning
	}
	d.openOther(severity)
	d.metaPreview("error", d.data.Lookup("error").Lookup("message"))
	d.keys()
	d.end()
}
