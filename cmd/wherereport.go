package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/where"
)

// A whereReport says on how many events --where failed, and which keys it names
// that no event had.
type whereReport struct {
	texts  []string
	exprs  []*where.Expr // of the texts
	strict bool          // a failure is an error
	gojq   bool          // it runs some of them

	failed int64
	first  string // where it failed first, and how

	memory   memoryWatch
	ctx      context.Context            // of the expressions
	cancel   context.CancelFunc         // stops them
	halted   chan struct{}              // what looks for the last events goes on no longer
	exceeded atomic.Pointer[where.Expr] // the one that took too much memory
	place    string                     // of the event at which it did

	mu       sync.Mutex
	checking map[*events.Scanner]*batch // what each of the flow's is at
}

// A whereFailure is what went wrong with --where in a batch.
type whereFailure struct {
	events int64 // on which it failed
	line   int64 // of the first, counted from the batch's start
	err    error
	cut    bool // the run was interrupted while it was at an event; the batch ends there
}

func newWhereReport(f *selectFlags) (*whereReport, error) {
	options, err := whereOptions(f.args)
	if err != nil {
		return nil, err
	}
	// Two of them are joined, and what is made of them.
	options = append(options, where.MaxValue(int(f.whereMemory/4)))
	if len(f.wheres) == 0 {
		return nil, usagef("--arg: there is no --where to use it")
	}
	r := &whereReport{texts: f.wheres, strict: f.strict, halted: make(chan struct{}), checking: map[*events.Scanner]*batch{}}
	r.memory = memoryWatch{limit: int64(f.whereMemory), exceed: r.exceed, abandon: r.abandon}
	for _, text := range f.wheres {
		if text == "" {
			return nil, usagef("--where: the value is empty")
		}
		expr, err := where.Parse(text, options...)
		if err != nil {
			if _, name, ok := strings.Cut(err.Error(), "variable not defined: $"); ok && !strings.HasPrefix(name, "_") {
				err = fmt.Errorf("%w: --arg %s=VALUE defines it", err, name)
			}
			return nil, usagef("--where: %w", err)
		}
		r.exprs = append(r.exprs, expr)
		r.gojq = r.gojq || !expr.Native()
	}
	return r, nil
}

// predicate wants what every expression wants.
func (r *whereReport) predicate(ctx context.Context) selection.Predicate {
	r.ctx, r.cancel = context.WithCancel(ctx)
	var all []selection.Predicate
	for _, expr := range r.exprs {
		wanted := expr.Predicate(r.ctx, func(s *events.Scanner) { r.fail(expr, s) })
		if !expr.Native() {
			wanted = r.watched(expr, wanted)
		}
		all = append(all, wanted)
	}
	return selection.All(all...)
}

// watched is wanted, the predicate of an expression, with the watch knowing of it.
func (r *whereReport) watched(expr *where.Expr, wanted selection.Predicate) selection.Predicate {
	return func(s *events.Scanner) bool {
		e := r.memory.begin(s, expr)
		defer e.end()
		return wanted(s)
	}
}

// watch watches the memory that the expressions take, until stop is called.
func (r *whereReport) watch() (stop func()) {
	if !r.gojq {
		return r.cancel
	}
	end := r.memory.start(r.ctx)
	return func() {
		end()
		r.cancel()
	}
}

// exceed ends the run for an expression that takes too much memory.
func (r *whereReport) exceed(expr *where.Expr) {
	r.exceeded.Store(expr)
	r.cancel()
}

// abandon ends a batch before the event at which an expression does not end.
func (r *whereReport) abandon(s *events.Scanner) {
	r.mu.Lock()
	b := r.checking[s]
	r.mu.Unlock()
	if b == nil {
		close(r.halted)
		return
	}
	b.where.cut = true
	b.stop()
	b.checked <- struct{}{}
}

// note notes which keys an event has. It wants them all.
func (r *whereReport) note(s *events.Scanner) bool {
	for _, expr := range r.exprs {
		expr.Note(s)
	}
	return true
}

// begin says that s is at the lines of b from now on.
func (r *whereReport) begin(b *batch, s *events.Scanner) {
	b.where = whereFailure{}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checking[s] = b
}

// fail notes that an expression failed, or was interrupted, on the event that s
// scanned.
func (r *whereReport) fail(expr *where.Expr, s *events.Scanner) {
	r.mu.Lock()
	b := r.checking[s]
	r.mu.Unlock()
	if b == nil {
		return // whoever looks for the last events asked; the flow asks again
	}
	w := &b.where
	var err error
	if w.events == 0 {
		if err = expr.Failure(r.ctx, s); err == nil { // one that asks for the time may change its mind
			err = errors.New("not when it was tried again")
		}
	}
	r.memory.end(s) // from here on nobody else goes on with the batch
	if w.events == 0 {
		w.line, w.err = b.lines, err
	}
	if errors.Is(err, where.ErrTooLarge) {
		r.exceed(expr)
	}
	if r.ctx.Err() != nil {
		w.cut = true
		return
	}
	w.events++
}

// add counts what failed in a batch, before its lines are counted as those of the
// input.
func (r *whereReport) add(b *batch) {
	if r.failed == 0 && b.where.events > 0 {
		r.first = report.Shortened(b.where.err.Error())
		if b.input != nil { // the lines of a merge have lost their places
			r.first = fmt.Sprintf("%s:%d: %s", b.input.name, b.linesBefore()+b.where.line, r.first)
		}
	}
	r.failed += b.where.events
	if b.where.cut && b.input != nil && r.place == "" {
		r.place = fmt.Sprintf(" at %s:%d", b.input.name, b.linesBefore()+b.lines)
	}
}

// end reports, and of keys if asked.
func (r *whereReport) end(reports *report.Reporter, keys bool) {
	if r.failed > 0 {
		say := reports.Printf
		if r.strict {
			say = reports.Errorf
		}
		say("--where: the expression failed on %s, the first: %s", report.Counted(r.failed, "event"), r.first)
	}
	if expr := r.exceeded.Load(); expr != nil {
		text := report.Shortened(r.texts[slices.Index(r.exprs, expr)])
		reports.Errorf("--where: %s takes more than %s of memory%s: that was the end; --where-memory allows more", text, sizeText(r.memory.limit), r.place)
	}
	if !keys {
		return
	}
	for _, expr := range r.exprs {
		for _, key := range expr.Unseen() {
			hint := ""
			if like := similar(key, knownKeys()); like != "" {
				hint = ": did you mean " + jqPath(like) + "?"
			}
			reports.Printf("--where: no event had the key %s%s", jqPath(key), hint)
		}
	}
}

const jqLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// jqPath spells the way to a key as jq does.
func jqPath(keys ...string) string {
	var b strings.Builder
	for _, key := range keys {
		b.WriteByte('.')
		if strings.Trim(key, jqLetters) == "" && key != "" {
			b.WriteString(key)
		} else {
			quoted, _ := json.Marshal(key) // a string always can be
			b.Write(quoted)
		}
	}
	return b.String()
}
