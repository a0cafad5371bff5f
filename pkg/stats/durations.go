package stats

import (
	"maps"
	"math"
	"slices"
)

// durations is a histogram of durations in milliseconds.
type durations struct {
	count      int64
	total, max float64
	buckets    map[uint64]bucket // by bucketOf
	*precision                   // nil before the first
}

// A bucket counts durations that differ by less than 1 %.
type bucket struct {
	count int64
	max   float64
}

// A precision is the width of the buckets of all durations that share it. Together they
// have at most maxBucketsKept buckets: when they need more, all widths are doubled.
type precision struct {
	coarser uint // how often the widths were doubled
	kept    int
	all     []*durations
}

var maxBucketsKept = 1 << 20 // a variable for the tests

// bitsLeftOut is how many low bits of a float64 do not count: all but its sign, its
// exponent and the seven highest bits of its fraction. Numbers that are equal in those
// differ by less than 1/128.
const bitsLeftOut = 52 - 7

// bucketOf returns the bucket of a duration. Larger durations have larger buckets.
func (p *precision) bucketOf(ms float64) uint64 {
	bits := math.Float64bits(ms)
	if ms < 0 {
		bits = ^bits
	} else {
		bits |= 1 << 63 // also for -0, which equals 0
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

// put adds the durations of a bucket of the current or a smaller width.
func (d *durations) put(b bucket) {
	key := d.bucketOf(b.max)
	old, ok := d.buckets[key]
	if !ok {
		d.kept++
		old.max = b.max
	}
	d.buckets[key] = bucket{old.count + b.count, max(old.max, b.max)}
}

// widen doubles the width of all buckets.
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

// Durations summarizes durations, in milliseconds. P50, P95 and P99 are percentiles by
// nearest rank: the smallest duration with at least 50, 95 or 99 % of all at or below
// it, or another one of the log that is up to 1 % larger.
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
	// A hostile log may have a total that is infinite, which JSON cannot write.
	r := &Durations{Count: d.count, Total: min(max(-math.MaxFloat64, d.total), math.MaxFloat64), Max: d.max}
	keys := slices.Sorted(maps.Keys(d.buckets))
	below := int64(0) // the durations in buckets before keys
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
