package match

import (
	"bytes"
	"context"
	"errors"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
)

// A Choice is what was found out in choosing lines one by one.
type Choice struct {
	Invalid int64 // lines that are no events, which are never wanted
	Failed  bool  // an expression failed on an event, and it is strict
}

// errStuck is the error for an expression that did not end, which End has reported.
var errStuck = errors.New("an expression of --where did not end")

// Choose calls do with a function that reports whether the event on a line, given without
// its line feed, is wanted; do must not call it from several goroutines. It is for commands
// that have no flow, and reports at the end what it would for one. It returns the error of
// do, or another one if an expression was stopped.
func (q *Query) Choose(ctx context.Context, reports *report.Reporter, do func(wants func(line []byte) bool) error) (Choice, error) {
	c := &chooser{query: q, ctx: ctx}
	q.Mistakes.reports = reports
	stuck := make(chan struct{})
	if w := q.where; w != nil {
		w.reports, w.unseen = reports, true
		defer w.start()()
		c.ctx, _ = w.supervise(func() { close(stuck) })
	}
	done := make(chan error, 1)
	go func() { done <- do(c.wants) }()
	var err error
	select {
	case err = <-done:
	case <-stuck:
		err = errStuck
	}
	if err == nil && c.ctx.Err() != nil {
		err = errStuck // what was wanted since means nothing
	}
	if ctx.Err() != nil {
		return Choice{}, context.Cause(ctx)
	}
	result := &flow.Result{}
	if err != errStuck {
		result.Failures = c.failures
	}
	q.Mistakes.Add(result)
	q.Mistakes.End(err == nil)
	if q.where == nil {
		return c.choice, err
	}
	q.where.Add(result)
	q.where.End(err == nil)
	c.choice.Failed = q.where.Strict && q.where.failed.Events > 0
	return c.choice, err
}

// A chooser decides about one line after another.
type chooser struct {
	query    *Query
	ctx      context.Context
	scanner  events.Scanner
	count    int64
	failures []flow.Failure
	choice   Choice
}

func (c *chooser) wants(line []byte) bool {
	if c.ctx.Err() != nil {
		return false
	}
	c.count++
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return false
	case len(line) > events.DefaultMaxLine || c.scanner.Scan(line) != nil:
		c.choice.Invalid++
		return false
	}
	c.query.note(&c.scanner, c.count)
	wanted, err := c.query.Match(c.ctx, &c.scanner)
	if err != nil {
		c.failed(err)
	}
	return wanted
}

// failed counts a failure.
func (c *chooser) failed(err error) {
	for i := range c.failures {
		if f := &c.failures[i]; f.Err == err {
			f.Events++
			return
		}
	}
	why := err
	if err, ok := err.(flow.Explainer); ok {
		why = err.Explain(c.ctx, &c.scanner)
	}
	c.failures = append(c.failures, flow.Failure{Err: err, Events: 1, Line: c.count, Why: why})
}
