package dialect

import (
	"bytes"
	"slices"

	"auditctl/pkg/events"
)

// A geminiPart is a message, or a call in one.
type geminiPart struct {
	whole, id, kind, timestamp, content, model, tokens, calls events.Value
	name, arguments, status, result, display, agent           events.Value
}

func readGemini(v events.Value) geminiPart {
	m := geminiPart{whole: v}
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
func (d *geminiDecoder) message(v events.Value, record bool) {
	m := readGemini(v)
	asked, _ := m.timestamp.Time()
	d.at = asked
	used, known := usage{}, false
	if m.id != nil {
		used, known = d.messages.get(m.id)
		d.copied = d.origins.copied(m.id, d.log)
	}
	now := used.most(geminiUsage(m.tokens))
	if m.id != nil {
		d.messages.set(m.id, now)
	}
	added := now.since(used)
	if d.copied {
		added = usage{}
	}
	if record || !known || added != (usage{}) {
		d.said(&m, known, added)
	}
	for v := range m.calls.Elements() {
		if call := readGemini(v); !known || call.id != nil {
			d.at = asked
			d.call(&call)
		}
	}
	for v := range m.calls.Elements() {
		if call := readGemini(v); !known || call.id != nil {
			d.at, _ = call.timestamp.Time()
			d.result(&call)
		}
	}
}

// said writes a message, but for its calls.
func (d *geminiDecoder) said(m *geminiPart, known bool, added usage) {
	switch kind := string(m.kind); {
	case known && added == (usage{}) || m.kind.Kind() != events.String:
		d.other(geminiEventType(m.kind), m.whole)
	case kind == `"user"` && !known:
		d.prompt(m.id, m.content)
	case kind == `"error"`:
		d.open(events.TypeError, "")
		d.keys()
		d.string("error_type", "error")
		d.preview("error_message", firstText(m.content))
		d.string("error_context", "")
		d.end()
	default:
		severity := events.SeverityDebug
		if kind == `"warning"` {
			severity = events.SeverityWarning
		}
		d.open(geminiEventType(m.kind), severity)
		d.meta("model", m.model)
		d.metaPreview("content", firstText(m.content))
		d.metaUsage(added)
		d.keys()
		d.end()
	}
}

func geminiEventType(kind events.Value) string {
	if kind.Kind() != events.String {
		return "gemini.message"
	}
	return "gemini." + kind.String()
}

// prompt begins a turn, if the user said something: the results of calls are a user's
// messages, too.
func (d *geminiDecoder) prompt(id, content events.Value) {
	text := firstText(content)
	if text == nil {
		d.open("gemini.user", events.SeverityDebug)
		d.keys()
		d.end()
		return
	}
	d.turn = bytes.Clone(id)
	d.open(events.TypeTurnStart, "")
	d.meta("cwd", d.cwd)
	d.keys()
	d.preview("prompt_preview", text)
	d.end()
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

// geminiUsage reads the tokens of a message.
func geminiUsage(v events.Value) usage {
	return readTokens(v, "input", "output", "thoughts", "cached", "tool", "total")
}

// readTokens reads the numbers of tokens that an object has under these six names.
func readTokens(v events.Value, names ...string) usage {
	var n [6]int64
	for key, v := range v.Members() {
		if i := slices.Index(names, string(key)); i >= 0 {
			n[i] = count(v)
		}
	}
	return tokensOf(n[0], n[1], n[2], n[3], n[4], n[5])
}
