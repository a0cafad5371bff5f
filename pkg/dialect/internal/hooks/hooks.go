// Package hooks decodes what agents hand to hooks.
package hooks

import (
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// Dialect is what agents hand to the programs that users have them call at certain moments:
// Claude Code, Codex, Gemini CLI and Cursor, and Codex's argument to notify.
var Dialect = &dialect.Dialect{
	Name:  "hooks",
	Title: "what an agent hands to hooks",
	Where: "where a hook of your own keeps what it is given",
	Known: "hook_event_name and session_id or conversation_id, or agent-turn-complete and turn-id",
	Maps: []dialect.Mapping{
		{From: "PreToolUse, BeforeTool", To: "tool_call_attempt"},
		{From: "PostToolUse, AfterTool", To: "tool_call_complete, ended if success is not known"},
		{From: "PostToolUseFailure", To: "tool_call_failure"},
		{From: "PermissionRequest, PermissionDenied", To: "tool_policy_decision: ask, deny"},
		{From: "UserPromptSubmit, BeforeAgent", To: "turn_start"},
		{From: "Stop, StopFailure, AfterAgent, agent-turn-complete", To: "turn_end, error"},
		{From: "SubagentStart, SubagentStop", To: "agent_switch"},
		{From: "beforeShellExecution, beforeMCPExecution and their ends", To: "calls, unless preToolUse tells of them"},
		{From: "other hooks", To: "hooks.NAME"},
		{From: "prompt_id, turn_id, generation_id", To: "turn_id"},
		{From: "tool_use_id", To: "metadata.call_id"},
	},
	Knows: func(s *events.Scanner) bool {
		if s.Lookup("hook_event_name").Kind() == events.String {
			return s.Lookup("session_id").Kind() == events.String || s.Lookup("conversation_id").Kind() == events.String
		}
		return string(s.Lookup("type")) == `"agent-turn-complete"` && s.Lookup("turn-id").Kind() == events.String
	},
	Begin: func() func() dialect.Decoder {
		d := &decoder{}
		return func() dialect.Decoder { return d }
	},
}

// A kind is what a hook tells.
type kind uint8

const (
	otherHook kind = iota
	attempt
	complete
	ended // whether well is not known
	failure
	ask
	deny
	turnStart
	turnEnd
	turnFailure
	agentStart
	agentStop
	notify // Codex's agent-turn-complete
)

// of returns what the hook with a name tells, and whether it is one that Cursor calls
// in addition to preToolUse and its like, and called alone before it had those.
func of(name string) (kind kind, additional bool) {
	switch name {
	case "PreToolUse", "preToolUse", "BeforeTool":
		return attempt, false
	case "PostToolUse", "postToolUse", "AfterTool":
		return complete, false
	case "PostToolUseFailure", "postToolUseFailure":
		return failure, false
	case "beforeShellExecution", "beforeMCPExecution":
		return attempt, true
	case "afterShellExecution", "afterMCPExecution":
		return ended, true
	case "PermissionRequest":
		return ask, false
	case "PermissionDenied":
		return deny, false
	case "UserPromptSubmit", "BeforeAgent", "beforeSubmitPrompt":
		return turnStart, false
	case "Stop", "AfterAgent", "stop":
		return turnEnd, false
	case "StopFailure":
		return turnFailure, false
	case "SubagentStart", "subagentStart":
		return agentStart, false
	case "SubagentStop", "subagentStop":
		return agentStop, false
	}
	return otherHook, false
}

// A decoder decodes the records of hooks. Hooks of several sessions may write to the
// same log, and those of one session to several.
type decoder struct {
	w   event.Writer
	r   dialect.Record
	key []byte   // reused by keyOf
	but []string // keys that are not of the rest of the metadata
	own int      // how many of these have places of their own in every event

	event.Envelope
	name string
	id   events.Value // of the call

	open   openCalls
	ended  event.Memory[struct{}] // turns
	calls  event.Memory[int64]    // of turns
	modern event.Memory[struct{}] // sessions in which Cursor calls preToolUse
	agents event.Memory[string]   // subagents, with the call that began each
}

func (d *decoder) Untimed() int64 { return d.w.Untimed() }

func (d *decoder) Decode(dst []byte, r dialect.Record) ([]byte, error) {
	name := r.Lookup("hook_event_name")
	kind, additional := of(string(r.Text(name)))
	switch {
	case name.Kind() == events.String:
	case r.Lookup("type").Kind() == events.String && r.Lookup("turn-id") != nil:
		if name = r.Lookup("type"); string(name) == `"agent-turn-complete"` {
			kind = notify
		}
	default:
		return dst, dialect.Unknown("no hook_event_name")
	}
	d.w.Reset("hooks", dst, r.Line)
	d.r, d.name, d.but = r, string(event.TextOf(name)), append(d.but[:0], "hook_event_name", "timestamp")
	d.Envelope = event.Envelope{
		Timestamp: r.Lookup("timestamp"),
		Session:   d.first("session_id", "conversation_id", "thread-id"),
		Turn:      d.first("prompt_id", "turn_id", "generation_id", "turn-id"),
		Severity:  events.SeverityDebug,
	}
	if !r.Arrived.IsZero() {
		if _, timed := d.Timestamp.Time(); !timed {
			d.Time = r.Arrived
		}
	}
	if kind != agentStart && kind != agentStop {
		d.Agent = d.first("agent_id")
	}
	d.id = d.first("tool_use_id")
	d.own = len(d.but)
	session, turn := d.keyOf(d.Session), d.keyOf(d.Session, d.Turn)
	if _, modern := d.modern.Get(session.name()); additional && modern {
		kind = otherHook // it repeats
	}
	switch kind {
	case attempt:
		d.attempt(additional)
	case complete:
		d.end()
	case ended:
		d.complete("ended")
	case failure:
		d.failure()
	case ask:
		d.ask()
	case deny:
		d.deny(d.first("permission_mode"), d.first("reason"))
	case turnStart:
		d.turnStart()
	case turnEnd:
		d.turnEnd()
	case turnFailure:
		d.turnFailure()
	case notify:
		if _, ended := d.ended.Get(turn.name()); ended {
			d.other(true)
		} else {
			d.turnEnd()
		}
	case agentStart:
		d.agentStart()
	case agentStop:
		d.agentStop()
	default:
		d.other(false)
	}
	return d.w.Dst, nil
}

// first returns the value of the first of some keys that is neither absent, null nor an
// empty string. That key, and those before it, are then not of the rest.
func (d *decoder) first(keys ...string) events.Value {
	for _, key := range keys {
		d.but = append(d.but, key)
		if v := d.r.Lookup(key).NonNull(); v != nil && string(v) != `""` {
			return v
		}
	}
	return nil
}

func (d *decoder) keyOf(parts ...events.Value) key {
	d.key = event.AppendName(d.key[:0], parts...)
	return keyOf(d.key)
}

// begin begins an event with the metadata that every one may have.
func (d *decoder) begin(eventType string) {
	d.w.Begin(eventType, d.Envelope)
	d.w.Meta("call_id", d.id)
	if d.Agent != nil {
		agent := d.keyOf(d.Session, d.Agent)
		parent, _ := d.agents.Get(agent.name())
		d.w.MetaString("parent_call_id", parent)
	}
	cwd := d.first("cwd")
	if cwd == nil {
		for root := range d.r.Lookup("workspace_roots").Elements() {
			cwd = root
			break
		}
	}
	d.w.Meta("cwd", cwd)
	d.w.Meta("model", d.first("model"))
}

// finish writes what is left of the metadata.
func (d *decoder) finish() {
	d.w.MetaScalars(d.r.Members(), d.but...)
	d.w.Keys()
}

// other writes a hook that is none of those with a meaning here, or that repeats.
func (d *decoder) other(copied bool) {
	d.but = d.but[:d.own]
	d.begin("hooks." + d.name)
	if copied {
		d.w.MetaTrue("copied")
	}
	d.finish()
	d.w.End()
}
