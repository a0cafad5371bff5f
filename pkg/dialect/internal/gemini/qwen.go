package gemini

import (
	"bytes"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A qwenState is what is remembered of a chat of Qwen Code, beside what is of one of
// Gemini CLI's.
type qwenState struct {
	asked  event.Memory[qwenAsked] // calls by their tools and arguments
	used   []qwenUsage             // not told of by both yet, the last maxQwenUsages of them
	buffer []byte
}

// A qwenAsked is the last call of a tool with its arguments.
type qwenAsked struct {
	id        events.Value
	ambiguous bool // another such call goes on
}

// A qwenUsage is what a call of the model used. Telemetry tells of it, and a message.
type qwenUsage struct {
	event.Usage
	telemetry bool
}

const maxQwenUsages = 32

// qwenRecord decodes a record of Qwen Code.
func (d *decoder) qwenRecord(r *fields, whole events.Value) {
	d.at = d.TimeOf(r[keyTimestamp])
	d.copied = d.origins.Copied(r[keyUUID], d.log)
	if !bytes.Equal(d.session, r[keySession]) {
		d.session, d.turn = bytes.Clone(r[keySession]), nil
	}
	d.agent, d.cwd = nil, nil
	var model, tokens, result, prompt events.Value
	for key, v := range whole.Members() {
		switch string(key) {
		case "agentId":
			d.agent = v.NonNull()
		case "cwd":
			d.cwd = v.NonNull()
		case "model":
			model = v
		case "usageMetadata":
			tokens = v
		case "toolCallResult":
			result = v
		case "promptId":
			prompt = v.NonNull()
		}
	}
	parts := r[keyMessage].Lookup("parts")
	subtype := r[keySubtype].NonNull()
	switch string(r[keyType]) {
	case `"user"`:
		d.qwenUser(r, prompt, subtype, parts)
	case `"assistant"`:
		d.open("gemini.assistant", events.SeverityDebug)
		d.Meta("model", model)
		d.MetaPreview("content", firstText(parts))
		d.MetaUsage(d.qwenUsed(qwenTokens(tokens), false))
		d.Keys()
		d.End()
		for part := range parts.Elements() {
			if call := part.Lookup("functionCall"); call != nil {
				d.qwenCall(call)
			}
		}
	case `"tool_result"`:
		d.qwenResult(parts, result)
	default:
		if string(subtype) == `"ui_telemetry"` && d.telemetry(r[keyPayload].Lookup("uiEvent")) {
			return
		}
		d.qwenOther(r, subtype)
	}
}

// qwenOther writes a record that no type of events fits.
func (d *decoder) qwenOther(r *fields, subtype events.Value) {
	kind := subtype
	if kind == nil {
		kind = r[keyType]
	}
	d.open(eventType(kind), events.SeverityDebug)
	payload := r[keyPayload]
	if string(kind) == `"ui_telemetry"` {
		payload = payload.Lookup("uiEvent")
	}
	d.MetaPreview("content", firstText(r[keyMessage].Lookup("parts")))
	d.MetaScalars(payload.Members(), "content")
	d.Keys()
	d.End()
}

// qwenUser begins a turn, if a user or a schedule said something to the main agent, and not
// while a turn went on.
func (d *decoder) qwenUser(r *fields, prompt, subtype, parts events.Value) {
	if d.agent != nil || subtype != nil && string(subtype) != `"cron"` || firstText(parts) == nil {
		d.qwenOther(r, subtype)
		return
	}
	if prompt == nil {
		prompt = r[keyUUID]
	}
	d.prompt(prompt, parts)
}

// qwenCall writes that a call was asked for.
func (d *decoder) qwenCall(call events.Value) {
	id, tool, arguments := call.Lookup("id").NonNull(), call.Lookup("name"), call.Lookup("args")
	if !d.attempt(id, tool, arguments) || id == nil {
		return
	}
	name := d.qwenName(tool, arguments)
	before, known := d.qwen.asked.Get(name)
	if known {
		other, _ := d.calls.Get(before.id)
		known = !other.ended
	}
	d.qwen.asked.Set(name, qwenAsked{id: event.Kept(id), ambiguous: known})
}

// qwenName returns what identifies a call in telemetry, which lacks its id.
func (d *decoder) qwenName(tool, arguments events.Value) []byte {
	d.qwen.buffer = append(append(d.qwen.buffer[:0], tool...), arguments...)
	return d.qwen.buffer
}

// qwenResult writes that calls ended.
func (d *decoder) qwenResult(parts, result events.Value) {
	wrote := false
	for part := range parts.Elements() {
		response := part.Lookup("functionResponse")
		if response == nil {
			continue
		}
		id := response.Lookup("id").NonNull()
		if id == nil {
			id = result.Lookup("callId").NonNull()
		}
		end := end{tool: response.Lookup("name")}
		if display := result.Lookup("resultDisplay"); display.Kind() == events.String {
			end.result = display
		}
		end.response(response.Lookup("response"))
		end.errorType = result.Lookup("errorType")
		end.state(result.Lookup("status"))
		wrote = d.callEnd(id, end) || wrote
	}
	if !wrote {
		d.open("gemini.tool_result", events.SeverityDebug)
		d.Meta("call_id", result.Lookup("callId"))
		d.Keys()
		d.End()
	}
}

// telemetry writes what an event of telemetry tells that messages do not, and reports
// whether there was such a thing.
func (d *decoder) telemetry(v events.Value) bool {
	name := v.Lookup("event.name").String()
	switch name {
	case "qwen-code.api_response":
		u := readTokens(v, "input_token_count", "output_token_count", "thoughts_token_count",
			"cached_content_token_count", "tool_token_count", "total_token_count")
		d.open("gemini.ui_telemetry", events.SeverityDebug)
		d.MetaScalars(v.Members())
		d.MetaUsage(d.qwenUsed(u, true))
		d.Keys()
		d.End()
	case "qwen-code.api_error":
		d.open(events.TypeError, "")
		d.Meta("model", v.Lookup("model"))
		d.Meta("status_code", v.Lookup("status_code"))
		d.Keys()
		d.Text("error_type", v.Lookup("error_type"))
		message := v.Lookup("error_message").NonNull()
		if message == nil {
			message = v.Lookup("error")
		}
		d.Preview("error_message", message)
		d.String("error_context", "")
		d.End()
	case "qwen-code.tool_call":
		return d.qwenDecision(v)
	default:
		return false
	}
	return true
}

// qwenDecision writes who allowed a call, or did not, if it is clear which call is meant
// and it has not ended. The call's end has its duration, then.
func (d *decoder) qwenDecision(v events.Value) bool {
	tool := v.Lookup("function_name")
	asked, known := d.qwen.asked.Get(d.qwenName(tool, v.Lookup("function_args")))
	if !known || asked.ambiguous {
		return false
	}
	call, known := d.calls.Get(asked.id)
	if !known || call.ended {
		return false
	}
	call.took, call.timed = event.Milliseconds(v.Lookup("duration_ms"), 1)
	action, by := "allow", "user"
	switch string(v.Lookup("decision")) {
	case `"accept"`, `"modify"`:
	case `"auto_accept"`:
		by = "config"
	case `"reject"`:
		action, call.ended = "deny", true
	default:
		action = ""
	}
	d.calls.Set(asked.id, call)
	if action == "" {
		return false
	}
	d.decision(asked.id, tool, action, by)
	return true
}

// qwenUsed returns what is new in what a call of the model used, of which telemetry tells,
// and a message.
func (d *decoder) qwenUsed(u event.Usage, telemetry bool) event.Usage {
	if u == (event.Usage{}) || d.copied {
		return event.Usage{}
	}
	for i, other := range d.qwen.used {
		if other.Usage == u && other.telemetry != telemetry {
			d.qwen.used = append(d.qwen.used[:i], d.qwen.used[i+1:]...)
			return event.Usage{}
		}
	}
	if len(d.qwen.used) == maxQwenUsages {
		d.qwen.used = append(d.qwen.used[:0], d.qwen.used[1:]...)
	}
	d.qwen.used = append(d.qwen.used, qwenUsage{u, telemetry})
	return u
}

func qwenTokens(v events.Value) event.Usage {
	return readTokens(v, "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount",
		"cachedContentTokenCount", "toolUsePromptTokenCount", "totalTokenCount")
}
