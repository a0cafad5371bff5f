package dialect

import (
	"strings"
	"time"

	"auditctl/pkg/events"
)

func (d *copilotDecoder) toolStart() {
	id := d.data.callID
	tool := d.data.tool
	if id != nil {
		if _, known := d.calls.get(id); known {
			d.other(events.SeverityDebug)
			return
		}
		d.calls.set(id, copilotCall{tool: kept(tool), parent: kept(d.parent), began: d.at})
	}
	if d.agent == nil {
		d.attempts++
	}
	d.openEvent(events.TypeToolCallAttempt, "")
	d.meta("call_id", id)
	d.meta("cwd", d.cwd)
	d.meta("server", d.data.server)
	d.keys()
	d.text("tool_name", tool)
	d.preview("arguments_preview", d.data.arguments)
	d.end()
}

func (d *copilotDecoder) toolComplete() {
	id := d.data.callID
	call, _ := d.calls.get(id)
	if id != nil {
		if call.ended {
			d.other(events.SeverityDebug)
			return
		}
		d.calls.set(id, copilotCall{tool: call.tool, parent: call.parent, ended: true})
	}
	ms, timed := milliseconds(d.data.telemetry.Lookup("metrics").Lookup("durationMs"), 1)
	if !timed && !call.began.IsZero() && d.at.After(call.began) {
		ms, timed = float64(d.at.Sub(call.began))/float64(time.Millisecond), true
	}
	result, failure := d.data.result, d.data.failure
	if content := result.Lookup("content"); content != nil {
		result = content
	}
	if message := failure.Lookup("message"); message != nil {
		result = message
	}
	outcome := boolOutcome(d.data.success)
	code := failure.Lookup("code")
	switch {
	case outcome == failed && string(code) == `"rejected"`:
		d.decision(id, call.tool, "deny", "user")
	case outcome == failed && string(code) == `"denied"`:
		d.decision(id, call.tool, "deny", "")
	case outcome == failed:
		d.openEvent(events.TypeToolCallFailure, "")
		d.meta("call_id", id)
		if timed {
			d.metaKey("duration_ms")
			d.dst = events.AppendFloat(d.dst, ms)
		}
		d.keys()
		d.text("tool_name", call.tool)
		d.text("error_type", code)
		d.preview("error_message", result)
		d.end()
	default:
		d.openEvent(events.TypeToolCallComplete, "")
		d.meta("call_id", id)
		d.keys()
		d.text("tool_name", call.tool)
		d.string("status", outcome.status())
		d.float("duration_ms", ms)
		d.preview("result_preview", result)
		d.end()
	}
}

// permission writes that somebody was asked about a call, or what was decided.
func (d *copilotDecoder) permission() {
	request := d.data.value.Lookup("requestId").NonNull()
	about := d.data.value.Lookup("permissionRequest")
	if about != nil {
		id := about.Lookup("toolCallId").NonNull()
		tool := about.Lookup("toolName").NonNull()
		if call, known := d.calls.get(id); known {
			tool = call.tool
		}
		if tool == nil {
			tool = about.Lookup("kind")
		}
		if request != nil {
			d.requests.set(request, copilotCall{id: kept(id), tool: kept(tool)})
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
	asked, _ := d.requests.get(request)
	if id := d.data.callID; id != nil {
		asked.id = id
	}
	if call, known := d.calls.get(asked.id); known {
		asked.tool = call.tool
		if action == "deny" {
			d.calls.set(asked.id, copilotCall{tool: call.tool, parent: call.parent, ended: true})
		}
	}
	d.decision(asked.id, asked.tool, action, by)
}

// decision writes what was decided about a call.
func (d *copilotDecoder) decision(id, tool events.Value, action, by string) {
	d.openEvent(events.TypeToolPolicyDecision, "")
	d.meta("call_id", id)
	d.metaString("decision", action)
	d.metaString("decided_by", by)
	d.metaPreview("reason", d.data.failure.Lookup("message"))
	d.meta("result", d.data.result.Lookup("kind"))
	d.keys()
	d.text("tool_name", tool)
	d.string("action", action)
	d.string("policy_source", by)
	d.end()
}
