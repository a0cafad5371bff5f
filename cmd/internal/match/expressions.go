package match

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
	"auditctl/pkg/where"
)

// Expressions are those of --where. As an observer of a flow they report at the end on
// how many events one failed, which one took too much memory, and which keys in them no
// event had.
type Expressions struct {
	all     []*expression
	Strict  bool // a failure is an error
	unseen  bool // report keys that no event had
	blind   bool // there were events of which it is not known what keys they had
	reports *report.Reporter

	failed flow.Failures

	memory   *memoryWatch // nil: none of them needs gojq
	ctx      context.Context
	cancel   context.CancelFunc         // stops them
	exceeded atomic.Pointer[expression] // the one that took too much memory
	place    string                     // of the event on which it did
}

// An expression is one --where. It is also the error of an event on which it fails.
type expression struct {
	text string
	*where.Expr
	of *Expressions
}

func (x *expression) Error() string { return where.ErrFailed.Error() }

// ParseExpressions parses expressions, which stop when ctx ends, and the NAME=VALUE that
// they may use. At most limit bytes of memory may be in use while one takes long on an
// event.
func ParseExpressions(ctx context.Context, texts, args []string, limit int64) (*Expressions, error) {
	options, err := whereOptions(args)
	if err != nil {
		return nil, err
	}
	// Joining two values takes both of them, and the result.
	options = append(options, where.MaxValue(int(limit/4)))
	if len(texts) == 0 {
		return nil, fmt.Errorf("--arg: there is no --where to use it")
	}
	x := &Expressions{}
	for _, text := range texts {
		if text == "" {
			return nil, fmt.Errorf("--where: the value is empty")
		}
		expr, err := where.Parse(text, options...)
		if err != nil {
			return nil, fmt.Errorf("--where: %w", withRemedy(err))
		}
		x.all = append(x.all, &expression{text, expr, x})
		if !expr.Native() && x.memory == nil {
			x.memory = &memoryWatch{limit: limit, exceed: x.exceed}
		}
	}
	x.ctx, x.cancel = context.WithCancel(ctx)
	return x, nil
}

// start watches the memory that the expressions take, until stop is called.
func (x *Expressions) start() (stop func()) {
	if x.memory == nil {
		return x.cancel
	}
	// gojq leaves much garbage and keeps little: collecting it as often as usual would
	// take half of the time.
	var undo []func()
	if os.Getenv("GOGC") == "" {
		old := debug.SetGCPercent(400)
		undo = append(undo, func() { debug.SetGCPercent(old) })
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		old := debug.SetMemoryLimit(x.memory.limit)
		undo = append(undo, func() { debug.SetMemoryLimit(old) })
	}
	undo = append(undo, x.memory.start(x.ctx), x.cancel)
	return func() {
		for _, f := range slices.Backward(undo) {
			f()
		}
	}
}

// supervise returns the context in which a goroutine evaluates expressions until it calls
// end. If one of them does not end, abandon is called: the goroutine is given up, and
// what it worked on is the caller's.
func (x *Expressions) supervise(abandon func()) (ctx context.Context, end func()) {
	if x.memory == nil {
		return x.ctx, func() {}
	}
	return x.memory.supervise(x.ctx, abandon)
}

// eval reports whether the expression wants the event that s scanned. Its error is x.
func (x *expression) eval(ctx context.Context, s *events.Scanner) (bool, error) {
	if !x.Native() { // else there is nothing to supervise, and this takes time at each event
		defer begin(ctx, x).end()
	}
	wanted, err := x.Eval(ctx, s)
	if err != nil {
		err = x
	}
	return wanted, err
}

// in returns of how many events of a block the expression may hold, on any of which it may
// fail.
func (x *expression) in(b *index.Block) selection.Bounds {
	for _, group := range x.Needs() {
		if !slices.ContainsFunc(group, func(c where.Comparison) bool { return b.May(c.Key, c.Text) }) {
			return selection.None
		}
	}
	return selection.Bounds{Most: b.Events, Fails: true}
}

// Explain returns why the expression failed on the event that s scanned.
func (x *expression) Explain(ctx context.Context, s *events.Scanner) error {
	defer begin(ctx, x).end()
	err := x.Failure(ctx, s)
	if errors.Is(err, where.ErrTooLarge) {
		x.of.exceed(x)
	}
	if err == nil { // the result may depend on the time
		err = errors.New("not when it was tried again")
	}
	return err
}

// exceed ends the run because an expression takes too much memory.
func (x *Expressions) exceed(expr *expression) {
	x.exceeded.Store(expr)
	x.cancel()
}

// note records which keys an event has.
func (x *Expressions) note(s *events.Scanner) {
	for _, expr := range x.all {
		expr.Note(s)
	}
}

// noteBlock records which keys the events of a block have that was not read.
func (x *Expressions) noteBlock(b *index.Block) {
	for _, expr := range x.all {
		if b.Events > 0 && !expr.NoteKeys(func(key string) bool { return some(b, key) }) {
			x.blind = true
		}
	}
}

// lacks reports whether there are keys that no event had so far.
func (x *Expressions) lacks() bool {
	return slices.ContainsFunc(x.all, func(expr *expression) bool { return !expr.NoteKeys(func(string) bool { return false }) })
}

// Add counts the failures in a block.
func (x *Expressions) Add(b *flow.Result) {
	x.failed.Add(b, func(err error) bool {
		_, ok := err.(*expression)
		return ok
	})
	if b.Cut && b.Block.Input != nil && x.place == "" {
		x.place = fmt.Sprintf(" at %s:%d", b.Block.Input.Name(), b.Block.Line(b.Lines))
	}
}

// End reports what Expressions promises; keys only if the inputs were read whole.
func (x *Expressions) End(whole bool) {
	if x.failed.Events > 0 {
		say := x.reports.Printf
		if x.Strict {
			say = x.reports.Errorf
		}
		say("--where: the expression failed on %s, the first: %s", report.Counted(x.failed.Events, "event"), x.failed.First)
	}
	if expr := x.exceeded.Load(); expr != nil {
		x.reports.Errorf("--where: %s takes more than %s of memory%s: that was the end; --where-memory allows more", report.Shortened(expr.text), report.Size(x.memory.limit), x.place)
	}
	if !whole || !x.unseen {
		return
	}
	for _, expr := range x.all {
		for _, key := range expr.Unseen() {
			hint := ""
			if like := Similar(key, KnownKeys()); like != "" {
				hint = ": did you mean " + JQPath(like) + "?"
			}
			x.reports.Printf("--where: no event had the key %s%s", JQPath(key), hint)
		}
	}
}

const jqLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// JQPath spells the path to a value as jq does.
func JQPath(keys ...string) string {
	var b strings.Builder
	for _, key := range keys {
		b.WriteByte('.')
		if strings.Trim(key, jqLetters) == "" && key != "" {
			b.WriteString(key)
		} else {
			quoted, _ := json.Marshal(key) // strings never fail
			b.Write(quoted)
		}
	}
	return b.String()
}
