package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/reconcile"
)

// A Reconciled shows what records have and lack.
type Reconciled struct {
	*Stats
	report *reconcile.Report
	bases  map[string]string // the shortest names of records and files
}

// NewReconciled returns a Reconciled of a report.
func NewReconciled(o Options, r *reconcile.Report) *Reconciled {
	v := &Reconciled{NewStats(o, 0), r, map[string]string{}}
	taken := map[string]string{}
	v.eachName(func(name string) {
		base := name[strings.LastIndexByte(name, '/')+1:]
		if other, ok := taken[base]; ok && other != name {
			v.bases = nil // two would look the same
		}
		if taken[base] = name; v.bases != nil {
			v.bases[name] = base
		}
	})
	return v
}

// eachName calls f for the names of all records and files.
func (v *Reconciled) eachName(f func(string)) {
	for _, rec := range v.report.Records {
		f(rec.Name)
	}
	for _, finding := range slices.Concat(v.report.Findings, v.report.NotRun) {
		for _, s := range finding.Seen {
			f(s.File)
		}
	}
	for _, s := range slices.Concat(v.report.MissingSessions, v.report.OtherSessions) {
		f(s.Seen.File)
	}
}

// nameOf returns the last element of the name of a record or file, if that is enough.
func (v *Reconciled) nameOf(name string) string { return cmp.Or(v.bases[name], name) }

// Text returns the report: a sentence, then a table for each thing that is the matter.
func (v *Reconciled) Text() []byte {
	v.sentence()
	v.records()
	v.findings()
	v.sessions("Sessions that are missing in ", v.report.MissingSessions)
	v.silences()
	v.gaps()
	v.notRun()
	v.sessions("Sessions that are not in ", v.report.OtherSessions)
	v.remarks()
	return v.dst
}

// sentence says what was found.
func (v *Reconciled) sentence() {
	r := v.report
	var calls []string
	for i, rec := range r.Records {
		count := fmt.Sprint(rec.Calls)
		if i == 0 {
			count = report.Counted(rec.Calls, "call")
		}
		calls = append(calls, count+" in "+v.nameOf(rec.Name))
	}
	var found []string
	for _, rec := range r.Records {
		if rec.Missing > 0 {
			found = append(found, fmt.Sprintf("%d missing in %s", rec.Missing, v.nameOf(rec.Name)))
		}
	}
	for _, n := range []struct {
		calls int64
		are   string
	}{
		{r.NoEnd, "without an end in one of them"}, {r.NoAttempt, "without an attempt in one of them"},
		{r.EndedDifferently, "ended differently"}, {r.DeniedButRan, "denied, but ran"},
	} {
		if n.calls > 0 {
			found = append(found, fmt.Sprint(n.calls, " ", n.are))
		}
	}
	if len(found) == 0 {
		found = []string{"nothing is missing or differs"}
	}
	phrases := append(calls, found...)
	for i := range phrases[:len(phrases)-1] {
		phrases[i] += ","
	}
	phrases[len(calls)-1] = strings.TrimSuffix(phrases[len(calls)-1], ",") + ":"
	v.line(phrases...)
}

func (v *Reconciled) records() {
	t := grid{columns: []gridColumn{{"Records", false}, {"kind", false}, {"calls", true}, {"from", true}, {"to", true}}}
	for _, rec := range v.report.Records {
		var kinds []string
		for _, k := range rec.Kinds {
			kinds = append(kinds, k.String())
		}
		t.rows = append(t.rows, gridRow{cells: []cell{
			textCell(v.nameOf(rec.Name)), textCell(strings.Join(kinds, ", ")), v.number(rec.Calls), v.second(rec.First), v.second(rec.Last),
		}})
	}
	v.section(t, 0, 0)
}

func (v *Reconciled) silences() {
	if len(v.report.Silences) == 0 {
		return
	}
	t := grid{columns: []gridColumn{{"Silent", false}, {"from", true}, {"for", true}, {"calls of others", true}}}
	for _, s := range v.report.Silences {
		long := time.Time(*s.To).Sub(time.Time(*s.From))
		t.rows = append(t.rows, gridRow{cells: []cell{
			textCell(v.nameOf(s.In)), v.when(s.From, true), textCell(Duration(float64(long) / 1e6)), v.number(s.Calls),
		}})
	}
	v.section(t, 0, 0)
}

// gaps shows which numbers of events are missing or there twice.
func (v *Reconciled) gaps() {
	if len(v.report.Gaps) == 0 {
		return
	}
	t := grid{columns: []gridColumn{{"Numbers", false}, {"missing", true}, {"twice", true}, {"which", false}, {"key", false}, {"of", false}}}
	for _, g := range v.report.Gaps {
		var which []string
		for _, r := range append(slices.Clip(g.Gaps), g.Doubles...) {
			which = append(which, r.String())
		}
		t.rows = append(t.rows, gridRow{cells: []cell{
			textCell(v.nameOf(g.In)), v.number(g.Missing), v.number(g.Twice), textCell(strings.Join(which, " ")), textCell(g.Key), v.text(g.Name),
		}})
	}
	v.section(t, 0, 0)
	v.line("a copy of some of the events", "has gaps by nature")
}

// remarks says what was not compared, and whose clock is not right.
func (v *Reconciled) remarks() {
	start := len(v.dst)
	for _, rec := range v.report.Records {
		for _, n := range []struct {
			calls int64
			why   string
		}{
			{rec.Before, "before the first event of "}, {rec.After, "after the last event of "}, {rec.Agents, "of subagents that are not in "},
		} {
			if n.calls > 0 {
				v.line("not compared:", report.Counted(n.calls, "call"), n.why+v.nameOf(rec.Name))
			}
		}
		if ms := rec.Ahead; ms >= float64(reconcile.Tolerance.Milliseconds()) {
			v.line("the clock of "+v.nameOf(rec.Name), "is "+Duration(ms)+" ahead of", "that of "+v.nameOf(v.report.Records[0].Name))
		} else if -ms >= float64(reconcile.Tolerance.Milliseconds()) {
			v.line("the clock of "+v.nameOf(rec.Name), "is "+Duration(-ms)+" behind", "that of "+v.nameOf(v.report.Records[0].Name))
		}
	}
	if len(v.dst) > start {
		v.dst = slices.Insert(v.dst, start, '\n')
	}
}

// text returns a cell for a text from a log.
func (v *Reconciled) text(text string) cell { return cell{style{}, []byte(text), true} }

func (v *Reconciled) optional(text *string) cell {
	if text == nil {
		return cell{v.faint, []byte("-"), false}
	}
	return v.text(*text)
}

func (v *Reconciled) when(t *reconcile.Timestamp, dated bool) cell {
	if t == nil {
		return cell{v.faint, []byte("-"), false}
	}
	return cell{v.faint, appendTime(nil, time.Time(*t).In(v.Zone), dated), false}
}

// second is when without milliseconds.
func (v *Reconciled) second(t *reconcile.Timestamp) cell {
	c := v.when(t, true)
	if t != nil {
		c.text = c.text[:len(c.text)-len(".000")]
	}
	return c
}
