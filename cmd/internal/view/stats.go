package view

import (
	"fmt"

	"github.com/fatih/color"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/stats"
)

// A Stats shows one report as text, section by section.
type Stats struct {
	*look
	top  int // rows of a list
	bars eventBarStyle
	dst  []byte
}

// NewStats returns a Stats whose lists have at most top rows.
func NewStats(o Options, top int) *Stats {
	v := &Stats{look: newLook(o), top: top}
	if o.Color {
		v.bars = eventBarStyle{events: newStyle(color.FgCyan), errors: v.bad}
	}
	return v
}

// Summary shows all that was counted, in sections.
func (v *Stats) Summary(r *stats.Report) []byte {
	v.headline(r)
	if r.Events == 0 {
		return v.dst
	}
	v.counts("Types", "event_type", r.Types, r.Events)
	v.counts("Severities", "severity", r.Severities, r.Events)
	v.counts("Agents", "agent_id", r.Agents, r.Events)
	v.tools(r)
	v.tokens(r.Tokens)
	v.failures(r)
	v.slowest(r)
	v.unfinished(r)
	v.sequence(r.Sequence)
	v.timeline(r.Timeline)
	return v.dst
}

func (v *Stats) headline(r *stats.Report) {
	if r.Events == 0 {
		v.line("no events")
		return
	}
	sessions := report.Counted(r.Sessions, "session")
	if r.Others.Sessions > 0 {
		sessions = "more than " + sessions
	}
	counts := []string{report.Counted(r.Events, "event") + ",", report.Counted(r.Errors, "error") + ",", sessions}
	if r.Tokens != nil {
		counts[2] += ","
		counts = append(counts, report.Counted(r.Tokens.Total(), "token"))
	}
	v.line(counts...)
	if r.First.Known() {
		span := Duration(float64(r.Last.Time().UnixMicro()-r.First.Time().UnixMicro()) / 1000)
		v.line(v.timeText(r.First), "to "+v.timeText(r.Last)+",", span)
	}
	if r.Untimed > 0 {
		v.line(report.Counted(r.Untimed, "event") + " without a timestamp")
	}
}

// line appends phrases by themselves, those that do not fit on rows of their own.
func (v *Stats) line(phrases ...string) {
	used := 0
	for i, phrase := range phrases {
		shown, taken := textCell(phrase).fit(v.Width)
		switch {
		case i == 0:
		case used+1+taken > v.Width:
			v.dst = append(v.dst, '\n')
			used = 0
		default:
			v.dst = append(v.dst, ' ')
			used++
		}
		v.dst = append(v.dst, shown...)
		used += taken
	}
	v.dst = append(v.dst, '\n')
}

// section appends a blank line, a table, and how many more rows there are.
func (v *Stats) section(t grid, more int, others int64) {
	v.dst = append(v.dst, '\n')
	v.table(t, more, others)
}

func (v *Stats) table(t grid, more int, others int64) {
	v.dst = t.appendTo(v.dst, v.Width, v.bold, v.faint, &v.bars)
	switch {
	case more > 0 && others > 0:
		v.line(fmt.Sprintf("and %d more, and %s of others", more, report.Counted(others, "event")))
	case more > 0:
		v.line(fmt.Sprintf("and %d more", more))
	case others > 0:
		v.line("and " + report.Counted(others, "event") + " of others")
	}
}

// counts shows how many events have each name.
func (v *Stats) counts(title, key string, all []stats.Count, events int64) {
	t := grid{columns: []gridColumn{{title, false}, {"events", true}, {"errors", true}, {"share", true}}}
	shown := all[:min(len(all), v.top)]
	others := events
	for _, c := range all {
		others -= c.Events
	}
	for _, c := range shown {
		t.rows = append(t.rows, gridRow{
			cells: []cell{v.name(key, c.Name), v.number(c.Events), v.badNumber(c.Errors), v.share(c.Events, events)},
			bar:   &eventBar{c.Events, c.Errors, shown[0].Events},
		})
	}
	v.section(t, len(all)-len(shown), others)
}

func (v *Stats) tools(r *stats.Report) {
	if len(r.Tools) == 0 {
		return
	}
	t := grid{columns: append([]gridColumn{
		{"Tools", false}, {"calls", true}, {"failed", true}, {"denied", true}, {"no end", true},
	}, durationColumns...)}
	row := func(name cell, tool *stats.Tool) {
		cells := []cell{name, v.number(tool.Calls), v.badNumber(tool.Failures), v.badNumber(tool.Denials), v.badNumber(tool.Unfinished)}
		t.rows = append(t.rows, gridRow{cells: append(cells, v.durations(tool.Durations)...)})
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

func (v *Stats) failures(r *stats.Report) {
	if len(r.Failures) == 0 {
		return
	}
	t := grid{columns: []gridColumn{{"Failures", false}, {"events", true}, {"tool", false}, {"reason", false}, {"last message", false}}}
	shown := r.Failures[:min(len(r.Failures), v.top)]
	for _, f := range shown {
		message := v.name("", f.Message)
		message.quoted = false
		t.rows = append(t.rows, gridRow{cells: []cell{
			v.name("event_type", f.Type), v.number(f.Events), v.name("", f.Tool), v.name("", f.Reason), message,
		}})
	}
	v.section(t, len(r.Failures)-len(shown), r.Others.Failures)
}

func (v *Stats) slowest(r *stats.Report) {
	if len(r.Slowest) == 0 {
		return
	}
	t := grid{columns: []gridColumn{{"Slowest calls", false}, {"took", true}, {"until", true}, {"turn", false}, {"session", false}}}
	for _, c := range r.Slowest {
		t.rows = append(t.rows, gridRow{cells: []cell{
			v.name("", c.Tool), textCell(Duration(c.Duration)), v.time(c.End), v.name("", c.Turn), v.name("", c.Session),
		}})
	}
	v.section(t, 0, 0)
}

func (v *Stats) unfinished(r *stats.Report) {
	if len(r.Unfinished) == 0 {
		return
	}
	t := grid{columns: []gridColumn{{"Calls without an end", false}, {"since", true}, {"turn", false}, {"session", false}}}
	for _, a := range r.Unfinished {
		t.rows = append(t.rows, gridRow{cells: []cell{
			v.name("", a.Tool), v.time(a.Start), v.name("", a.Turn), v.name("", a.Session),
		}})
	}
	v.section(t, int(r.Others.Unfinished), 0)
}
