package htmlreport

import (
	"time"

	"auditctl/pkg/stats"
)

// A timeline is bars that show how many events there were over time.
type timeline struct {
	Width int64 // of a bar, in milliseconds
	Bars  []bar
	Most  int64  // events of a bar
	Marks []mark // times below the bars
}

// A bar is the events of a time. Its sizes are in hundredths of those of all bars.
type bar struct {
	Start          time.Time
	Events, Errors int64
	X, Wide        float64
	Tall, Bad      float64 // of all events, and of the errors among them
}

type mark struct {
	X    float64
	Text string
}

func newTimeline(t *stats.Timeline, zone *time.Location) *timeline {
	if t == nil {
		return nil
	}
	l := &timeline{Width: t.Width}
	for _, b := range t.Buckets {
		l.Most = max(l.Most, b.Events)
	}
	wide := 100 / float64(len(t.Buckets))
	for i, b := range t.Buckets {
		one := bar{Start: b.Start.Time(), Events: b.Events, Errors: b.Errors, X: float64(i) * wide, Wide: wide}
		one.Tall, one.Bad = tall(b.Events, l.Most), tall(b.Errors, l.Most)
		l.Bars = append(l.Bars, one)
	}
	l.mark(zone)
	return l
}

// tall returns how tall a bar is, which can be seen if it has any events.
func tall(n, most int64) float64 {
	if n == 0 {
		return 0
	}
	return max(3, 100*float64(n)/float64(most))
}

// mark sets the times below the bars: round ones, fewer than seven.
func (l *timeline) mark(zone *time.Location) {
	const most = 6
	first, span := l.Bars[0].Start.UnixMilli(), l.Width*int64(len(l.Bars))
	step := steps[len(steps)-1]
	for _, s := range steps {
		if span/s < most {
			step = s
			break
		}
	}
	layout := "15:04:05.000"
	switch {
	case step >= minute && span > day && step < day:
		layout = "01-02 15:04"
	case step >= day:
		layout = "2006-01-02"
	case step >= minute:
		layout = "15:04"
	case step >= second:
		layout = "15:04:05"
	}
	_, offset := l.Bars[0].Start.In(zone).Zone()
	ahead := int64(offset) * second
	since := first + ahead
	since -= (since%step + step) % step
	for at := since - ahead; at < first+span; at += step {
		if at >= first {
			l.Marks = append(l.Marks, mark{100 * float64(at-first) / float64(span), time.UnixMilli(at).In(zone).Format(layout)})
		}
	}
}

// Units of time, in milliseconds.
const (
	second = 1000
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day
)

var steps = []int64{
	1, 2, 5, 10, 20, 50, 100, 200, 500,
	second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
	minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
	hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour,
	day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day,
	year, 5 * year, 20 * year, 100 * year, 500 * year, 2000 * year,
}
