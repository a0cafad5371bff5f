package stats

import (
	"maps"
	"math"
	"slices"
)

// durations are how long some calls took, in milliseconds.
type durations struct {
	count      int64
	total, max float64
	buckets    map[uint64]bucket // by bucketOf
	*precision                   // nil before the first
}

// A bucket is durations that differ by less than 1 %.
type bucket struct {
	count int64
	max   float64
}

// A precision is how wide the buckets are of all the durations that share it.
// They hold maxBucketsKept buckets at most; where there would be more, all of them
// get buckets that are twice as wide.
type precision struct {
	coarser uint // how often the width was doubled
	kept    int
	all     []*durations
}

var maxBucketsKept = 1 << 20 // a variable for the tests

// bitsLeftOut are the bits of a float64 below its sign, its exponent and seven
// more: numbers that agree in the others differ by less than 1/128.
const bitsLeftOut = 52 - 7

// bucketOf returns the bucket of a duration. Larger durations have larger buckets.
func (p *precision) bucketOf(ms float64) uint64 {
	bits := math.Float64bits(ms)
	if ms < 0 {
		bits = ^bits
	} else {
		bits |= 1 << 63 // and so -0 is 0
	}
	return bits >> (bitsLeftOut + p.coarser)
}

func (d *durations) add(ms float64, p *precision) {
	if d.precision == nil {
		d.precision, d.buckets, d.max = p, map[uint64]bucket{}, ms
		p.all = append(p.all, d)
	}
	d.count++
	d.total += ms
	d.max = max(d.max, ms)
	d.put(bucket{1, ms})
	for p.kept > maxBucketsKept {
		p.widen()
	}
}

// put adds the durations of b, which are in one bucket.
func (d *durations) put(b bucket) {
	key := d.bucketOf(b.max)
	old, ok := d.buckets[key]
	if !ok {
		d.kept++
		old.max = b.max
	}
	d.buckets[key] = bucket{old.count + b.count, max(old.max, b.max)}
}

// widen makes all buckets twice as wide.
func (p *precision) widen() {
	p.coarser++
	p.kept = 0
	for _, d := range p.all {
		finer := d.buckets
		d.buckets = map[uint64]bucket{}
		for _, b := range finer {
			d.put(b)
		}
	}
}

// A Durations report says how long calls took, in milliseconds. P50, P95 and P99
// are percentiles by nearest rank: the smallest duration that at least 50, 95 or
// 99 of a hundred do not exceed, or one of the log's that is up to 1 % above it.
type Durations struct {
	Count int64   `json:"count"`
	Total float64 `json:"total"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// report returns nil if there are none.
func (d *durations) report() *Durations {
	if d.count == 0 {
		return nil
	}
	// Totals of hostile numbers may be beyond what JSON has numbers for.
	r := &Durations{Count: d.count, Total: min(max(-math.MaxFloat64, d.total), math.MaxFloat64), Max: d.max}
	keys := slices.Sorted(maps.Keys(d.buckets))
	below := int64(0) // how many are in the buckets before keys
	for _, quantile := range []struct {
		percent int64
		value   *float64
	}{{50, &r.P50}, {95, &r.P95}, {99, &r.P99}} {
		rank := (d.count*quantile.percent + 99) / 100
		for below+d.buckets[keys[0]].count < rank {
			below += d.buckets[keys[0]].count
			keys = keys[1:]
		}
		*quantile.value = d.buckets[keys[0]].max
	}
	return r
}
