package view

import (
	"fmt"
	"strconv"

	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// The cells of a Stats.

// name returns a cell for the value of a key in the log, in the style that cat gives it.
// An absent key looks different from a text that is empty or a dash.
func (v *Stats) name(key string, val events.Value) cell {
	if val == nil {
		return cell{v.faint, []byte("-"), false}
	}
	text := val.AppendText(nil)
	if string(text) == "-" {
		return cell{v.styleOf(key, text), []byte(`"-"`), false}
	}
	return cell{v.styleOf(key, text), text, true}
}

func (v *Stats) number(n int64) cell { return textCell(strconv.FormatInt(n, 10)) }

// badNumber returns a cell for a number that should be zero.
func (v *Stats) badNumber(n int64) cell {
	c := v.number(n)
	c.style = v.bad
	if n == 0 {
		c.style = v.faint
	}
	return c
}

func (v *Stats) share(n, all int64) cell {
	return textCell(fmt.Sprintf("%.1f%%", float64(n)/float64(all)*100))
}

func (v *Stats) time(t stats.Timestamp) cell {
	if !t.Known() {
		return cell{v.faint, []byte("-"), false}
	}
	return cell{v.faint, []byte(v.timeText(t)), false}
}

// timeText returns t as cat shows it.
func (v *Stats) timeText(t stats.Timestamp) string {
	return string(appendTime(nil, t.Time().In(v.Zone), true))
}

var durationColumns = []gridColumn{{"p50", true}, {"p95", true}, {"p99", true}, {"max", true}}

func (v *Stats) durations(d *stats.Durations) []cell {
	cells := make([]cell, len(durationColumns))
	for i := range cells {
		cells[i] = cell{v.faint, []byte("-"), false}
	}
	if d != nil {
		for i, ms := range []float64{d.P50, d.P95, d.P99, d.Max} {
			cells[i] = textCell(Duration(ms))
		}
	}
	return cells
}

// inUnits returns a number of milliseconds in the largest unit that fits.
func inUnits(ms int64) (n int64, unit string) {
	for _, u := range []struct {
		name string
		ms   int64
	}{{"day", 86_400_000}, {"hour", 3_600_000}, {"minute", 60_000}, {"second", 1000}} {
		if ms%u.ms == 0 {
			return ms / u.ms, u.name
		}
	}
	return ms, "millisecond"
}

// BucketWidth returns the width of buckets of so many milliseconds, in one unit.
func BucketWidth(ms int64) string {
	n, unit := inUnits(ms)
	short := "ms"
	if unit != "millisecond" {
		short = unit[:1]
	}
	return strconv.FormatInt(n, 10) + short
}
