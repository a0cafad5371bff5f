package claudecode

import (
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A toolCall is a call of a tool. Many are remembered, so they are small.
type toolCall struct {
	name      *events.Value // of the tool, see toolOf; nil if unknown
	turn      *turn
	micros    int64 // when it was attempted, if timed
	timed     bool
	attempted bool
	denied    bool // by a hook
	ended     bool
}

// tool returns the name of the tool, nil if it is unknown.
func (c *toolCall) tool() events.Value {
	if c.name == nil {
		return nil
	}
	return *c.name
}

// at returns when the call was attempted, zero if that is unknown.
func (c *toolCall) at() time.Time {
	if !c.timed {
		return time.Time{}
	}
	return time.UnixMicro(c.micros)
}

// maxTools is how many names of tools are kept for all calls together.
const maxTools = 256

// toolOf returns a copy of the name of a tool, nearly always the one that earlier calls have.
func (run *run) toolOf(name events.Value) *events.Value {
	known, ok := run.tools[string(name)]
	if !ok {
		kept := event.Kept(name)
		known = &kept
		if run.tools == nil {
			run.tools = map[string]*events.Value{}
		}
		if len(run.tools) < maxTools && kept != nil {
			run.tools[string(name)] = known
		}
	}
	return known
}

// callOf returns what is known about a call of the record's session. In a session that was
// copied from another it is the same call.
func (d *decoder) callOf(id events.Value) *toolCall {
	call, ok := d.calls.Get(d.named(d.Session, id))
	if ok {
		return call
	}
	if d.original != nil {
		call, ok = d.calls.Get(d.named(d.original.session, id))
	}
	if !ok {
		call = &toolCall{}
	}
	d.calls.Set(d.named(d.Session, id), call)
	return call
}

// attempt makes an event of a call.
func (d *decoder) attempt(b *block) {
	call, again := d.callOf(b.id), true
	if !call.attempted {
		call.name, call.attempted, again = d.toolOf(b.name), true, false
		call.micros, call.timed = d.Time.UnixMicro(), !d.Time.IsZero()
	}
	if t := d.thread; t.open && !(again && call.turn == t.turn) {
		t.turn.calls++
		if !again {
			call.turn = t.turn
		}
	}
	d.event(events.TypeToolCallAttempt, b.id)
	d.close(d.copied || again)
	d.EndAttempt(b.name, b.input)
}

// A toolUseResult is what a record says about a call, beside the result for the model.
type toolUseResult struct {
	agent       events.Value
	interrupted bool
	ms          float64 // how long the call took
	timed       bool    // ms is known
}

func toolUseResultOf(v events.Value) (r toolUseResult) {
	var ms, total, seconds events.Value
	for key, v := range v.Members() {
		switch string(key) {
		case "agentId":
			r.agent = v.NonNull()
		case "interrupted":
			r.interrupted = string(v) == "true"
		case "durationMs":
			ms = v
		case "totalDurationMs":
			total = v
		case "durationSeconds":
			seconds = v
		}
	}
	if r.ms, r.timed = event.Milliseconds(ms, 1); !r.timed {
		r.ms, r.timed = event.Milliseconds(total, 1)
	}
	if !r.timed {
		r.ms, r.timed = event.Milliseconds(seconds, 1000)
	}
	return r
}

// result makes events of the end of a call, which is denied, failed or complete. If it is
// the record's only one, toolUseResult is about it.
func (d *decoder) result(b *block, only bool) {
	call := d.callOf(b.call)
	copied := d.copied || call.ended
	call.ended = true

	before := d.Turn
	if call.turn != nil {
		d.Turn = call.turn.id
	}
	var used toolUseResult
	if only {
		used = toolUseResultOf(d.record.Lookup("toolUseResult"))
	}
	if used.agent != nil {
		d.starts(used.agent, b.call)
	}
	if !used.timed {
		used.ms, used.timed = event.MillisecondsBetween(call.at(), d.Time)
	}
	text := b.resultText()
	failed := b.failed()
	by, source := d.denial(text, failed, only)
	switch {
	case by != "" && call.denied:
		d.block(text)
	case by != "":
		d.decision(b.call, call.tool(), "deny", by, source, text, copied)
	case failed:
		d.failure(b.call, call.tool(), text, used, copied)
	default:
		d.event(events.TypeToolCallComplete, b.call)
		d.close(copied)
		status := "success"
		if used.interrupted {
			status = "interrupted"
		}
		d.EndComplete(call.tool(), status, used.ms, text)
	}
	d.Turn = before
}

// failure makes an event of a call that failed.
func (d *decoder) failure(id, tool, text events.Value, used toolUseResult, copied bool) {
	d.event(events.TypeToolCallFailure, id)
	if used.timed {
		d.MetaFloat("duration_ms", used.ms)
	}
	d.close(copied)
	d.Text("tool_name", tool)
	switch {
	case startsAs(text, `"<tool_use_error>`):
		d.String("error_type", "tool_use_error") // the call was refused and never ran
	case startsAs(text, `"Exit code `):
		d.String("error_type", "exit_code")
	default:
		d.String("error_type", "tool_error")
	}
	d.Preview("error_message", text)
	d.End()
}

// decision makes an event of a decision about a call.
func (d *decoder) decision(id, tool events.Value, action, by string, source, reason events.Value, copied bool) {
	d.event(events.TypeToolPolicyDecision, id)
	d.MetaString("decision", action)
	d.MetaString("decided_by", by)
	d.MetaPreview("reason", reason)
	d.close(copied)
	d.Text("tool_name", tool)
	d.String("action", action)
	d.Text("policy_source", source)
	d.End()
}

// denial returns who denied a call that has a result, "" if nobody did, and what the
// record says about that.
func (d *decoder) denial(text events.Value, failed, only bool) (by string, source events.Value) {
	kind := d.record.Lookup("toolDenialKind")
	if kind.Kind() == events.String && (failed || only) {
		switch string(kind) {
		case `"user-rejected"`, `"interrupted"`, `"cancelled"`:
			return "user", kind
		case `"permission-rule"`:
			return "config", kind
		case `"automode-blocked"`, `"automode-unavailable"`:
			return "classifier", kind
		}
		return kind.String(), kind
	}
	if said := d.record.Lookup("toolUseResult"); only && (startsAs(said, `"User rejected tool use`) || startsAs(said, `"Error: User rejected tool use`)) {
		return "user", denials[0].source
	}
	if failed {
		for _, t := range denials {
			if startsAs(text, t.text) {
				return t.by, t.source
			}
		}
	}
	return "", nil
}

// denials is how results of calls that were denied begin, in versions that have no
// toolDenialKind.
var denials = [...]struct {
	text, by string
	source   events.Value
}{
	{`"The user doesn't want to `, "user", events.Value(`"user-rejected"`)},
	{`"[Request interrupted by user`, "user", events.Value(`"interrupted"`)},
	{`"Claude requested permissions to `, "config", events.Value(`"permission-rule"`)},
	{`"Permission to use `, "config", events.Value(`"permission-rule"`)},
}

// hookDecision makes an event of what a hook decided about a call.
func (d *decoder) hookDecision(attachment events.Value) {
	id, action := attachment.Lookup("toolUseID"), attachment.Lookup("decision")
	call := d.callOf(id)
	call.denied = string(action) == `"deny"`
	d.decision(id, call.tool(), action.String(), "hook", attachment.Lookup("hookEvent"), nil, d.copied)
}

// starts makes an event of the start of an agent by a call, unless there was one.
func (d *decoder) starts(agent, call events.Value) {
	t := d.threadNamed(agent)
	if t.told || t == d.thread {
		return
	}
	t.told, t.call = true, event.Kept(call.NonNull())
	d.event(events.TypeAgentSwitch, call)
	d.close(d.copied)
	d.Text("from_agent", d.Agent)
	d.Text("to_agent", agent)
	d.String("reason", "")
	d.End()
}
