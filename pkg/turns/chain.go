package turns

// A chain is a linked list of attempts, oldest first. An attempt is in two or three.
type chain[T any] struct{ first, last *OpenCall[T] }

type links[T any] struct{ before, after *OpenCall[T] }

// The chains an attempt is in: all attempts, those in the same bucket by call, and, if
// it has an id, those in the same bucket by id.
const (
	inAll = iota
	inCall
	inID
)

// push appends c to l; in says which of its chains that is.
func (l *chain[T]) push(c *OpenCall[T], in int) {
	c.links[in] = links[T]{before: l.last}
	if l.last != nil {
		l.last.links[in].after = c
	} else {
		l.first = c
	}
	l.last = c
}

// remove removes c from l; in says which of its chains that is.
func (l *chain[T]) remove(c *OpenCall[T], in int) {
	before, after := c.links[in].before, c.links[in].after
	if before != nil {
		before.links[in].after = after
	} else {
		l.first = after
	}
	if after != nil {
		after.links[in].before = before
	} else {
		l.last = before
	}
}
