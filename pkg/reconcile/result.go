package reconcile

import (
	"cmp"
	"slices"

	"auditctl/pkg/sequence"
)

// gaps returns the counts of a record that are not whole.
func (rec *record) gaps() (all []Gap) {
	for _, of := range []struct {
		key     string
		tracker *sequence.Tracker
	}{{"event.sequence", &rec.sequences}, {sequence.SeqKey, &rec.numbers}} {
		for _, c := range of.tracker.Counts() {
			if c.Missing > 0 || c.Twice > 0 {
				all = append(all, Gap{rec.name, of.key, c})
			}
		}
	}
	return all
}

// A result is what was found so far.
type result struct {
	calls  int64
	counts Counts

	findings, notRun []Finding
	sessions         map[sessionKey]*Session
	order            []sessionKey
}

type sessionKey struct {
	id      string
	record  *record
	missing bool
}

func (r *result) add(f Finding) {
	*r.counts.of(f.What)++
	list := &r.findings
	if f.What == Kept {
		list = &r.notRun
	}
	if len(*list) < MaxFindings {
		*list = append(*list, f)
	}
}

// addSession adds a call of a session that a record does not have.
func (r *result) addSession(c *call, rec *record, missing bool) {
	if missing {
		r.counts.Missing++
	}
	key := sessionKey{c.sides[0].session, rec, missing}
	s := r.sessions[key]
	if s == nil {
		if len(r.sessions) == MaxFindings {
			return
		}
		if r.sessions == nil {
			r.sessions = map[sessionKey]*Session{}
		}
		s = &Session{ID: key.id, In: rec.name, Seen: c.sides[0].sighting(), span: span{unknown, unknown}}
		r.sessions[key] = s
		r.order = append(r.order, key)
	}
	s.Calls++
	s.span.add(c.time())
}

func (s *side) sighting() Sighting {
	return Sighting{
		Record: s.source.record.name, Kind: s.source.kind, Place: s.place,
		Tool: s.tool, Session: orNil(s.session), Outcome: s.outcome(),
	}
}

func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func (r *Reconciler) finding(what What, c *call, in []*record) Finding {
	s := &c.sides[0]
	f := Finding{What: what, In: []string{}, Tool: s.tool, Session: orNil(s.session), Time: c.time().timestamp(), at: c.time()}
	for _, rec := range in {
		f.In = append(f.In, rec.name)
	}
	for i := range c.sides {
		f.Seen = append(f.Seen, c.sides[i].sighting())
		if f.CallID == nil {
			f.CallID = orNil(c.sides[i].id)
		}
	}
	return f
}

// Report compares what was not compared yet, and returns what was found. No events may be
// added after that.
func (r *Reconciler) Report() *Report {
	r.sweep(true)
	report := &Report{
		Calls: r.result.calls, Counts: r.result.counts,
		Findings: inOrder(r.result.findings), NotRun: inOrder(r.result.notRun),
		MissingSessions: []Session{}, OtherSessions: []Session{}, Silences: []Silence{}, Gaps: []Gap{},
	}
	for _, key := range r.result.order {
		s := r.result.sessions[key]
		s.First, s.Last = s.span.first.timestamp(), s.span.last.timestamp()
		if key.missing {
			report.MissingSessions = append(report.MissingSessions, *s)
		} else {
			report.OtherSessions = append(report.OtherSessions, *s)
		}
	}
	for _, sessions := range [][]Session{report.MissingSessions, report.OtherSessions} {
		slices.SortStableFunc(sessions, func(x, y Session) int { return cmp.Compare(x.span.first, y.span.first) })
	}
	for _, rec := range r.records {
		report.Records = append(report.Records, rec.report())
		if !r.Selected {
			report.Gaps = append(report.Gaps, rec.gaps()...)
		}
		for _, s := range rec.active.silences(rec.missed) {
			report.Silences = append(report.Silences, Silence{rec.name, s.first.timestamp(), s.last.timestamp(), s.calls})
		}
	}
	return report
}

func inOrder(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(x, y Finding) int { return cmp.Compare(x.at, y.at) })
	return append([]Finding{}, findings...)
}

func (rec *record) report() Record {
	all := Record{
		Name: rec.name, Kinds: []Kind{}, Calls: rec.calls, Missing: rec.missing,
		Before: rec.notCompared[before], After: rec.notCompared[after], Agents: rec.notCompared[otherAgent],
	}
	whole := span{unknown, unknown}
	for i, src := range rec.sources {
		all.Kinds = append(all.Kinds, src.kind)
		all.Events += src.events
		whole.add(src.span.first)
		whole.add(src.span.last)
		if i == 0 {
			all.Ahead = float64(src.ahead) / 1000
		}
	}
	all.First, all.Last = whole.first.timestamp(), whole.last.timestamp()
	return all
}
