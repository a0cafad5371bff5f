package mcp

import (
	"strings"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// request records a request, which an answer will follow.
func (r *Recorder) request(from Side, at time.Time, m message) {
	key := answerTo(from, m.id)
	if before := r.open.take(key); before != nil {
		r.unanswered(at, before, "another request has its id")
	}
	q := &request{from: from, method: remembered(m.method), id: remembered(m.id), began: at,
		traceparent: remembered(m.params.Lookup("_meta").Lookup("traceparent")),
		task:        remembered(m.params.Lookup("taskId"))}
	switch method := string(event.TextOf(m.method)); {
	case method == "tools/call" && from == Client:
		q = r.attempt(at, q, m)
	default:
		if method == "initialize" {
			r.setProtocol(m.params.Lookup("protocolVersion"))
			r.setName(Client, m.params.Lookup("clientInfo"))
		}
		if method == "tools/list" {
			q.listing = r.tools.asked(m.params.Lookup("cursor"))
		}
		r.asked(from, at, m, about{})
		r.inputResponses(at, m, nil)
	}
	r.await(at, key, q)
}

// await adds a request to those that are open, under a key that none of them has.
func (r *Recorder) await(at time.Time, key string, q *request) {
	for _, dropped := range r.open.add(key, q) {
		r.unanswered(at, dropped, "too many requests are open to wait for its answer")
	}
}

// notification records a message that is not answered.
func (r *Recorder) notification(from Side, at time.Time, m message) {
	switch method := string(event.TextOf(m.method)); method {
	case "tools/call":
		if from == Client {
			r.attempt(at, &request{from: from, began: at}, m)
			return
		}
		r.asked(from, at, m, about{})
	case "notifications/cancelled":
		r.cancelled(from, at, m)
	case "notifications/tasks", "notifications/tasks/status":
		r.asked(from, at, m, about{})
		r.taskStatus(at, m.params, m.size)
	default:
		r.asked(from, at, m, about{})
	}
}

// asked records a request or a notification as what it is.
func (r *Recorder) asked(from Side, at time.Time, m message, a about) {
	a.from, a.method, a.id, a.size = from.String(), m.method, m.id, m.size
	a.traceparent = m.params.Lookup("_meta").Lookup("traceparent").NonNull()
	method := string(event.TextOf(m.method))
	severity := severityOf(method)
	if method == "notifications/message" {
		if said, ok := events.ParseSeverity(string(event.TextOf(m.params.Lookup("level")))); ok {
			severity = said
		}
	}
	r.begin("mcp."+shortened(method), at, severity, a)
	switch method {
	case "resources/read", "resources/subscribe", "resources/unsubscribe", "notifications/resources/updated":
		r.w.MetaPreview("mcp.resource.uri", m.params.Lookup("uri"))
	case "prompts/get":
		r.w.MetaPreview("gen_ai.prompt.name", m.params.Lookup("name"))
	}
	r.w.Keys()
	r.w.Preview("params_preview", m.previewed)
	r.finish()
}

// shortened returns a name that is part of a type or of a list, no longer than maxName.
func shortened(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	return name
}

// maxName is how long names may be, in bytes.
const maxName = 256

// severityOf returns the severity of what is asked for by a method.
func severityOf(method string) events.Severity {
	switch method {
	case "initialize", "server/discover", "resources/read", "resources/subscribe", "prompts/get",
		"sampling/createMessage", "elicitation/create", "tools/call", "tasks/cancel",
		"notifications/tools/list_changed", "notifications/cancelled":
		return events.SeverityInfo
	}
	return events.SeverityDebug
}

// cancelled records that a side gives up a request, its own or one that it serves.
func (r *Recorder) cancelled(from Side, at time.Time, m message) {
	id := m.params.Lookup("requestId").NonNull()
	q := r.open.find(answerTo(from, id))
	if q == nil {
		q = r.open.find(answerTo(from.other(), id))
	}
	var a about
	if q != nil {
		a.call = q.call
	}
	r.asked(from, at, m, a)
	if q == nil || q.cancelled {
		return
	}
	q.cancelled = true // and its answer may be on its way
	if q.call != nil {
		r.failure(at, q, about{}, events.Value(`"cancelled"`), m.params.Lookup("reason"))
	}
}

// answer records an answer.
func (r *Recorder) answer(from Side, at time.Time, m message) {
	q := r.open.take(answerTo(from.other(), m.id))
	switch {
	case q == nil || q.cancelled:
		r.answered(from, at, m, q)
	case q.call != nil:
		r.callAnswered(at, q, m)
	default:
		r.otherAnswered(from, at, q, m)
	}
}

// otherAnswered records the answer to a request that is no call.
func (r *Recorder) otherAnswered(from Side, at time.Time, q *request, m message) {
	switch string(event.TextOf(q.method)) {
	case "initialize":
		r.setProtocol(m.result.Lookup("protocolVersion"))
		r.setName(Server, m.result.Lookup("serverInfo"))
	case "server/discover":
		r.setName(Server, m.result.Lookup("serverInfo"))
	}
	r.answered(from, at, m, q)
	switch string(event.TextOf(q.method)) {
	case "tools/list":
		if m.result != nil {
			r.offered(at, q.listing, m)
		}
	case "tasks/get", "tasks/update", "tasks/cancel":
		r.taskStatus(at, m.result, m.size)
	case "tasks/result":
		r.taskResult(at, q.task, m)
	}
	r.inputRequests(at, m, nil)
}

// answered records an answer as what it is. The request is nil if it is not known.
func (r *Recorder) answered(from Side, at time.Time, m message, q *request) {
	a := about{from: from.String(), id: m.id, size: m.size}
	severity := events.SeverityDebug
	if q != nil {
		a.method, a.call, a.traceparent = q.method, q.call, q.traceparent
		severity = severityOf(string(event.TextOf(q.method)))
	}
	code := m.error.Lookup("code")
	if m.error != nil && string(code) != methodNotFound {
		severity = events.SeverityWarning
	}
	r.begin("mcp.answer", at, severity, a)
	switch {
	case q == nil:
		r.w.MetaTrue("unexpected")
	case q.cancelled:
		r.w.MetaTrue("late")
		fallthrough
	default:
		if ms, ok := event.MillisecondsBetween(q.began, at); ok {
			r.w.MetaFloat("duration_ms", ms)
		}
	}
	r.w.MetaPreview("action", m.result.Lookup("action")) // of an elicitation
	r.w.Keys()
	if m.error != nil {
		r.w.Text("error_type", code)
		r.w.Preview("error_message", messageOf(m.error))
	} else {
		r.w.Preview("result_preview", m.previewed)
	}
	r.finish()
}

// methodNotFound is the code by which clients find out what a server cannot do.
const methodNotFound = "-32601"

// unanswered records that a request is no longer open, without an answer.
func (r *Recorder) unanswered(at time.Time, q *request, why string) {
	switch {
	case q.cancelled: // which was said
	case q.call != nil:
		r.failure(at, q, about{}, events.Value(`"unanswered"`), quoted(why))
	default:
		r.begin("mcp.unanswered", at, events.SeverityDebug,
			about{from: q.from.String(), method: q.method, id: q.id, traceparent: q.traceparent})
		r.w.Keys()
		r.w.String("reason", why)
		r.finish()
	}
}

// inputRequests records what a server asks of the client inside an answer, for a call if it
// is not nil.
func (r *Recorder) inputRequests(at time.Time, m message, call events.Value) {
	for key, asked := range m.result.Lookup("inputRequests").Members() {
		inner := message{method: asked.Lookup("method").NonNull(), params: asked.Lookup("params").NonNull()}
		if inner.method.Kind() != events.String {
			inner.method = events.Value(`"inputRequests"`)
		}
		inner.previewed = inner.params
		r.asked(Server, at, inner, about{call: call, inputRequest: append([]byte{}, key...)})
	}
}

// inputResponses records what a client answers to these in a later request.
func (r *Recorder) inputResponses(at time.Time, m message, call events.Value) {
	responses := m.params.Lookup("inputResponses").NonNull()
	if responses == nil {
		return
	}
	r.begin("mcp.input_responses", at, events.SeverityInfo,
		about{call: call, from: Client.String(), method: m.method, id: m.id, size: m.size})
	r.w.Keys()
	r.w.Preview("responses_preview", responses)
	r.finish()
}
