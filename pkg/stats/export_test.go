package stats

import "testing"

// Buckets returns how many buckets the durations of g have.
func Buckets(g *Groups) (n int) {
	for _, d := range g.precision.all {
		n += d.buckets.used
	}
	return n
}

// LimitBuckets limits the number of buckets until t ends.
func LimitBuckets(t *testing.T, most int) {
	before := maxBucketsKept
	maxBucketsKept = most
	t.Cleanup(func() { maxBucketsKept = before })
}
