package cmd

// A ring keeps the last so many of what is added.
type ring[T any] struct {
	kept   []T
	oldest int
}

// add adds one, and forgets the oldest if there are more than most.
func (r *ring[T]) add(one T, most int64) {
	switch {
	case most == 0:
	case int64(len(r.kept)) < most:
		r.kept = append(r.kept, one)
	default:
		r.kept[r.oldest] = one
		r.oldest = (r.oldest + 1) % len(r.kept)
	}
}

// first returns the oldest one.
func (r *ring[T]) first() T { return r.kept[r.oldest] }

// inOrder returns all, the oldest first.
func (r *ring[T]) inOrder() []T {
	return append(r.kept[r.oldest:len(r.kept):len(r.kept)], r.kept[:r.oldest]...)
}
