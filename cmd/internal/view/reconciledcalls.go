package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/reconcile"
)

// titles are those of the tables of findings.
var titles = []struct {
	what  reconcile.What
	title string
}{
	{reconcile.Missing, "Missing in "}, {reconcile.NoEndIn, "Without an end in "}, {reconcile.NoAttemptIn, "Without an attempt in "},
	{reconcile.EndedDifferently, "Ended differently"}, {reconcile.DeniedButRan, "Denied, but ran"},
}

func (v *Reconciled) findings() {
	for _, t := range titles {
		byIn := map[string][]reconcile.Finding{}
		var order []string
		for _, f := range v.report.Findings {
			if f.What != t.what {
				continue
			}
			var names []string
			for _, name := range f.In {
				names = append(names, v.nameOf(name))
			}
			in := strings.Join(names, ", ")
			if byIn[in] == nil {
				order = append(order, in)
			}
			byIn[in] = append(byIn[in], f)
		}
		slices.Sort(order)
		for _, in := range order {
			v.calls(t.title+in, byIn[in])
		}
	}
	if all := v.report.Missing + v.report.NoEnd + v.report.NoAttempt + v.report.EndedDifferently + v.report.DeniedButRan; len(v.report.Findings) == reconcile.MaxFindings {
		v.line(fmt.Sprintf("the first %d are listed, of %d", reconcile.MaxFindings, all))
	}
}

// calls shows calls, each with what the records say about it, and where.
func (v *Reconciled) calls(title string, calls []reconcile.Finding) {
	t := grid{ids: true, columns: []gridColumn{{title, false}, {"at", true}, {"tool", false}, {"outcome", false}, {"where", false}}}
	dated := !v.short || !v.sameDay(calls)
	session, one := oneSession(calls)
	if !one {
		t.columns = append(t.columns, gridColumn{"session", false})
	}
	for _, f := range calls {
		var outcomes, places []string
		for _, s := range f.Seen {
			places = append(places, fmt.Sprintf("%s:%d", v.nameOf(s.File), s.Line))
			if o := string(s.Outcome); !slices.Contains(outcomes, o) {
				outcomes = append(outcomes, o)
			}
		}
		outcome := textCell(strings.Join(outcomes, " / "))
		if len(outcomes) == 1 {
			outcome.style = v.outcome(outcomes[0])
		}
		cells := []cell{v.optional(f.CallID), v.when(f.Time, dated), v.text(f.Tool), outcome, textCell(strings.Join(places, " "))}
		if !one {
			cells = append(cells, v.optional(f.Session))
		}
		t.rows = append(t.rows, gridRow{cells: cells})
	}
	v.section(t, 0, 0)
	if one && session != "" {
		v.line("in session", report.Readable(session))
	}
}

// oneSession returns the session that all calls are of, empty for none.
func oneSession(calls []reconcile.Finding) (session string, one bool) {
	for i, f := range calls {
		of := ""
		if f.Session != nil {
			of = *f.Session
		}
		if i > 0 && of != session {
			return "", false
		}
		session = of
	}
	return session, true
}

func (v *Reconciled) notRun() {
	if len(v.report.NotRun) > 0 {
		v.calls("Did not run", v.report.NotRun)
	}
}

func (v *Reconciled) sessions(title string, sessions []reconcile.Session) {
	tables := map[string]*grid{}
	var order []string
	for _, s := range sessions {
		t := tables[s.In]
		if t == nil {
			t = &grid{ids: true, columns: []gridColumn{{title + v.nameOf(s.In), false}, {"calls", true}, {"first", true}, {"where", false}}}
			tables[s.In] = t
			order = append(order, s.In)
		}
		t.rows = append(t.rows, gridRow{cells: []cell{
			v.text(s.ID), v.number(s.Calls), v.when(s.First, true), textCell(fmt.Sprintf("%s:%d", v.nameOf(s.Seen.File), s.Seen.Line)),
		}})
	}
	for _, in := range order {
		v.section(*tables[in], 0, 0)
	}
}

// sameDay reports whether all calls are of one day.
func (v *Reconciled) sameDay(calls []reconcile.Finding) bool {
	day := ""
	for _, f := range calls {
		if f.Time == nil {
			continue
		}
		of := time.Time(*f.Time).In(v.Zone).Format(time.DateOnly)
		if day != "" && of != day {
			return false
		}
		day = of
	}
	return true
}
