package stats

import (
	"math"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// durations are how long some calls took.
type durations struct {
	count      int64
	total, max float64              // in milliseconds
	sketch     *hdr.PackedHistogram // in microseconds; takes memory for what it saw only
}

// Of the sketch. Two significant digits keep quantiles within 1 %.
const (
	significantDigits = 2
	longestMicros     = 1 << 53
)

func (d *durations) add(ms float64) {
	if d.sketch == nil {
		d.sketch = hdr.NewPacked(1, longestMicros, significantDigits)
		d.max = ms
	}
	d.count++
	d.total += ms
	d.max = max(d.max, ms)
	// Within these bounds there is no error.
	_ = d.sketch.RecordValue(int64(math.Round(min(max(0, ms*1000), longestMicros))))
}

// A Durations report says how long calls took, in milliseconds.
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
	micros := d.sketch.ValueAtPercentilesSlice([]float64{50, 95, 99})
	for i, quantile := range []*float64{&r.P50, &r.P95, &r.P99} {
		*quantile = min(float64(micros[i])/1000, d.max)
	}
	return r
}
