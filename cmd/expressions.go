package cmd

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

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/where"
)

// Expressions are those of --where. At the end they say on how many events one
// failed, which one took too much memory, and which keys they name that no event had.
type expressions struct {
	all     []*expression
	strict  bool // a failure is an error
	unseen  bool // keys that no event had are reported
	reports *report.Reporter

	failed int64
	first  string // where one failed first, and how

	memory   *memoryWatch // nil: gojq runs none of them
	ctx      context.Context
	cancel   context.CancelFunc         // stops them
	exceeded atomic.Pointer[expression] // the one that took too much memory
	place    string                     // of the event at which it did
}

// An expression is one --where, and the error of an event on which it failed.
type expression struct {
	text string
	*where.Expr
	of *expressions
}

func (x *expression) Error() string { return where.ErrFailed.Error() }

// parseExpressions reads expressions, which end with ctx. No more than limit bytes of
// memory are to be in use while one is long at an event.
func parseExpressions(ctx context.Context, texts, args []string, limit int64) (*expressions, error) {
	options, err := whereOptions(args)
	if err != nil {
		return nil, err
	}
	// Two of them are joined, and what is made of them.
	options = append(options, where.MaxValue(int(limit/4)))
	if len(texts) == 0 {
		return nil, usagef("--arg: there is no --where to use it")
	}
	x := &expressions{}
	for _, text := range texts {
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
		x.all = append(x.all, &expression{text, expr, x})
		if !expr.Native() && x.memory == nil {
			x.memory = &memoryWatch{limit: limit, exceed: x.exceed}
		}
	}
	x.ctx, x.cancel = context.WithCancel(ctx)
	return x, nil
}

// start begins to watch the memory that the expressions take, until stop is called.
func (x *expressions) start() (stop func()) {
	if x.memory == nil {
		return x.cancel
	}
	// gojq keeps little and leaves much: collecting it as often as usual would take
	// half of the time.
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

// supervise returns the context in which a goroutine evaluates expressions until it
// calls end. Where one of them does not end, abandon is called, and whatever the
// goroutine was at is the caller's: it does not go on.
func (x *expressions) supervise(abandon func()) (ctx context.Context, end func()) {
	if x.memory == nil {
		return x.ctx, func() {}
	}
	return x.memory.supervise(x.ctx, abandon)
}

// eval reports whether the expression wants the event that s scanned. Its error is the
// expression.
func (x *expression) eval(ctx context.Context, s *events.Scanner) (bool, error) {
	defer begin(ctx, x).end()
	wanted, err := x.Eval(ctx, s)
	if err != nil {
		err = x
	}
	return wanted, err
}

// Explain says how the expression failed on the event that s scanned.
func (x *expression) Explain(ctx context.Context, s *events.Scanner) error {
	defer begin(ctx, x).end()
	err := x.Failure(ctx, s)
	if errors.Is(err, where.ErrTooLarge) {
		x.of.exceed(x)
	}
	if err == nil { // one that asks for the time may change its mind
		err = errors.New("not when it was tried again")
	}
	return err
}

// exceed ends the run for an expression that takes too much memory.
func (x *expressions) exceed(expr *expression) {
	x.exceeded.Store(expr)
	x.cancel()
}

// note notes which keys an event has.
func (x *expressions) note(s *events.Scanner) {
	for _, expr := range x.all {
		expr.Note(s)
	}
}

// add counts what failed in a batch.
func (x *expressions) add(b *batch) {
	var first *failure
	before := x.failed
	for i := range b.failures {
		f := &b.failures[i]
		if _, ok := f.err.(*expression); !ok {
			continue
		}
		x.failed += f.events
		if first == nil || f.line < first.line {
			first = f
		}
	}
	if first != nil && before == 0 {
		x.first = report.Shortened(first.why.Error())
		if b.block.Input != nil { // the lines of a merge have lost their places
			x.first = fmt.Sprintf("%s:%d: %s", b.block.Input.Name(), b.block.Line(first.line), x.first)
		}
	}
	if b.cut && b.block.Input != nil && x.place == "" {
		x.place = fmt.Sprintf(" at %s:%d", b.block.Input.Name(), b.block.Line(b.lines))
	}
}

// end reports, of keys if the inputs were read as a whole.
func (x *expressions) end(whole bool) {
	if x.failed > 0 {
		say := x.reports.Printf
		if x.strict {
			say = x.reports.Errorf
		}
		say("--where: the expression failed on %s, the first: %s", report.Counted(x.failed, "event"), x.first)
	}
	if expr := x.exceeded.Load(); expr != nil {
		x.reports.Errorf("--where: %s takes more than %s of memory%s: that was the end; --where-memory allows more", report.Shortened(expr.text), sizeText(x.memory.limit), x.place)
	}
	if !whole || !x.unseen {
		return
	}
	for _, expr := range x.all {
		for _, key := range expr.Unseen() {
			hint := ""
			if like := similar(key, knownKeys()); like != "" {
				hint = ": did you mean " + jqPath(like) + "?"
			}
			x.reports.Printf("--where: no event had the key %s%s", jqPath(key), hint)
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
