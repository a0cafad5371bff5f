package match

import (
	"context"
	"sync"

	"auditctl/cmd/internal/flow"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A Query is which events the flags of a command want, and what there is to say of
// that at the end. Flags are named as messages name them, without dashes.
type Query struct {
	Matcher
	Mistakes

	where  *Expressions // nil: there are none
	stuck  sync.Once
	halted chan struct{} // closed when what looks for the last events does not go on
}

// NewQuery returns a Query that wants every event.
func NewQuery() *Query { return &Query{halted: make(chan struct{})} }

// Globs wants events of which the value of a key matches one of the globs of a flag, or
// with not, none of them.
func (q *Query) Globs(flag, key string, globs []selection.Glob, not bool) {
	q.WatchGlobs(flag, key, globs)
	p := selection.OneOf(key, globs)
	if not {
		p = selection.Not(p)
	}
	q.Require(p)
}

// Severity wants events of some severities.
func (q *Query) Severity(flag string, levels selection.SeverityRange) {
	q.watchUnread(flag, "severity", selection.ErrSeverity)
	q.requireEval(func(_ context.Context, s *events.Scanner) (bool, error) { return levels.Eval(s) })
}

// Period wants events of some time.
func (q *Query) Period(flag string, period selection.Period) {
	q.watchUnread(flag, "timestamp", selection.ErrTimestamp)
	q.requireEval(func(_ context.Context, s *events.Scanner) (bool, error) { return period.Eval(s) })
}

// Field wants events that fit an expression of [selection.ParseField].
func (q *Query) Field(flag, expr string) error {
	p, err := selection.ParseField(expr)
	if err != nil {
		return err
	}
	q.Require(p)
	key, text, _ := selection.FieldKey(expr) // ParseField has read it
	q.WatchKeys(flag, key)
	if len(key) == 1 {
		q.watchValue(flag, key[0], text)
	}
	return nil
}

// Where wants events that expressions want.
func (q *Query) Where(flag string, x *Expressions) {
	q.where = x
	for _, expr := range x.all {
		q.requireEval(expr.eval)
		for _, c := range expr.Equal() {
			q.watchValue(flag, c.Key, c.Text)
		}
	}
}

// watchValue notes whether a value with which a key is compared is one that it has,
// where such values are names.
func (q *Query) watchValue(flag, key, text string) {
	if nameKinds[key] != "" && text != "" {
		q.watchNames(flag, key, text)
	}
}

// Join lets a flow ask for the events that are wanted, and say what there is to say of
// mistakes if those matter. What it returns is called at the end.
func (q *Query) Join(f *flow.Flow, mistakes bool) (done func()) {
	f.Halted, done = q.halted, func() {}
	if q.where != nil {
		q.where.reports, q.where.unseen = f.Reports, mistakes
		f.Observe(q.where)
		f.Supervise = q.where.supervise
		done = q.where.start()
	}
	if mistakes {
		q.Mistakes.Join(f)
		f.Note = q.note
	}
	return done
}

// note notes what the event has that s scanned, on a line of a block, from 1.
func (q *Query) note(s *events.Scanner, line int64) {
	q.Mistakes.note(s, line)
	if q.where != nil {
		q.where.note(s)
	}
}

// Ahead returns what asks for the events that are wanted before the flow does, on one
// goroutine.
func (q *Query) Ahead() selection.Predicate {
	ctx := context.Background()
	if q.where != nil {
		ctx, _ = q.where.supervise(func() { q.stuck.Do(func() { close(q.halted) }) })
	}
	return func(s *events.Scanner) bool {
		wanted, _ := q.Match(ctx, s) // the flow asks again
		return wanted
	}
}
