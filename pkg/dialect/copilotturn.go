package dialect

import (
	"bytes"

	"auditctl/pkg/events"
)

func (d *copilotDecoder) sessionStart() {
	if id := d.data.value.Lookup("sessionId").NonNull(); id != nil && !bytes.Equal(id, d.session) {
		*d = copilotDecoder{writer: d.writer, kind: d.kind, data: d.data, at: d.at, session: bytes.Clone(id)}
	}
	if model := d.data.value.Lookup("selectedModel").NonNull(); model != nil {
		d.model = bytes.Clone(model)
	}
	if cwd := d.data.value.Lookup("context").Lookup("cwd").NonNull(); cwd != nil {
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
	d.meta("status_code", d.data.value.Lookup("statusCode"))
	d.keys()
	d.text("error_type", d.data.value.Lookup("errorType"))
	d.preview("error_message", d.data.value.Lookup("message"))
	d.string("error_context", "")
	d.end()
}

// userMessage begins a turn, unless it is for a subagent, or one more message to a turn.
func (d *copilotDecoder) userMessage(id events.Value) {
	turn := d.data.interaction
	if d.agent != nil || d.data.value.Lookup("parentAgentTaskId").NonNull() != nil ||
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
	d.preview("prompt_preview", d.data.content)
	d.end()
}

// turnEnd ends the turn.
func (d *copilotDecoder) turnEnd() {
	d.openEvent(events.TypeTurnEnd, "")
	d.metaPreview("reason", d.data.value.Lookup("reason"))
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
		for range d.data.requests.Elements() {
			d.last = false
			break
		}
		content := d.data.content
		if content.Kind() == events.String {
			content = append(append(events.Value(`"`), beginning(content[1:len(content)-1], PreviewLength)...), '"')
		}
		d.answer = bytes.Clone(content)
	}
	output := usage{output: count(d.data.output)}
	d.outputs = d.outputs || output.output > 0
	d.tokens(output)
}

// usage writes what a call of the model used. Its answer's message may have told of the
// output.
func (d *copilotDecoder) usage() {
	u := usage{
		input:      count(d.data.value.Lookup("inputTokens")),
		output:     count(d.data.output),
		cacheRead:  count(d.data.value.Lookup("cacheReadTokens")),
		cacheWrite: count(d.data.value.Lookup("cacheWriteTokens")),
	}
	u.input = max(0, u.input-u.cacheRead)
	if d.outputs && d.data.apiCall == nil {
		u.output = 0
	}
	d.tokens(u)
}

// tokens writes the record with what u has more than the call of the model is known to
// have used.
func (d *copilotDecoder) tokens(u usage) {
	if id := d.data.apiCall; id != nil {
		known, _ := d.answers.get(id)
		all := known.most(u)
		d.answers.set(id, all)
		u = all.since(known)
	}
	d.openOther(events.SeverityDebug, "model")
	model := d.data.model
	if model == nil {
		model = d.model
	}
	d.meta("model", model)
	d.metaUsage(u)
	d.keys()
	d.end()
}
