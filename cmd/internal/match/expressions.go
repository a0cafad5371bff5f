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
	"auditctl/pkg/where"
)

// Expressions are those of --where. At the end they say, as an observer of a flow, on how many events one
// failed, which one took too much memory, and which keys they name that no event had.
type Expressions struct {
	all     []*expression
	Strict  bool // a failure is an error
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
	of *Expressions
}

func (x *expression) Error() string { return where.ErrFailed.Error() }

// ParseExpressions reads expressions, which end with ctx, and the NAME=VALUE that they
// may use. No more than limit bytes of memory are to be in use while one is long at an
// event.
func ParseExpressions(ctx context.Context, texts, args []string, limit int64) (*Expressions, error) {
	options, err := whereOptions(args)
	if err != nil {
		return nil, err
	}
	// Two of them are joined, and what is made of them.
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
			if _, name, ok := strings.Cut(err.Error(), "variable not defined: $"); ok && !strings.HasPrefix(name, "_") {
				err = fmt.Errorf("%w: --arg %s=VALUE defines it", err, name)
			}
			return nil, fmt.Errorf("--where: %w", err)
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
func (x *Expressions) start() (stop func()) {
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
func (x *Expressions) supervise(abandon func()) (ctx context.Context, end func()) {
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
func (x *Expressions) exceed(expr *expression) {
	x.exceeded.Store(expr)
	x.cancel()
}

// note notes which keys an event has.
func (x *Expressions) note(s *events.Scanner) {
	for _, expr := range x.all {
		expr.Note(s)
	}
}

// Add counts what failed in a block.
func (x *Expressions) Add(b *flow.Result) {
	var first *flow.Failure
	before := x.failed
	for i := range b.Failures {
		f := &b.Failures[i]
		if _, ok := f.Err.(*expression); !ok {
			continue
		}
		x.failed += f.Events
		if first == nil || f.Line < first.Line {
			first = f
		}
	}
	if first != nil && before == 0 {
		x.first = report.Shortened(first.Why.Error())
		if b.Block.Input != nil { // the lines of a merge have lost their places
			x.first = fmt.Sprintf("%s:%d: %s", b.Block.Input.Name(), b.Block.Line(first.Line), x.first)
		}
	}
	if b.Cut && b.Block.Input != nil && x.place == "" {
		x.place = fmt.Sprintf(" at %s:%d", b.Block.Input.Name(), b.Block.Line(b.Lines))
	}
}

// End reports, of keys if the inputs were read as a whole.
func (x *Expressions) End(whole bool) {
	if x.failed > 0 {
		say := x.reports.Printf
		if x.Strict {
			say = x.reports.Errorf
		}
		say("--where: the expression failed on %s, the first: %s", report.Counted(x.failed, "event"), x.first)
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
			if like := similar(key, KnownKeys()); like != "" {
				hint = ": did you mean " + JQPath(like) + "?"
			}
			x.reports.Printf("--where: no event had the key %s%s", JQPath(key), hint)
		}
	}
}

const jqLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// JQPath spells the way to a key as jq does.
func JQPath(keys ...string) string {
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
