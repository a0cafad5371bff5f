package sequence

import (
	"fmt"
	"slices"
)

// A Range is the numbers from First to Last.
type Range struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// Len returns how many numbers r has.
func (r Range) Len() int64 { return r.Last - r.First + 1 }

// String returns the numbers of r, as 7 or 7-9.
func (r Range) String() string {
	if r.First == r.Last {
		return fmt.Sprint(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// insert adds a number to ranges, which are in order and have gaps between them, unless
// that would make them more than limit. It reports whether they had it.
func insert(ranges []Range, n int64, limit int) (_ []Range, had bool) {
	i, had := slices.BinarySearchFunc(ranges, n, func(r Range, n int64) int {
		switch {
		case r.Last < n:
			return -1
		case r.First > n:
			return 1
		}
		return 0
	})
	if had {
		return ranges, true
	}
	below := i > 0 && ranges[i-1].Last == n-1
	above := i < len(ranges) && ranges[i].First-1 == n
	switch {
	case below && above:
		ranges[i-1].Last = ranges[i].Last
		ranges = slices.Delete(ranges, i, i+1)
	case below:
		ranges[i-1].Last = n
	case above:
		ranges[i].First = n
	case len(ranges) < limit:
		ranges = slices.Insert(ranges, i, Range{n, n})
	}
	return ranges, false
}
