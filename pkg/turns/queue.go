package turns

// A queue has calls that were decided about but not attempted yet, oldest first. A call is
// in one at most.
type queue struct{ first, last *Call }

func (q *queue) push(c *Call) {
	if c.before = q.last; q.last == nil {
		q.first = c
	} else {
		q.last.after = c
	}
	q.last = c
}

func (q *queue) dropFirst() {
	next := q.first.after
	if q.first.after = nil; next == nil {
		q.last = nil
	} else {
		next.before = nil
	}
	q.first = next
}

func (q *queue) dropLast() {
	previous := q.last.before
	if q.last.before = nil; previous == nil {
		q.first = nil
	} else {
		previous.after = nil
	}
	q.last = previous
}
