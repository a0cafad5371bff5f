package gemini

import (
	"bytes"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A part is a message, or a call in one.
type part struct {
	whole, id, kind, timestamp, content, model, tokens, calls events.Value
	name, arguments, status, result, display, agent           events.Value
}

func partOf(v events.Value) part {
	m := part{whole: v}
	for key, v := range v.Members() {
		switch string(key) {
		case "id":
			m.id = v.NonNull()
		case "type":
			m.kind = v
		case "timestamp":
			m.timestamp = v
		case "content":
			m.content = v
		case "model":
			m.model = v
		case "tokens":
			m.tokens = v
		case "toolCalls":
			m.calls = v
		case "name":
			m.name = v
		case "args":
			m.arguments = v
		case "status":
			m.status = v
		case "result":
			m.result = v
		case "resultDisplay":
			m.display = v.NonNull()
		case "agentId":
			m.agent = v.NonNull()
		}
	}
	return m
}

// message writes what is new in a message: it may be written again as it grows. If it is a
// record, something is written in any case.
func (d *decoder) message(v events.Value, record bool) {
	m := partOf(v)
	asked := d.TimeOf(m.timestamp)
	d.at = asked
	added, known := d.messages.Added(m.id, usage(m.tokens))
	if m.id != nil {
		d.copied = d.origins.Copied(m.id, d.log)
	}
	if d.copied {
		added = event.Usage{}
	}
	if record || !known || added != (event.Usage{}) {
		d.said(&m, known, added)
	}
	for v := range m.calls.Elements() {
		if call := partOf(v); !known || call.id != nil {
			d.at = asked
			d.call(&call)
		}
	}
	for v := range m.calls.Elements() {
		if call := partOf(v); !known || call.id != nil {
			d.at, _ = call.timestamp.Time()
			d.result(&call)
		}
	}
}

// said writes a message, but for its calls.
func (d *decoder) said(m *part, known bool, added event.Usage) {
	switch kind := string(m.kind); {
	case known && added == (event.Usage{}) || m.kind.Kind() != events.String:
		d.other(eventType(m.kind), m.whole)
	case kind == `"user"` && !known:
		d.prompt(m.id, m.content)
	case kind == `"error"`:
		d.open(events.TypeError, "")
		d.Keys()
		d.String("error_type", "error")
		d.Preview("error_message", firstText(m.content))
		d.String("error_context", "")
		d.End()
	default:
		severity := events.SeverityDebug
		if kind == `"warning"` {
			severity = events.SeverityWarning
		}
		d.open(eventType(m.kind), severity)
		d.Meta("model", m.model)
		d.MetaPreview("content", firstText(m.content))
		d.MetaUsage(added)
		d.Keys()
		d.End()
	}
}

func eventType(kind events.Value) string {
	if kind.Kind() != events.String {
		return "gemini.message"
	}
	return "gemini." + kind.String()
}

// prompt begins a turn, if the user said something: the results of calls are a user's
// messages, too.
func (d *decoder) prompt(id, content events.Value) {
	text := firstText(content)
	if text == nil {
		d.open("gemini.user", events.SeverityDebug)
		d.Keys()
		d.End()
		return
	}
	d.turn = bytes.Clone(id)
	d.open(events.TypeTurnStart, "")
	d.Meta("cwd", d.cwd)
	d.Keys()
	d.Preview("prompt_preview", text)
	d.End()
}

// firstText returns the first text of a content: a string, a part, or a list of them.
func firstText(content events.Value) events.Value {
	switch content.Kind() {
	case events.String:
		return content
	case events.Object:
		return content.Lookup("text").NonNull()
	}
	for part := range content.Elements() {
		if part.Kind() == events.String {
			return part
		}
		if text := part.Lookup("text").NonNull(); text != nil && string(part.Lookup("thought")) != "true" {
			return text
		}
	}
	return nil
}

// usage reads the tokens of a message.
func usage(v events.Value) event.Usage {
	return readTokens(v, "input", "output", "thoughts", "cached", "tool", "total")
}

// readTokens reads the numbers of tokens that an object has under these six names.
func readTokens(v events.Value, names ...string) event.Usage {
	var n [6]int64
	for key, v := range v.Members() {
		if i := slices.Index(names, string(key)); i >= 0 {
			n[i] = event.Count(v)
		}
	}
	return event.TokensOf(n[0], n[1], n[2], n[3], n[4], n[5])
}
