package stats

import "testing"

// Buckets returns how many buckets hold the durations of g.
func Buckets(g *Groups) (n int) {
	for _, d := range g.precision.all {
		n += len(d.buckets)
	}
	return n
}

// LimitBuckets sets how many buckets there may be, until t ends.
func LimitBuckets(t *testing.T, most int) {
	before := maxBucketsKept
	maxBucketsKept = most
	t.Cleanup(func() { maxBucketsKept = before })
}
