package turns

// A chain is attempts in the order in which they began. An attempt is in up to three.
type chain[T any] struct{ first, last *OpenCall[T] }

type links[T any] struct{ before, after *OpenCall[T] }

// The chains that an attempt is in: of all, of those whose calls have the same hash,
// and of those whose ids have.
const (
	inAll = iota
	inCall
	inID
)

// push adds c at the end of l, the chain named in.
func (l *chain[T]) push(c *OpenCall[T], in int) {
	c.links[in] = links[T]{before: l.last}
	if l.last != nil {
		l.last.links[in].after = c
	} else {
		l.first = c
	}
	l.last = c
}

// remove takes c out of l, the chain named in.
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
