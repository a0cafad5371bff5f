package mcp

import (
	"container/list"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A request is one that was not answered yet, or a call whose answer was no end.
type request struct {
	from        Side
	method, id  events.Value
	call        events.Value // nil: it is no call of a tool
	tool        events.Value
	traceparent events.Value
	task        events.Value // that a request about a task names
	listing     int          // that a request for tools is about
	began       time.Time
	cancelled   bool // it was said that it ended

	key string
}

// requests are those that are open, by what will end them: an answer, or what comes later
// where the answer was no end. The zero requests are ready to use.
type requests struct {
	byKey map[string]*list.Element
	order list.List // the oldest first
	size  int       // of what is kept of them
}

// maxRequestsSize is how many bytes may be kept of all requests.
const maxRequestsSize = 16 << 20

// add adds a request under a key that none has. It returns those that are then no longer
// open: the oldest, if there are too many.
func (r *requests) add(key string, q *request) (dropped []*request) {
	if r.byKey == nil {
		r.byKey = map[string]*list.Element{}
	}
	q.key = key
	r.byKey[key] = r.order.PushBack(q)
	r.size += q.size()
	for r.order.Len() > dialect.MaxCalls || r.size > maxRequestsSize {
		dropped = append(dropped, r.oldest())
	}
	return dropped
}

// take removes the request with a key and returns it, nil if there is none.
func (r *requests) take(key string) *request {
	e := r.byKey[key]
	if e == nil {
		return nil
	}
	q := r.order.Remove(e).(*request)
	delete(r.byKey, key)
	r.size -= q.size()
	return q
}

// find returns the request with a key, nil if there is none.
func (r *requests) find(key string) *request {
	if e := r.byKey[key]; e != nil {
		return e.Value.(*request)
	}
	return nil
}

// oldest removes the oldest request and returns it, nil if there is none.
func (r *requests) oldest() *request {
	e := r.order.Front()
	if e == nil {
		return nil
	}
	return r.take(e.Value.(*request).key)
}

func (q *request) size() int {
	return len(q.method) + len(q.id) + len(q.call) + len(q.tool) + len(q.traceparent) + len(q.task) + len(q.key)
}

// answerTo is the key of a request that an answer ends. Each side has ids of its own.
func answerTo(from Side, id events.Value) string { return keyOf(from.String(), id) }

// taskEnd is the key of a call that the end of a task ends, inputFor that of one that a
// call with this state ends, or with none of this tool.
func taskEnd(task events.Value) string         { return keyOf("task", task) }
func inputFor(state, tool events.Value) string { return keyOf("input", state, tool) }
func keyOf(kind string, of ...events.Value) string {
	key := kind
	for _, v := range of {
		key += "\x00" + identity(v)
	}
	if len(key) > longest {
		sum := sha256.Sum256([]byte(key))
		key = string(sum[:])
	}
	return key
}

// identity returns a text that values have in common if they are the same id: 1 and 1.0
// are, 1 and "1" are not.
func identity(id events.Value) string {
	switch id.Kind() {
	case events.String:
		return `"` + string(event.TextOf(id))
	case events.Number:
		if f, ok := id.Float(); ok && strings.ContainsAny(string(id), ".eE") && f == float64(int64(f)) {
			return strconv.FormatInt(int64(f), 10)
		}
	}
	return string(id)
}

// longest is how long a value or a key may be that is remembered.
const longest = 1 << 10

// remembered returns a copy of v, a string that is cut if it is too long.
func remembered(v events.Value) events.Value {
	if v.Kind() == events.String && len(v) > longest {
		return event.AppendCut(nil, v, longest/12)
	}
	return event.Kept(v)
}
