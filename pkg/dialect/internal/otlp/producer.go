package otlp

import (
	"bytes"
	"strings"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A producer is a program whose log records are known.
type producer struct {
	prefix  string // of its events' names
	service string // its service.name, in lower case, begins with it
	usage   string // the event that tells what an answer of a model used
	cached  bool   // input tokens include those from a cache
	gemini  bool   // tokens are told as in Gemini CLI's chats
}

var (
	producers = [...]producer{
		{prefix: "claude_code.", service: "claude-code", usage: "api_request"},
		{prefix: "codex.", service: "codex", usage: "sse_event", cached: true},
		{prefix: "gemini_cli.", service: "gemini-cli", usage: "api_response", gemini: true},
		{prefix: "qwen-code.", service: "qwen-code", usage: "api_response", gemini: true},
	}
	// genAI is any program that keeps to the semantic conventions.
	genAI = producer{prefix: "gen_ai.", usage: "client.inference.operation.details", cached: true}
)

// nameLog finds the name of the event: the attribute, the record's own, or the body if it
// has the prefix of a known program. The program is the one whose prefix the name or the
// body has, or else the one that the scope or the service is named after.
func (d *decoder) nameLog(r *logRecord, eventName events.Value) {
	name := string(event.TextOf(d.attrs.first("event.name")))
	if name == "" {
		name = string(event.TextOf(eventName.NonNull()))
	}
	body := ""
	if r.message.Kind() == events.String && len(r.message) <= dialect.PreviewLength {
		body = string(event.TextOf(r.message))
	}
	r.producer = prefixed(name)
	if r.producer == nil {
		if r.producer = prefixed(body); r.producer != nil && name == "" {
			name = body
		}
	}
	if r.producer == nil {
		r.producer = d.resource.producer
	}
	r.name = name
	if r.producer != nil {
		r.name = strings.TrimPrefix(name, r.producer.prefix)
	}
	if body != "" && (body == name || body == r.fullName()) {
		r.message = nil
	}
}

// prefixed returns the program whose prefix the name of an event has.
func prefixed(name string) *producer {
	for i := range producers {
		if strings.HasPrefix(name, producers[i].prefix) {
			return &producers[i]
		}
	}
	if strings.HasPrefix(name, genAI.prefix) {
		return &genAI
	}
	return nil
}

// producerOf returns the program that a service or a scope is named after.
func producerOf(service, scope events.Value) *producer {
	serviceName, scopeName := bytes.ToLower(event.TextOf(service)), event.TextOf(scope)
	for i := range producers {
		p := &producers[i]
		if bytes.HasPrefix(serviceName, []byte(p.service)) || bytes.Contains(scopeName, []byte("."+p.prefix)) {
			return p
		}
	}
	return nil
}

func (r *logRecord) fullName() string {
	if r.producer != nil && r.name != "" {
		return r.producer.prefix + r.name
	}
	return r.name
}
