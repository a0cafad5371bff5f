package copilotcli

import (
	"strings"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

func (d *decoder) toolStart() {
	id := d.data.callID
	tool := d.data.tool
	if id != nil {
		if _, known := d.calls.Get(id); known {
			d.other(events.SeverityDebug)
			return
		}
		d.calls.Set(id, toolCall{tool: event.Kept(tool), parent: event.Kept(d.parent), began: d.at})
	}
	if d.agent == nil {
		d.attempts++
	}
	d.openEvent(events.TypeToolCallAttempt, "")
	d.Meta("call_id", id)
	d.Meta("cwd", d.cwd)
	d.Meta("server", d.data.server)
	d.Keys()
	d.EndAttempt(tool, d.data.arguments)
}

func (d *decoder) toolComplete() {
	id := d.data.callID
	call, _ := d.calls.Get(id)
	if id != nil {
		if call.ended {
			d.other(events.SeverityDebug)
			return
		}
		d.calls.Set(id, toolCall{tool: call.tool, parent: call.parent, ended: true})
	}
	ms, timed := event.Milliseconds(d.data.telemetry.Lookup("metrics").Lookup("durationMs"), 1)
	if !timed {
		ms, timed = event.MillisecondsBetween(call.began, d.at)
	}
	result, failure := d.data.result, d.data.failure
	if content := result.Lookup("content"); content != nil {
		result = content
	}
	if message := failure.Lookup("message"); message != nil {
		result = message
	}
	outcome := event.BoolOutcome(d.data.success)
	code := failure.Lookup("code")
	switch {
	case outcome == event.Failed && string(code) == `"rejected"`:
		d.decision(id, call.tool, "deny", "user")
	case outcome == event.Failed && string(code) == `"denied"`:
		d.decision(id, call.tool, "deny", "")
	case outcome == event.Failed:
		d.openEvent(events.TypeToolCallFailure, "")
		d.Meta("call_id", id)
		if timed {
			d.MetaFloat("duration_ms", ms)
		}
		d.Keys()
		d.EndFailure(call.tool, code, result)
	default:
		d.openEvent(events.TypeToolCallComplete, "")
		d.Meta("call_id", id)
		d.Keys()
		d.EndComplete(call.tool, outcome.Status(), ms, result)
	}
}

// permission writes that somebody was asked about a call, or what was decided.
func (d *decoder) permission() {
	request := d.data.value.Lookup("requestId").NonNull()
	about := d.data.value.Lookup("permissionRequest")
	if about != nil {
		id := about.Lookup("toolCallId").NonNull()
		tool := about.Lookup("toolName").NonNull()
		if call, known := d.calls.Get(id); known {
			tool = call.tool
		}
		if tool == nil {
			tool = about.Lookup("kind")
		}
		if request != nil {
			d.requests.Set(request, toolCall{id: event.Kept(id), tool: event.Kept(tool)})
		}
		d.decision(id, tool, "ask", "")
		return
	}
	kind := d.data.result.Lookup("kind").String()
	action := "allow"
	switch {
	case strings.HasPrefix(kind, "denied"):
		action = "deny"
	case !strings.HasPrefix(kind, "approved"):
		d.other(events.SeverityDebug)
		return
	}
	by := ""
	switch kind {
	case "denied-interactively-by-user":
		by = "user"
	case "denied-by-permission-request-hook":
		by = "hook"
	case "denied-by-rules", "denied-by-content-exclusion-policy", "denied-no-approval-rule-and-could-not-request-from-user":
		by = "config"
	}
	asked, _ := d.requests.Get(request)
	if id := d.data.callID; id != nil {
		asked.id = id
	}
	if call, known := d.calls.Get(asked.id); known {
		asked.tool = call.tool
		if action == "deny" {
			d.calls.Set(asked.id, toolCall{tool: call.tool, parent: call.parent, ended: true})
		}
	}
	d.decision(asked.id, asked.tool, action, by)
}

// decision writes what was decided about a call.
func (d *decoder) decision(id, tool events.Value, action, by string) {
	d.openEvent(events.TypeToolPolicyDecision, "")
	d.Meta("call_id", id)
	d.MetaString("decision", action)
	d.MetaString("decided_by", by)
	d.MetaPreview("reason", d.data.failure.Lookup("message"))
	d.Meta("result", d.data.result.Lookup("kind"))
	d.Keys()
	d.Text("tool_name", tool)
	d.String("action", action)
	d.String("policy_source", by)
	d.End()
}
