package htmlreport

import (
	"html/template"
	"slices"

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
	Slowest               []slowCall
}

// maxRows is how many rows a table has at most, maxSlowest how many that of the slowest
// calls has, and maxLinks how many links to events a row has.
const (
	maxRows    = 25
	maxSlowest = 10
	maxLinks   = 8
)

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
