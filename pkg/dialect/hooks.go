package dialect

import (
	"auditctl/pkg/events"
)

// hooks is what agents hand to the programs that users have them call at certain moments:
// Claude Code, Codex, Gemini CLI and Cursor, and Codex's argument to notify.
var hooks = &Dialect{
	Name:  "hooks",
	Title: "what an agent hands to hooks",
	Where: "where a hook of your own keeps what it is given",
	Known: "hook_event_name and session_id or conversation_id, or agent-turn-complete and turn-id",
	Maps: []Mapping{
		{"PreToolUse, BeforeTool", "tool_call_attempt"},
		{"PostToolUse, AfterTool", "tool_call_complete, ended if success is not known"},
		{"PostToolUseFailure", "tool_call_failure"},
		{"PermissionRequest, PermissionDenied", "tool_policy_decision: ask, deny"},
		{"UserPromptSubmit, BeforeAgent", "turn_start"},
		{"Stop, StopFailure, AfterAgent, agent-turn-complete", "turn_end, error"},
		{"SubagentStart, SubagentStop", "agent_switch"},
		{"beforeShellExecution, beforeMCPExecution and their ends", "calls, unless preToolUse tells of them"},
		{"other hooks", "hooks.NAME"},
		{"prompt_id, turn_id, generation_id", "turn_id"},
		{"tool_use_id", "metadata.call_id"},
	},
	Knows: func(s *events.Scanner) bool {
		if s.Lookup("hook_event_name").Kind() == events.String {
			return s.Lookup("session_id").Kind() == events.String || s.Lookup("conversation_id").Kind() == events.String
		}
		return string(s.Lookup("type")) == `"agent-turn-complete"` && s.Lookup("turn-id").Kind() == events.String
	},
	Begin: func() func() Decoder {
		d := &hookDecoder{}
		return func() Decoder { return d }
	},
}

// A hookKind is what a hook tells.
type hookKind uint8

const (
	otherHook hookKind = iota
	hookAttempt
	hookComplete
	hookEnded // whether well is not known
	hookFailure
	hookAsk
	hookDeny
	hookTurnStart
	hookTurnEnd
	hookTurnFailure
	hookAgentStart
	hookAgentStop
	hookNotify // Codex's agent-turn-complete
)

// hookOf returns what the hook with a name tells, and whether it is one that Cursor calls
// in addition to preToolUse and its like, and called alone before it had those.
func hookOf(name string) (kind hookKind, additional bool) {
	switch name {
	case "PreToolUse", "preToolUse", "BeforeTool":
		return hookAttempt, false
	case "PostToolUse", "postToolUse", "AfterTool":
		return hookComplete, false
	case "PostToolUseFailure", "postToolUseFailure":
		return hookFailure, false
	case "beforeShellExecution", "beforeMCPExecution":
		return hookAttempt, true
	case "afterShellExecution", "afterMCPExecution":
		return hookEnded, true
	case "PermissionRequest":
		return hookAsk, false
	case "PermissionDenied":
		return hookDeny, false
	case "UserPromptSubmit", "BeforeAgent", "beforeSubmitPrompt":
		return hookTurnStart, false
	case "Stop", "AfterAgent", "stop":
		return hookTurnEnd, false
	case "StopFailure":
		return hookTurnFailure, false
	case "SubagentStart", "subagentStart":
		return hookAgentStart, false
	case "SubagentStop", "subagentStop":
		return hookAgentStop, false
	}
	return otherHook, false
}

// A hookDecoder decodes the records of hooks. Hooks of several sessions may write to the
// same log, and those of one session to several.
type hookDecoder struct {
	w   writer
	r   Record
	key []byte   // reused by keyOf
	but []string // keys that are not of the rest of the metadata
	own int      // how many of these have places of their own in every event

	envelope
	name string
	id   events.Value // of the call

	open   openHookCalls
	ended  memory[struct{}] // turns
	calls  memory[int64]    // of turns
	modern memory[struct{}] // sessions in which Cursor calls preToolUse
	agents memory[string]   // subagents, with the call that began each
}

func (d *hookDecoder) Decode(dst []byte, r Record) ([]byte, error) {
	name := r.Lookup("hook_event_name")
	kind, additional := hookOf(string(r.Text(name)))
	switch {
	case name.Kind() == events.String:
	case r.Lookup("type").Kind() == events.String && r.Lookup("turn-id") != nil:
		if name = r.Lookup("type"); string(name) == `"agent-turn-complete"` {
			kind = hookNotify
		}
	default:
		return dst, Unknown("no hook_event_name")
	}
	d.w.reset("hooks", dst, r.Line)
	d.r, d.name, d.but = r, string(textOf(name)), append(d.but[:0], "hook_event_name", "timestamp")
	d.envelope = envelope{
		timestamp: r.Lookup("timestamp"),
		session:   d.first("session_id", "conversation_id", "thread-id"),
		turn:      d.first("prompt_id", "turn_id", "generation_id", "turn-id"),
		severity:  events.SeverityDebug,
	}
	if kind != hookAgentStart && kind != hookAgentStop {
		d.agent = d.first("agent_id")
	}
	d.id = d.first("tool_use_id")
	d.own = len(d.but)
	session, turn := d.keyOf(d.session), d.keyOf(d.session, d.turn)
	if _, modern := d.modern.get(session.name()); additional && modern {
		kind = otherHook // it repeats
	}
	switch kind {
	case hookAttempt:
		d.attempt(additional)
	case hookComplete:
		d.end()
	case hookEnded:
		d.complete("ended")
	case hookFailure:
		d.failure()
	case hookAsk:
		d.ask()
	case hookDeny:
		d.deny(d.first("permission_mode"), d.first("reason"))
	case hookTurnStart:
		d.turnStart()
	case hookTurnEnd:
		d.turnEnd()
	case hookTurnFailure:
		d.turnFailure()
	case hookNotify:
		if _, ended := d.ended.get(turn.name()); ended {
			d.other(true)
		} else {
			d.turnEnd()
		}
	case hookAgentStart:
		d.agentStart()
	case hookAgentStop:
		d.agentStop()
	default:
		d.other(false)
	}
	return d.w.dst, nil
}

// first returns the value of the first of some keys that is neither absent, null nor an
// empty string. That key, and those before it, are then not of the rest.
func (d *hookDecoder) first(keys ...string) events.Value {
	for _, key := range keys {
		d.but = append(d.but, key)
		if v := d.r.Lookup(key).NonNull(); v != nil && string(v) != `""` {
			return v
		}
	}
	return nil
}

func (d *hookDecoder) keyOf(parts ...events.Value) hookKey {
	d.key = d.key[:0]
	for _, part := range parts {
		d.key = append(append(d.key, part...), 0)
	}
	return hookKeyOf(d.key)
}

// begin begins an event with the metadata that every one may have.
func (d *hookDecoder) begin(eventType string) {
	d.w.begin(eventType, d.envelope)
	d.w.meta("call_id", d.id)
	if d.agent != nil {
		agent := d.keyOf(d.session, d.agent)
		parent, _ := d.agents.get(agent.name())
		d.w.metaString("parent_call_id", parent)
	}
	cwd := d.first("cwd")
	if cwd == nil {
		for root := range d.r.Lookup("workspace_roots").Elements() {
			cwd = root
			break
		}
	}
	d.w.meta("cwd", cwd)
	d.w.meta("model", d.first("model"))
}

// finish writes what is left of the metadata.
func (d *hookDecoder) finish() {
	d.w.metaScalars(d.r.Members(), d.but...)
	d.w.keys()
}

// other writes a hook that is none of those with a meaning here, or that repeats.
func (d *hookDecoder) other(copied bool) {
	d.but = d.but[:d.own]
	d.begin("hooks." + d.name)
	if copied {
		d.w.meta("copied", events.Value("true"))
	}
	d.finish()
	d.w.end()
}
