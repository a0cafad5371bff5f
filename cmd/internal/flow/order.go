package flow

import "auditctl/cmd/internal/report"

// An orderReport reports where the events of a merged input are not in order of time.
type orderReport struct{ reports *report.Reporter }

func (r orderReport) Add(res *Result) {
	if res.Block.Disorder != "" {
		r.reports.Errorf("%s", res.Block.Disorder)
	}
}

func (r orderReport) End(bool) {}
