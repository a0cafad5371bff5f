package merkle

import (
	"iter"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// A Stack computes the root of a tree from the hashes of full subtrees, which follow one
// another from the first leaf on. It needs no more memory than there are levels. The zero
// Stack is that of an empty tree.
type Stack struct {
	n      int64
	hashes []tlog.Hash // of the largest full subtrees that n leaves have, in order
}

// Leaves returns the number of leaves.
func (s *Stack) Leaves() int64 { return s.n }

// Add adds the subtree of a level, which has 2^level leaves. The number of leaves before it
// must be a multiple of that.
func (s *Stack) Add(level int, h tlog.Hash) {
	for ; s.n>>level&1 == 1; level++ {
		last := len(s.hashes) - 1
		h = tlog.NodeHash(s.hashes[last], h)
		s.hashes = s.hashes[:last]
		s.n -= 1 << level
	}
	s.hashes = append(s.hashes, h)
	s.n += 1 << level
}

// Root returns the root of the tree, which must not be empty.
func (s *Stack) Root() tlog.Hash {
	last := len(s.hashes) - 1
	root := s.hashes[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(s.hashes[i], root)
	}
	return root
}

// Subtrees returns the level of the largest full subtrees that the leaves from one up to
// another, which is not among them, consist of, and the number of each in its level.
func Subtrees(from, to int64) iter.Seq2[int, int64] {
	return func(yield func(level int, n int64) bool) {
		for from < to {
			level := bits.Len64(uint64(to-from)) - 1
			if from > 0 {
				level = min(level, bits.TrailingZeros64(uint64(from)))
			}
			if !yield(level, from>>level) {
				return
			}
			from += 1 << level
		}
	}
}
