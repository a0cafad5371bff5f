package dialect

import (
	"bytes"
	"strings"

	"auditctl/pkg/events"
)

// An otlpProducer is a program whose log records are known.
type otlpProducer struct {
	prefix  string // of its events' names
	service string // its service.name, in lower case, begins with it
	usage   string // the event that tells what an answer of a model used
	cached  bool   // input tokens include those from a cache
	gemini  bool   // tokens are told as in Gemini CLI's chats
}

var (
	otlpAgents = [...]otlpProducer{
		{prefix: "claude_code.", service: "claude-code", usage: "api_request"},
		{prefix: "codex.", service: "codex", usage: "sse_event", cached: true},
		{prefix: "gemini_cli.", service: "gemini-cli", usage: "api_response", gemini: true},
		{prefix: "qwen-code.", service: "qwen-code", usage: "api_response", gemini: true},
	}
	// otlpGenAI is any program that keeps to the semantic conventions.
	otlpGenAI = otlpProducer{prefix: "gen_ai.", usage: "client.inference.operation.details", cached: true}
)

// nameLog finds the name of the event: the attribute, the record's own, or the body if it
// has the prefix of a known program. The program is the one whose prefix the name or the
// body has, or else the one that the scope or the service is named after.
func (d *otlpDecoder) nameLog(r *otlpLog, eventName events.Value) {
	name := string(textOf(d.attrs.first("event.name")))
	if name == "" {
		name = string(textOf(eventName.NonNull()))
	}
	body := ""
	if r.message.Kind() == events.String && len(r.message) <= PreviewLength {
		body = string(textOf(r.message))
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
func prefixed(name string) *otlpProducer {
	for i := range otlpAgents {
		if strings.HasPrefix(name, otlpAgents[i].prefix) {
			return &otlpAgents[i]
		}
	}
	if strings.HasPrefix(name, otlpGenAI.prefix) {
		return &otlpGenAI
	}
	return nil
}

// agentOf returns the agent that a service or a scope is named after.
func agentOf(service, scope events.Value) *otlpProducer {
	serviceName, scopeName := bytes.ToLower(textOf(service)), textOf(scope)
	for i := range otlpAgents {
		a := &otlpAgents[i]
		if bytes.HasPrefix(serviceName, []byte(a.service)) || bytes.Contains(scopeName, []byte("."+a.prefix)) {
			return a
		}
	}
	return nil
}

func (r *otlpLog) fullName() string {
	if r.producer != nil && r.name != "" {
		return r.producer.prefix + r.name
	}
	return r.name
}
