package mcp

import (
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// attempt records the call of a tool, unless it only goes on with an earlier one that needs
// input. It returns the call.
func (r *Recorder) attempt(at time.Time, q *request, m message) *request {
	tool, state := remembered(m.params.Lookup("name").NonNull()), m.params.Lookup("requestState").NonNull()
	responses := m.params.Lookup("inputResponses").NonNull()
	if state != nil || responses != nil {
		if earlier := r.open.take(inputFor(state, tool)); earlier != nil {
			earlier.id, earlier.method = q.id, q.method
			r.inputResponses(at, m, earlier.call)
			return earlier
		}
	}
	q.tool, q.call = tool, r.callID(m)
	r.begin(events.TypeToolCallAttempt, at, "", about{call: q.call, method: m.method, id: m.id,
		traceparent: q.traceparent, size: m.size})
	r.w.Keys()
	r.w.EndAttempt(tool, m.params.Lookup("arguments"))
	r.handOut()
	r.inputResponses(at, m, q.call)
	return q
}

// callID returns the id of a call: the client's own, or else one made of the request's.
func (r *Recorder) callID(m message) events.Value {
	meta := m.params.Lookup("_meta")
	for _, key := range []string{"claudecode/toolUseId", "callId"} {
		if id := meta.Lookup(key); id.Kind() == events.String && len(id) > len(`""`) {
			return remembered(id)
		}
	}
	if m.id == nil {
		return nil
	}
	id := events.AppendString(nil, r.run+":")
	text := event.AppendText(nil, remembered(m.id))
	return append(id[:len(id)-1], text[1:]...)
}

// callAnswered records the answer to a call, which may be no end.
func (r *Recorder) callAnswered(at time.Time, q *request, m message) {
	task := m.result.Lookup("taskId").NonNull()
	if task == nil {
		task = m.result.Lookup("task").Lookup("taskId").NonNull()
	}
	var later string
	switch kind := m.result.Lookup("resultType"); {
	case string(event.TextOf(kind)) == "input_required":
		later = inputFor(m.result.Lookup("requestState").NonNull(), q.tool)
	case string(event.TextOf(kind)) == "task" && task != nil,
		kind.NonNull() == nil && m.result.Lookup("content") == nil && task != nil:
		later = taskEnd(task)
	default:
		r.callEnded(at, q, m)
		return
	}
	r.answered(Server, at, m, q)
	r.inputRequests(at, m, q.call)
	if before := r.open.take(later); before != nil {
		r.unanswered(at, before, "another call waits for the same")
	}
	r.await(at, later, q)
}

// callEnded records the end of a call with an answer.
func (r *Recorder) callEnded(at time.Time, q *request, m message) {
	a := about{id: m.id, size: m.size}
	result := m.result
	switch {
	case m.error != nil:
		r.failure(at, q, a, m.error.Lookup("code"), messageOf(m.error))
	case string(result.Lookup("isError")) == "true":
		r.failure(at, q, a, events.Value(`"tool_error"`), shown(result))
	default:
		r.complete(at, q, a, "success", shown(result))
	}
}

func (r *Recorder) complete(at time.Time, q *request, a about, status string, result events.Value) {
	a.call, a.method, a.traceparent = q.call, q.method, q.traceparent
	if a.id == nil {
		a.id = q.id
	}
	r.begin(events.TypeToolCallComplete, at, "", a)
	r.w.Keys()
	ms, _ := event.MillisecondsBetween(q.began, at)
	r.w.EndComplete(q.tool, status, ms, result)
	r.handOut()
}

func (r *Recorder) failure(at time.Time, q *request, a about, kind, said events.Value) {
	a.call, a.method, a.traceparent = q.call, q.method, q.traceparent
	if a.id == nil {
		a.id = q.id
	}
	r.begin(events.TypeToolCallFailure, at, "", a)
	if ms, ok := event.MillisecondsBetween(q.began, at); ok {
		r.w.MetaFloat("duration_ms", ms)
	}
	r.w.Keys()
	r.w.EndFailure(q.tool, kind, said)
	r.handOut()
}

// messageOf returns the message of an error, or the error itself if it has none.
func messageOf(err events.Value) events.Value {
	if message := err.Lookup("message").NonNull(); message != nil {
		return message
	}
	return err
}

// shown returns what is shown of a result: its text if it has only that, or else its
// content.
func shown(result events.Value) events.Value {
	content := result.Lookup("content").NonNull()
	var only events.Value
	n := 0
	for one := range content.Elements() {
		if n++; n > 1 {
			return content
		}
		only = one.Lookup("text")
	}
	switch structured := result.Lookup("structuredContent").NonNull(); {
	case only.Kind() == events.String:
		return only
	case n == 0 && structured != nil:
		return structured
	case content == nil:
		return result
	}
	return content
}

// taskStatus records the end of the call that a task is for, if the task is over.
func (r *Recorder) taskStatus(at time.Time, task events.Value, size int64) {
	status := string(event.TextOf(task.Lookup("status").NonNull()))
	switch status {
	case "completed", "failed", "cancelled":
	default:
		return
	}
	q := r.open.take(taskEnd(task.Lookup("taskId").NonNull()))
	if q == nil {
		return
	}
	a := about{size: size}
	result, failed := task.Lookup("result").NonNull(), task.Lookup("error").NonNull()
	switch message := task.Lookup("statusMessage"); {
	case failed != nil:
		r.failure(at, q, a, failed.Lookup("code"), messageOf(failed))
	case status == "cancelled":
		r.failure(at, q, a, events.Value(`"cancelled"`), message)
	case string(result.Lookup("isError")) == "true":
		r.failure(at, q, a, events.Value(`"tool_error"`), shown(result))
	case status == "failed":
		r.failure(at, q, a, events.Value(`"task_failed"`), message)
	case size > 0 && result != nil && result.Lookup("isError") == nil:
		r.complete(at, q, a, "ended", shown(result)) // what was not kept may say more
	default:
		r.complete(at, q, a, "success", shown(result))
	}
}

// taskResult records the end of the call that a task is for, with its result.
func (r *Recorder) taskResult(at time.Time, task events.Value, m message) {
	if q := r.open.take(taskEnd(task)); q != nil {
		m.id = nil // which is that of the request for the result
		r.callEnded(at, q, m)
	}
}
