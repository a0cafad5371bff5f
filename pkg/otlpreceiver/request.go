package otlpreceiver

import (
	"context"
	"sync"
)

// A Request is log records whose sender waits for an answer.
type Request struct {
	receiver *Receiver
	ctx      context.Context // of the sender
	json     bool            // the body is JSON, else protobuf
	size     int64           // of the body; -1 if it is not known before it was read
	body     []byte
	held     int64     // how much of the budget of all requests the body takes
	answer   chan bool // whether it is recorded; has room for one

	mu     sync.Mutex
	queued bool // somebody takes it, or will
	gone   bool // nobody waits for the answer
}

// Accept answers that all of the request is recorded. Its lines are not valid any more.
func (q *Request) Accept() { q.end(true) }

// Refuse answers that not all of the request is recorded, so that it is sent again. Its
// lines are not valid any more.
func (q *Request) Refuse() { q.end(false) }

func (q *Request) end(recorded bool) {
	q.answer <- recorded
	q.release()
}

// queue hands the request to whoever takes it. There is room for those of all senders, but
// not for those that were given up and not taken yet.
func (q *Request) queue() {
	q.mu.Lock()
	q.queued = true
	q.mu.Unlock()
	select {
	case q.receiver.requests <- q:
	default:
		q.Refuse()
	}
}

// awaited reports whether the sender still waits for an answer. If not, the request is
// done with: it will be sent again.
func (q *Request) awaited() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gone {
		q.release()
	}
	return !q.gone
}

// leave says that nobody waits for the answer any more.
func (q *Request) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.gone = true
	if !q.queued {
		q.release()
	}
}

// release gives back the memory.
func (q *Request) release() {
	q.receiver.budget.Release(q.held)
	q.body, q.held = nil, 0
}
