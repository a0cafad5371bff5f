package stats

import "slices"

// A timeline counts events over time, in buckets that become wider as the time
// they span grows.
type timeline struct {
	offset  int64 // of the location from UTC, in milliseconds
	scale   int   // the buckets' width is widths[scale]
	first   int64 // the time of the first bucket, in widths
	buckets []counts
}

// maxBuckets is how many buckets a timeline keeps: many more than are reported, so that
// the reported ones can have other widths.
const maxBuckets = 2000

// widths are the widths of the kept buckets, in milliseconds. Each is a multiple of the
// one before, so that buckets can be merged.
var widths = []int64{
	1, 5, 10, 50, 100, 500,
	second, 5 * second, 10 * second, 30 * second,
	minute, 5 * minute, 10 * minute, 30 * minute,
	hour, 6 * hour, 12 * hour,
	day, 10 * day, 100 * day, 1000 * day, 10_000 * day,
}

// shownWidths are the widths of reported buckets, in milliseconds.
var shownWidths = []int64{
	1, 2, 5, 10, 20, 50, 100, 200, 500,
	second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
	minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
	hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
	day, 2 * day, 7 * day, 10 * day, 20 * day, 50 * day, 100 * day, 200 * day, 500 * day,
	1000 * day, 2000 * day, 5000 * day, 10_000 * day, 20_000 * day, 50_000 * day, 100_000 * day, 200_000 * day,
}

// firstMicro is the earliest timestamp that can be written, in microseconds.
const firstMicro = -62_135_596_800_000_000

// Units of time in milliseconds.
const (
	second = 1000
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

func (l *timeline) add(n *note) {
	ms := floor(n.at.micros, 1000) + l.offset
	i := floor(ms, widths[l.scale])
	if len(l.buckets) == 0 {
		l.first = i
	}
	for l.span(i) > maxBuckets {
		l.widen()
		i = floor(ms, widths[l.scale])
	}
	if i < l.first {
		l.buckets = slices.Insert(l.buckets, 0, make([]counts, l.first-i)...)
		l.first = i
	}
	for i >= l.first+int64(len(l.buckets)) {
		l.buckets = append(l.buckets, counts{})
	}
	l.buckets[i-l.first].add(n.rank, 1)
}

// span returns how many buckets there must be to have one at i.
func (l *timeline) span(i int64) int64 {
	return max(i+1, l.first+int64(len(l.buckets))) - min(i, l.first)
}

// widen makes the buckets wider by one step.
func (l *timeline) widen() {
	width := widths[l.scale]
	l.scale++
	first, wider := regroup(l.first, l.buckets, widths[l.scale]/width)
	l.first, l.buckets = first, wider
}

// regroup merges buckets, ratio of them into one.
func regroup(first int64, buckets []counts, ratio int64) (newFirst int64, wider []counts) {
	newFirst = floor(first, ratio)
	for i, b := range buckets {
		at := int(floor(first+int64(i), ratio) - newFirst)
		for at >= len(wider) {
			wider = append(wider, counts{})
		}
		wider[at].events += b.events
		wider[at].errors += b.errors
	}
	return newFirst, wider
}

// floor divides and rounds down.
func floor(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}

// A Timeline has the number of events over time, in at most [Summary.Buckets] buckets of
// equal width, without gaps.
type Timeline struct {
	Width   int64    `json:"bucket_ms"` // in milliseconds
	Buckets []Bucket `json:"buckets"`
}

// A Bucket counts the events of a time span that begins at Start.
type Bucket struct {
	Start  Timestamp `json:"start"`
	Events int64     `json:"events"`
	Errors int64     `json:"errors"`
}

// DefaultBuckets is the default of [Summary.Buckets].
const DefaultBuckets = 24

// report returns a timeline of so many buckets at most, nil if there are none.
func (l *timeline) report(most int) *Timeline {
	if len(l.buckets) == 0 {
		return nil
	}
	kept := widths[l.scale]
	for _, width := range shownWidths {
		if width%kept != 0 {
			continue
		}
		first, buckets := regroup(l.first, l.buckets, width/kept)
		if len(buckets) > most {
			continue
		}
		r := &Timeline{Width: width}
		for i, b := range buckets {
			start := Timestamp{max(firstMicro, ((first+int64(i))*width-l.offset)*1000), true}
			r.Buckets = append(r.Buckets, Bucket{start, b.events, b.errors})
		}
		return r
	}
	return nil // unreachable: the widest buckets hold all possible timestamps
}
