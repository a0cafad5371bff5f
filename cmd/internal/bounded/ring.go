package bounded

import "slices"

// A Ring keeps the last Most of what is added. It is for one goroutine.
type Ring[T any] struct {
	Most int64

	kept   []T
	oldest int
}

// Add adds one, and forgets the oldest if there are then more than Most.
func (r *Ring[T]) Add(one T) {
	switch {
	case r.Most <= 0:
	case int64(len(r.kept)) < r.Most:
		r.kept = append(r.kept, one)
	default:
		r.kept[r.oldest] = one
		r.oldest = (r.oldest + 1) % len(r.kept)
	}
}

// Full reports whether there are Most.
func (r *Ring[T]) Full() bool { return int64(len(r.kept)) >= r.Most }

// Oldest returns the oldest one. There must be one.
func (r *Ring[T]) Oldest() T { return r.kept[r.oldest] }

// All returns all in a new slice, the oldest first.
func (r *Ring[T]) All() []T {
	return slices.Concat(r.kept[r.oldest:], r.kept[:r.oldest])
}
