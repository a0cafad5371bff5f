package match

import (
	"context"
	"sync"

	"auditctl/cmd/internal/flow"
	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
)

// A Query decides which events the flags of a command want, and reports on that at the
// end. Flags are named without dashes.
type Query struct {
	Matcher
	Mistakes

	where  *Expressions // nil: there are none
	stuck  sync.Once
	halted chan struct{} // closed if looking for the last events is stuck
}

// NewQuery returns a Query that wants every event.
func NewQuery() *Query { return &Query{halted: make(chan struct{})} }

// Globs wants events whose value of a key matches one of the globs of a flag or, with
// not, none of them.
func (q *Query) Globs(flag, key string, globs []selection.Glob, not bool) {
	q.WatchGlobs(flag, key, globs)
	p := selection.OneOf(key, globs)
	in := func(b *index.Block) selection.Bounds { return selection.OneOfIn(b, key, globs) }
	if not {
		q.require(selection.Not(p), func(b *index.Block) selection.Bounds { return in(b).Not(b) })
		return
	}
	q.require(p, in)
}

// Severity wants events in a range of severities.
func (q *Query) Severity(flag string, levels selection.SeverityRange) {
	q.watchUnread(flag, "severity", selection.ErrSeverity)
	q.requireEval(func(_ context.Context, s *events.Scanner) (bool, error) { return levels.Eval(s) }, levels.In)
}

// Period wants events in a period of time.
func (q *Query) Period(flag string, period selection.Period) {
	q.watchUnread(flag, "timestamp", selection.ErrTimestamp)
	q.requireEval(func(_ context.Context, s *events.Scanner) (bool, error) { return period.Eval(s) }, period.In)
}

// Field wants events that match an expression of [selection.ParseField].
func (q *Query) Field(flag, expr string) error {
	p, err := selection.ParseField(expr)
	if err != nil {
		return err
	}
	in, _ := selection.FieldIn(expr) // ParseField has checked it
	q.require(p, in)
	key, text, _ := selection.FieldKey(expr)
	q.WatchKeys(flag, key)
	if len(key) == 1 {
		q.watchValue(flag, key[0], text)
	}
	return nil
}

// Where wants events that all expressions want.
func (q *Query) Where(flag string, x *Expressions) {
	q.where = x
	for _, expr := range x.all {
		q.requireEval(expr.eval, expr.in)
		for _, c := range expr.Equal() {
			q.watchValue(flag, c.Key, c.Text)
		}
	}
}

// watchValue watches for a value with which a key is compared, if its values are names.
func (q *Query) watchValue(flag, key, text string) {
	if nameKinds[key] != "" && text != "" {
		q.watchNames(flag, key, text)
	}
}

// Join prepares a flow for a query: for its expressions, and for reporting mistakes if
// these matter. done must be called at the end.
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
		if q.where != nil {
			f.Note = q.note
		}
	}
	return done
}

// note records what the event that s scanned has. line is its line in the block, from 1.
func (q *Query) note(s *events.Scanner, line int64) {
	q.Mistakes.note(s, line)
	if q.where != nil {
		q.where.note(s)
	}
}

// Ahead returns a predicate of the wanted events for use before the flow gets them, by
// one goroutine.
func (q *Query) Ahead() selection.Predicate {
	ctx := context.Background()
	if q.where != nil {
		ctx, _ = q.where.supervise(func() { q.stuck.Do(func() { close(q.halted) }) })
	}
	return func(s *events.Scanner) bool {
		wanted, _ := q.Match(ctx, s) // the flow gets the error again
		return wanted
	}
}

// An Overview decides for a flow, by their indexes, which blocks of logs it reads.
type Overview struct {
	*Query
	Counts bool // events need not be read to be counted
	Names  bool // what the events have is recorded
}

// Skip reports whether a block need not be read, and how many of its events are wanted. No
// condition fails on one of them.
func (o Overview) Skip(b *index.Block) (wanted int64, ok bool) {
	in := o.In(b)
	return in.Most, !in.Fails && in.Least == in.Most && (in.Most == 0 || o.Counts)
}

// Skipped records what is known of a block that was not read.
func (o Overview) Skipped(b *index.Block) {
	if o.Names {
		o.noteBlock(b)
	}
}

// Reread reports whether all events must be read, and noted, again after all, to know what
// none had.
func (o Overview) Reread() bool {
	if !o.blind() {
		return false
	}
	o.again()
	return true
}

func (q *Query) noteBlock(b *index.Block) {
	q.Mistakes.noteBlock(b)
	if q.where != nil {
		q.where.noteBlock(b)
	}
}

func (q *Query) blind() bool {
	return q.Mistakes.blind() || q.where != nil && q.where.blind && q.where.lacks()
}
