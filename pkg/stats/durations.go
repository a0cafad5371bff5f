package stats

import (
	"cmp"
	"math"
	"slices"
)

// durations is a histogram of durations in milliseconds.
type durations struct {
	count      int64
	total, max float64
	buckets    buckets // by bucketOf
	*precision         // nil before the first
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
		d.precision, d.max = p, ms
		p.all = append(p.all, d)
	}
	d.count++
	d.total += ms
	d.max = max(d.max, ms)
	d.put(1, ms)
	for p.kept > maxBucketsKept {
		p.widen()
	}
}

// put adds durations that are in one bucket, of which longest is the longest.
func (d *durations) put(count int64, longest float64) {
	b := d.buckets.at(d.bucketOf(longest))
	if b.count == 0 {
		d.kept++
		b.max = longest
	}
	b.count += count
	b.max = max(b.max, longest)
}

// widen doubles the width of all buckets.
func (p *precision) widen() {
	p.coarser++
	p.kept = 0
	for _, d := range p.all {
		finer := d.buckets
		d.buckets = buckets{}
		for b := range finer.all() {
			d.put(b.count, b.max)
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
	sorted := slices.SortedFunc(d.buckets.all(), func(a, b bucket) int { return cmp.Compare(a.key, b.key) })
	below := int64(0) // the durations in buckets before those
	for _, quantile := range []struct {
		percent int64
		value   *float64
	}{{50, &r.P50}, {95, &r.P95}, {99, &r.P99}} {
		rank := (d.count*quantile.percent + 99) / 100
		for below+sorted[0].count < rank {
			below += sorted[0].count
			sorted = sorted[1:]
		}
		*quantile.value = sorted[0].max
	}
	return r
}
