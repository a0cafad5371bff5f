package merkle_test

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// However the leaves of a tree are divided into subtrees, a Stack of these has its root.
func TestStack(t *testing.T) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, i := range indexes {
			hashes = append(hashes, stored[i])
		}
		return hashes, nil
	})
	for size := int64(1); size <= 70; size++ {
		hashes, err := tlog.StoredHashes(size-1, fmt.Append(nil, size), reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
		root, err := tlog.TreeHash(size, reader)
		if err != nil {
			t.Fatal(err)
		}
		for from := range size + 1 {
			for to := from; to <= size; to++ {
				var s merkle.Stack
				for _, gap := range [][2]int64{{0, from}, {from, to}, {to, size}} {
					n := 0
					for level, at := range merkle.Subtrees(gap[0], gap[1]) {
						s.Add(level, stored[tlog.StoredHashIndex(level, at)])
						n++
					}
					if n > 12 {
						t.Errorf("%d subtrees for %v", n, gap)
					}
				}
				if s.Leaves() != size || s.Root() != root {
					t.Fatalf("%d leaves, divided at %d and %d: %d, root %v, want %v", size, from, to, s.Leaves(), s.Root(), root)
				}
			}
		}
	}
}
