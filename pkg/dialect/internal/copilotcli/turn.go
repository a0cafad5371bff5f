package copilotcli

import (
	"bytes"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

func (d *decoder) sessionStart() {
	if id := d.data.value.Lookup("sessionId").NonNull(); id != nil && !bytes.Equal(id, d.session) {
		*d = decoder{Writer: d.Writer, kind: d.kind, data: d.data, at: d.at, session: bytes.Clone(id)}
	}
	if model := d.data.value.Lookup("selectedModel").NonNull(); model != nil {
		d.model = bytes.Clone(model)
	}
	if cwd := d.data.value.Lookup("context").Lookup("cwd").NonNull(); cwd != nil {
		d.cwd = bytes.Clone(cwd)
	}
	d.openOther(events.SeverityDebug, "cwd", "model")
	d.Meta("cwd", d.cwd)
	d.Meta("model", d.model)
	d.Keys()
	d.End()
}

func (d *decoder) failed() {
	d.openEvent(events.TypeError, "")
	d.Meta("status_code", d.data.value.Lookup("statusCode"))
	d.Keys()
	d.Text("error_type", d.data.value.Lookup("errorType"))
	d.Preview("error_message", d.data.value.Lookup("message"))
	d.String("error_context", "")
	d.End()
}

// userMessage begins a turn, unless it is for a subagent, or one more message to a turn.
func (d *decoder) userMessage(id events.Value) {
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
	d.Meta("cwd", d.cwd)
	d.Meta("model", d.model)
	d.Keys()
	d.Preview("prompt_preview", d.data.content)
	d.End()
}

// turnEnd ends the turn.
func (d *decoder) turnEnd() {
	d.openEvent(events.TypeTurnEnd, "")
	d.MetaPreview("reason", d.data.value.Lookup("reason"))
	d.Keys()
	d.Preview("content_preview", d.answer)
	d.Int("function_calls_count", d.attempts)
	d.End()
	d.open, d.turn = false, nil
}

// message writes an answer of the model, with the tokens of its output.
func (d *decoder) message() {
	if d.agent == nil {
		d.last = true
		for range d.data.requests.Elements() {
			d.last = false
			break
		}
		if content := d.data.content; content.Kind() == events.String {
			d.answer = event.AppendCut(d.answer[:0], content, dialect.PreviewLength)
		} else {
			d.answer = bytes.Clone(content)
		}
	}
	output := event.Usage{Output: event.Count(d.data.output)}
	d.outputs = d.outputs || output.Output > 0
	d.tokens(output)
}

// usage writes what a call of the model used. Its answer's message may have told of the
// output.
func (d *decoder) usage() {
	u := event.Usage{
		Input:      event.Count(d.data.value.Lookup("inputTokens")),
		Output:     event.Count(d.data.output),
		CacheRead:  event.Count(d.data.value.Lookup("cacheReadTokens")),
		CacheWrite: event.Count(d.data.value.Lookup("cacheWriteTokens")),
	}
	u.Input = max(0, u.Input-u.CacheRead)
	if d.outputs && d.data.apiCall == nil {
		u.Output = 0
	}
	d.tokens(u)
}

// tokens writes the record with what u has more than the call of the model is known to
// have used.
func (d *decoder) tokens(u event.Usage) {
	u, _ = d.answers.Added(d.data.apiCall, u)
	d.openOther(events.SeverityDebug, "model")
	model := d.data.model
	if model == nil {
		model = d.model
	}
	d.Meta("model", model)
	d.MetaUsage(u)
	d.Keys()
	d.End()
}
