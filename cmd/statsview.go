package cmd

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fatih/color"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// A statsView shows reports as text, section by section.
type statsView struct {
	*textView
	width int
	top   int // rows of a list
	bars  eventBarStyle
	bad   style
	dst   []byte
}

func newStatsView(colored bool, width, top int, zone *time.Location) *statsView {
	v := &statsView{textView: newTextView(colored, 0, zone), width: width, top: top}
	if colored {
		v.bad = newStyle(color.FgRed)
		v.bars = eventBarStyle{events: newStyle(color.FgCyan), errors: v.bad}
	}
	return v
}

// summary shows all that was counted, in sections.
func (v *statsView) summary(r *stats.Report) []byte {
	v.headline(r)
	if r.Events == 0 {
		return v.dst
	}
	v.counts("Types", "event_type", r.Types, r.Events)
	v.counts("Severities", "severity", r.Severities, r.Events)
	v.counts("Agents", "agent_id", r.Agents, r.Events)
	v.tools(r)
	v.failures(r)
	v.slowest(r)
	v.unfinished(r)
	v.timeline(r.Timeline)
	return v.dst
}

func (v *statsView) headline(r *stats.Report) {
	if r.Events == 0 {
		v.line("no events")
		return
	}
	sessions := report.Counted(r.Sessions, "session")
	if r.Others.Sessions > 0 {
		sessions = "more than " + sessions
	}
	v.line(fmt.Sprintf("%s, %s, %s", report.Counted(r.Events, "event"), report.Counted(r.Errors, "error"), sessions))
	if r.First.Known() {
		span := durationText(milliseconds(r.First.Time(), r.Last.Time()))
		v.line(fmt.Sprintf("%s to %s, %s", v.timeText(r.First), v.timeText(r.Last), span))
	}
	if r.Untimed > 0 {
		v.line(report.Counted(r.Untimed, "event") + " without a timestamp")
	}
}

// line appends a line by itself.
func (v *statsView) line(text string) {
	shown, _ := textCell(text).fit(v.width)
	v.dst = append(append(v.dst, shown...), '\n')
}

// section appends a table behind a blank line, and under it how many rows more
// there are.
func (v *statsView) section(t textTable, more int, others int64) {
	v.dst = append(v.dst, '\n')
	v.table(t, more, others)
}

func (v *statsView) table(t textTable, more int, others int64) {
	v.dst = t.appendTo(v.dst, v.width, v.bold, v.faint, &v.bars)
	switch {
	case more > 0 && others > 0:
		v.line(fmt.Sprintf("and %d more, and %s of others", more, report.Counted(others, "event")))
	case more > 0:
		v.line(fmt.Sprintf("and %d more", more))
	case others > 0:
		v.line("and " + report.Counted(others, "event") + " of others")
	}
}

// counts shows how many events have which name.
func (v *statsView) counts(title, key string, all []stats.Count, events int64) {
	t := textTable{columns: []textColumn{{title, false}, {"events", true}, {"errors", true}, {"share", true}}}
	shown := all[:min(len(all), v.top)]
	others := events
	for _, c := range all {
		others -= c.Events
	}
	for _, c := range shown {
		t.rows = append(t.rows, tableRow{
			[]cell{v.name(key, c.Name), v.number(c.Events), v.badNumber(c.Errors), v.share(c.Events, events)},
			&eventBar{c.Events, c.Errors, shown[0].Events},
		})
	}
	v.section(t, len(all)-len(shown), others)
}

func (v *statsView) tools(r *stats.Report) {
	if len(r.Tools) == 0 {
		return
	}
	t := textTable{columns: append([]textColumn{
		{"Tools", false}, {"calls", true}, {"failed", true}, {"denied", true}, {"no end", true},
	}, durationColumns...)}
	row := func(name cell, tool *stats.Tool) {
		cells := []cell{name, v.number(tool.Calls), v.badNumber(tool.Failures), v.badNumber(tool.Denials), v.badNumber(tool.Unfinished)}
		t.rows = append(t.rows, tableRow{append(cells, v.durations(tool.Durations)...), nil})
	}
	shown := r.Tools[:min(len(r.Tools), v.top)]
	for i := range shown {
		row(v.name("", shown[i].Name), &shown[i])
	}
	if r.Others.Tools != nil {
		row(cell{v.faint, []byte("others"), false}, r.Others.Tools)
	}
	v.section(t, len(r.Tools)-len(shown), 0)
}

func (v *statsView) failures(r *stats.Report) {
	if len(r.Failures) == 0 {
		return
	}
	t := textTable{columns: []textColumn{{"Failures", false}, {"events", true}, {"tool", false}, {"reason", false}, {"last message", false}}}
	shown := r.Failures[:min(len(r.Failures), v.top)]
	for _, f := range shown {
		message := v.name("", f.Message)
		message.quoted = false
		t.rows = append(t.rows, tableRow{[]cell{
			v.name("event_type", f.Type), v.number(f.Events), v.name("", f.Tool), v.name("", f.Reason), message,
		}, nil})
	}
	v.section(t, len(r.Failures)-len(shown), r.Others.Failures)
}

func (v *statsView) slowest(r *stats.Report) {
	if len(r.Slowest) == 0 {
		return
	}
	t := textTable{columns: []textColumn{{"Slowest calls", false}, {"took", true}, {"until", true}, {"turn", false}, {"session", false}}}
	for _, c := range r.Slowest {
		t.rows = append(t.rows, tableRow{[]cell{
			v.name("", c.Tool), textCell(durationText(c.Duration)), v.time(c.End), v.name("", c.Turn), v.name("", c.Session),
		}, nil})
	}
	v.section(t, 0, 0)
}

func (v *statsView) unfinished(r *stats.Report) {
	if len(r.Unfinished) == 0 {
		return
	}
	t := textTable{columns: []textColumn{{"Calls without an end", false}, {"since", true}, {"turn", false}, {"session", false}}}
	for _, a := range r.Unfinished {
		t.rows = append(t.rows, tableRow{[]cell{
			v.name("", a.Tool), v.time(a.Start), v.name("", a.Turn), v.name("", a.Session),
		}, nil})
	}
	v.section(t, int(r.Others.Unfinished), 0)
}

func (v *statsView) timeline(l *stats.Timeline) {
	if l == nil {
		return
	}
	t := textTable{columns: []textColumn{{"Every " + widthText(l.Width), true}, {"events", true}, {"errors", true}}}
	layout := v.bucketLayout(l)
	most := int64(0)
	for _, b := range l.Buckets {
		most = max(most, b.Events)
	}
	for _, b := range l.Buckets {
		t.rows = append(t.rows, tableRow{
			[]cell{textCell(b.Start.Time().In(v.zone).Format(layout)), v.number(b.Events), v.badNumber(b.Errors)},
			&eventBar{b.Events, b.Errors, most},
		})
	}
	v.section(t, 0, 0)
}

// bucketLayout returns how the starts of buckets are written: with the date where
// they have several.
func (v *statsView) bucketLayout(l *stats.Timeline) string {
	first, last := l.Buckets[0].Start.Time().In(v.zone), l.Buckets[len(l.Buckets)-1].Start.Time().In(v.zone)
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

// groups shows a table of groups.
func (v *statsView) groups(r *stats.GroupsReport) []byte {
	if r.Events == 0 {
		v.line("no events")
		return v.dst
	}
	var t textTable
	for _, key := range r.By {
		t.columns = append(t.columns, textColumn{key, false})
	}
	t.columns = append(t.columns, textColumn{"events", true}, textColumn{"errors", true})
	took := r.Others != nil && r.Others.Durations != nil
	for _, g := range r.Groups {
		took = took || g.Durations != nil
	}
	if took {
		t.columns = append(t.columns, durationColumns...)
	}
	shown := r.Groups[:min(len(r.Groups), v.top)]
	for _, g := range shown {
		var cells []cell
		for i, value := range g.By.Values {
			cells = append(cells, v.name(r.By[i], value))
		}
		cells = append(cells, v.number(g.Events), v.badNumber(g.Errors))
		if took {
			cells = append(cells, v.durations(g.Durations)...)
		}
		t.rows = append(t.rows, tableRow{cells, &eventBar{g.Events, g.Errors, shown[0].Events}})
	}
	others := int64(0)
	if r.Others != nil {
		others = r.Others.Events
	}
	v.table(t, len(r.Groups)-len(shown), others)
	return v.dst
}

// name returns a cell for the value of a key of the log, in the style that cat has
// for it. It tells a key that is absent from a text that is empty or a dash.
func (v *statsView) name(key string, val events.Value) cell {
	if val == nil {
		return cell{v.faint, []byte("-"), false}
	}
	text := val.AppendText(nil)
	if string(text) == "-" {
		return cell{v.styleOf(key, text), []byte(`"-"`), false}
	}
	return cell{v.styleOf(key, text), text, true}
}

func textCell(text string) cell { return cell{text: []byte(text)} }

func (v *statsView) number(n int64) cell { return textCell(strconv.FormatInt(n, 10)) }

// badNumber returns a cell for a number that had better be zero.
func (v *statsView) badNumber(n int64) cell {
	c := v.number(n)
	c.style = v.bad
	if n == 0 {
		c.style = v.faint
	}
	return c
}

func (v *statsView) share(n, all int64) cell {
	return textCell(fmt.Sprintf("%.1f%%", float64(n)/float64(all)*100))
}

func (v *statsView) time(t stats.Timestamp) cell {
	if !t.Known() {
		return cell{v.faint, []byte("-"), false}
	}
	return cell{v.faint, []byte(v.timeText(t)), false}
}

// timeText returns t as cat shows it.
func (v *statsView) timeText(t stats.Timestamp) string {
	return string(appendTime(nil, t.Time().In(v.zone), true))
}

var durationColumns = []textColumn{{"p50", true}, {"p95", true}, {"p99", true}, {"max", true}}

func (v *statsView) durations(d *stats.Durations) []cell {
	cells := make([]cell, len(durationColumns))
	for i := range cells {
		cells[i] = cell{v.faint, []byte("-"), false}
	}
	if d != nil {
		for i, ms := range []float64{d.P50, d.P95, d.P99, d.Max} {
			cells[i] = textCell(durationText(ms))
		}
	}
	return cells
}

// widthText returns the width of buckets in the largest unit that fits.
func widthText(ms int64) string {
	for _, unit := range []struct {
		name string
		ms   int64
	}{{"d", 86_400_000}, {"h", 3_600_000}, {"m", 60_000}, {"s", 1000}} {
		if ms%unit.ms == 0 {
			return strconv.FormatInt(ms/unit.ms, 10) + unit.name
		}
	}
	return strconv.FormatInt(ms, 10) + "ms"
}
