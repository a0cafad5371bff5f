package htmlreport

import (
	"cmp"
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// pageView is what the template shows.
type pageView struct {
	*Page
	Policy, Style, Script template.HTML
	ZoneName              string
	Lines, Invalid        int64 // of all files
	OnPage, LeftOut       int64 // events
	Broken                []File
	Unread                []File
	Calls                 stats.Tool // of all tools
	Timeline              *timeline
	Failures, Denials     []problem
	Unfinished            []openCall
}

// maxRows is how many rows a table has at most, and maxLinks how many links to events a row
// has.
const (
	maxRows  = 25
	maxLinks = 8
)

// A problem is failures or denials of one kind.
type problem struct {
	stats.Failure
	Links []int  // numbers of events
	Find  string // what finds them all; empty: they are not on the page
}

// An openCall is a call without an end.
type openCall struct {
	stats.Attempt
	Link *int // the number of the event, if it is on the page
}

func (p *Page) view(a *arrangement) (v *pageView, err error) {
	v = &pageView{Page: p, ZoneName: zoneName(p.Zone), OnPage: int64(len(a.events)), LeftOut: p.Kept.LeftOut()}
	if v.Policy, v.Style, v.Script, err = code(); err != nil {
		return nil, err
	}
	for _, f := range p.Files {
		v.Lines += f.Lines
		v.Invalid += f.Invalid
		if f.Seal.State == Broken {
			v.Broken = append(v.Broken, f)
		}
		if f.Problem != "" {
			v.Unread = append(v.Unread, f)
		}
	}
	tools := p.Stats.Tools
	if p.Stats.Others.Tools != nil {
		tools = append(slices.Clone(tools), *p.Stats.Others.Tools)
	}
	for _, t := range tools {
		v.Calls.Calls += t.Calls
		v.Calls.Failures += t.Failures
		v.Calls.Denials += t.Denials
		v.Calls.Unfinished += t.Unfinished
	}
	v.Timeline = newTimeline(p.Stats.Timeline, p.Zone)
	v.problems(a)
	return v, nil
}

// problems sets the failures, denials and calls without an end, with the events on the page
// that tell of them.
func (v *pageView) problems(a *arrangement) {
	causes := map[[3]string][]int{}
	attempts := map[string]int{}
	for i, e := range a.events {
		if c := causeOf(e); alarmOf(e) == alarming {
			causes[c] = append(causes[c], i)
		}
		if e.Type() == events.TypeToolCallAttempt {
			at, _ := e.Lookup("timestamp").Time()
			attempts[attemptKey(at, textOf(e, "tool_name"), textOf(e, "session_id"), textOf(e, "turn_id"))] = i
		}
	}
	for _, f := range v.Stats.Failures {
		of := problem{Failure: f, Links: causes[[3]string{f.Type.String(), f.Tool.String(), f.Reason.String()}]}
		if len(of.Links) > 0 {
			of.Find = findsAll(a.events[of.Links[0]])
		}
		if f.Type.String() == events.TypeToolPolicyDecision {
			v.Denials = append(v.Denials, of)
		} else {
			v.Failures = append(v.Failures, of)
		}
	}
	for _, u := range v.Stats.Unfinished {
		at := time.Time{}
		if u.Start.Known() {
			at = u.Start.Time()
		}
		of := openCall{Attempt: u}
		if i, ok := attempts[attemptKey(at, u.Tool.String(), u.Session.String(), u.Turn.String())]; ok {
			of.Link = &i
		}
		v.Unfinished = append(v.Unfinished, of)
	}
}

func attemptKey(at time.Time, names ...string) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + "\x00" + strings.Join(names, "\x00")
}

// reasonKeys are the keys that say why something went wrong, see stats.Failure.
var reasonKeys = [...]string{"error_type", "pattern", "policy_source"}

// causeOf returns the type, tool and reason by which stats groups failures.
func causeOf(e events.Event) [3]string {
	c := [3]string{e.Type(), textOf(e, "tool_name"), ""}
	for _, key := range reasonKeys {
		c[2] = cmp.Or(c[2], textOf(e, key))
	}
	return c
}

// findsAll returns the search for events with the same cause.
func findsAll(e events.Event) string {
	keys := []string{"event_type", "tool_name"}
	for _, key := range reasonKeys {
		if textOf(e, key) != "" {
			keys = append(keys, key)
			break
		}
	}
	if e.Type() == events.TypeToolPolicyDecision {
		keys = append(keys, "action")
	}
	var terms []string
	for _, key := range keys {
		if text := textOf(e, key); text != "" {
			terms = append(terms, term(key, text))
		}
	}
	return strings.Join(terms, " ")
}

// term returns the search for events in which a key has a text.
func term(key, text string) string {
	quoted, _ := json.Marshal(text) // of a string, which cannot fail
	return key + ":" + string(terminal.EscapeJSON(quoted))
}

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
		"took":       view.Duration,
		"iso":        func(t time.Time) string { return t.In(p.Zone).Format(time.RFC3339Nano) },
		"clock":      func(t time.Time) string { return t.In(p.Zone).Format(shownTime) },
		"clockOfDay": func(t time.Time) string { return t.In(p.Zone).Format(layout) },
		"link":       func(i int) int { return i + 1 },
		"first":      func(links []int) []int { return links[:min(len(links), maxLinks)] },
		"percent":    func(n, of int64) string { return strconv.FormatFloat(100*float64(n)/float64(max(of, 1)), 'f', 2, 64) },
		"rows":       rows,
		"more":       func(n int) int { return max(0, n-maxRows) },
		"below":      func(tall float64) float64 { return 100 - tall },
		"width":      view.Width,
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
