package flow

import "sync"

// A queue has the batches of a flow. Those that were read are passed on in order, by
// whoever finishes the check of the first: it goes on with those after it that are checked
// already, and nobody waits for another goroutine to do it.
type queue struct {
	// pass passes a batch on, and returns one that can be used again.
	pass func(b *batch) (*batch, error)
	done chan struct{} // closed once nothing is passed on any more

	mu      sync.Mutex
	freed   sync.Cond // there is a free batch, or none is needed
	free    []*batch  // the last one used is taken first: its memory is still in the cache
	read    []*batch  // in order
	passing bool      // the first of these is being passed on
	closed  bool      // nothing more is read
	ended   bool      // done is closed
	err     error     // that ended it
}

// newQueue returns a queue of so many batches.
func newQueue(depth, outlets int, pass func(b *batch) (*batch, error)) *queue {
	q := &queue{pass: pass, done: make(chan struct{})}
	q.freed.L = &q.mu
	for range depth {
		q.free = append(q.free, newBatch(outlets))
	}
	return q
}

// take waits for a batch to read into. It returns nil once the queue is closed.
func (q *queue) take() *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.free) == 0 && !q.closed {
		q.freed.Wait()
	}
	if q.closed {
		return nil
	}
	last := len(q.free) - 1
	b := q.free[last]
	q.free = q.free[:last]
	return b
}

// add adds a batch that was read after all others. It returns false if the queue is
// closed, and the batch is not passed on.
func (q *queue) add(b *batch) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	b.checked = false
	q.read = append(q.read, b)
	return true
}

// check says that a batch is checked, and passes on what can be.
func (q *queue) check(b *batch) {
	q.mu.Lock()
	b.checked = true
	if !q.passing { // else somebody does that, and goes on with b
		for len(q.read) > 0 && q.read[0].checked {
			q.passFirst()
		}
		q.end()
	}
	q.mu.Unlock()
}

// passFirst passes on the first batch. Others use the queue meanwhile.
func (q *queue) passFirst() {
	first := q.read[0]
	q.passing = true
	q.mu.Unlock()
	free, err := q.pass(first)
	q.mu.Lock()
	q.passing = false
	if err != nil {
		q.err, q.read, q.closed = err, nil, true
		q.freed.Broadcast()
		return
	}
	q.read = append(q.read[:0], q.read[1:]...)
	q.free = append(q.free, free)
	q.freed.Signal()
}

// close says that nothing more is read. What was read is still passed on.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.freed.Broadcast()
	q.end()
}

// end closes done if nothing is passed on any more.
func (q *queue) end() {
	if q.closed && !q.passing && len(q.read) == 0 && !q.ended {
		q.ended = true
		close(q.done)
	}
}
