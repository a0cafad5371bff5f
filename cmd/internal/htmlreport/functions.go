package htmlreport

import (
	"html/template"
	"strconv"
	"strings"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// zoneName returns what a reader knows a zone by.
func zoneName(zone *time.Location) string {
	if name := zone.String(); name != "Local" {
		return name
	}
	return "local time of the machine that made this report"
}

const shownTime = "2006-01-02 15:04:05.000"

// functions are those of the template.
func (p *Page) functions() template.FuncMap {
	layout := shownTime
	if first, last := p.Stats.First, p.Stats.Last; first.Known() && first.Time().In(p.Zone).Format(time.DateOnly) == last.Time().In(p.Zone).Format(time.DateOnly) {
		layout = layout[len("2006-01-02 "):]
	}
	return template.FuncMap{
		"text": terminal.Escape,
		"name": func(v events.Value) string { return terminal.Escape(v.NonNull().String()) },
		"number": func(n int64) string {
			text := strconv.FormatInt(n, 10)
			for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
				text = text[:i] + "," + text[i:]
			}
			return text
		},
		"counted":    report.Counted,
		"took":       spacedDuration,
		"iso":        func(t time.Time) string { return t.In(p.Zone).Format(time.RFC3339Nano) },
		"clock":      func(t time.Time) string { return t.In(p.Zone).Format(shownTime) },
		"clockOfDay": func(t time.Time) string { return t.In(p.Zone).Format(layout) },
		"link":       func(i int) int { return i + 1 },
		"first":      func(links []int) []int { return links[:min(len(links), maxLinks)] },
		"percent":    func(n, of int64) string { return strconv.FormatFloat(100*float64(n)/float64(max(of, 1)), 'f', 2, 64) },
		"rows":       rows,
		"more":       func(n int) int { return max(0, n-maxRows) },
		"below":      func(tall float64) float64 { return 100 - tall },
		"width":      view.BucketWidth,
		"counts":     newCounts,
		"find":       func(key string, v events.Value) string { return term(key, v.String()) },
		"findable":   func(v events.Value) bool { return v != nil && len(v) <= stats.MaxName },
	}
}

// spacedDuration returns a duration with a blank before its unit, if that is only one.
func spacedDuration(ms float64) string {
	text := view.Duration(ms)
	number := strings.TrimRight(text, "msd")
	if _, err := strconv.ParseFloat(number, 64); err != nil {
		return text
	}
	return number + "\u00a0" + text[len(number):]
}

// rows returns how many of so many rows are shown.
func rows(n int) int { return min(n, maxRows) }

// counts is a table of numbers of events.
type counts struct {
	Title, Name, Key string
	Rows             []stats.Count
	More             int
	All              int64
}

func newCounts(title, name, key string, all []stats.Count, events int64) counts {
	n := rows(len(all))
	return counts{title, name, key, all[:n], len(all) - n, events}
}
