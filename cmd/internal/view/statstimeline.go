package view

import (
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/stats"
)

// timeline shows the number of events over time. Several buckets in a row without any are
// one row.
func (v *Stats) timeline(l *stats.Timeline) {
	if l == nil {
		return
	}
	t := grid{columns: []gridColumn{{"Every " + BucketWidth(l.Width), true}, {"events", true}, {"errors", true}}}
	layout := v.bucketLayout(l)
	most := int64(0)
	for _, b := range l.Buckets {
		most = max(most, b.Events)
	}
	for left := l.Buckets; len(left) > 0; {
		if n := empty(left); n > 1 {
			t.rows = append(t.rows, gridRow{
				cells: []cell{{v.faint, []byte("…"), false}},
				note:  cell{v.faint, []byte(report.Counted(inUnits(int64(n)*l.Width)) + " without events"), false},
			})
			left = left[n:]
			continue
		}
		b := left[0]
		t.rows = append(t.rows, gridRow{
			cells: []cell{textCell(b.Start.Time().In(v.Zone).Format(layout)), v.number(b.Events), v.badNumber(b.Errors)},
			bar:   &eventBar{b.Events, b.Errors, most},
		})
		left = left[1:]
	}
	v.section(t, 0, 0)
}

// empty returns how many buckets at the beginning have no events.
func empty(buckets []stats.Bucket) (n int) {
	for n < len(buckets) && buckets[n].Events == 0 {
		n++
	}
	return n
}

// bucketLayout returns the time layout for the starts of buckets, with the date if they
// are on several days.
func (v *Stats) bucketLayout(l *stats.Timeline) string {
	first, last := l.Buckets[0].Start.Time().In(v.Zone), l.Buckets[len(l.Buckets)-1].Start.Time().In(v.Zone)
	layout := time.TimeOnly
	switch {
	case l.Width < 1000:
		layout = "15:04:05.000"
	case l.Width%(24*60*60*1000) == 0:
		return time.DateOnly
	case l.Width >= 60*1000:
		layout = "15:04"
	}
	if first.Format(time.DateOnly) != last.Format(time.DateOnly) {
		layout = time.DateOnly + " " + layout
	}
	return layout
}
