package record

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/redaction"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/nonce"
	"auditctl/pkg/seal"
)

// Lanes are the destinations of a command that sends events once, and must not take long.
type Lanes struct {
	// Last says that no command will soon come after this one, to seal what it leaves.
	Last bool

	// Redaction takes out of events what must not be kept, after routes have chosen them;
	// nil: all stays.
	Redaction *redaction.Redaction

	opts   fanout.Options
	all    *fanout.Set // of all destinations; it only checks them
	dests  []string
	routes Routes
	guard  func(f func())
}

// NewLanes checks destinations for all events and those of routes. An error is a
// [fanout.UsageError]. Goroutines call what they do by guard, which may recover.
func NewLanes(opts fanout.Options, dests []string, routes Routes, guard func(f func())) (*Lanes, error) {
	l := &Lanes{opts: opts, all: fanout.New(opts), dests: dests, routes: routes, guard: guard}
	all, err := l.all.Add(fanout.Role{}, slices.Concat(dests, routes.Dests())...)
	if err == nil && len(all) > 0 {
		err = l.all.Check()
	}
	return l, err
}

// Send sends lines to all destinations at once, and gives up those that take longer than
// limit. It reports whether there is a destination for all events, and the lines are in all
// that are to have them. It may be called once.
func (l *Lanes) Send(ctx context.Context, lines []byte, limit time.Duration) (recorded bool) {
	late := make(chan struct{})
	after := l.opts.After(limit)
	go func() {
		<-after
		close(late)
	}()
	ctx = context.WithoutCancel(ctx) // a signal does not make it take longer
	made := lines
	if l.Redaction != nil {
		lines = l.Redaction.Lines(made)
	}
	if l.opts.Nonces != nil {
		lines = new(nonce.Source).Append(nil, lines)
	}
	lines, counted := l.number(ctx, lines, limit)
	var lanes []*lane
	var counting sync.WaitGroup
	defer counting.Wait()
	beside := false
	begin := func(dest string, lines []byte) {
		lane := l.begin(ctx, dest, lines, limit)
		lanes = append(lanes, lane)
		if l.countsBeside(dest) {
			beside = true
			counting.Go(func() {
				closedUntil(late, lane.written)
				counted()
			})
		}
	}
	for _, dest := range l.dests {
		begin(dest, lines)
	}
	var scanner events.Scanner
	for _, route := range l.routes {
		if chosen := wantedLines(&scanner, made, lines, route.Wanted()); len(chosen) > 0 {
			begin(route.Dest, chosen)
		}
	}
	if !beside {
		counted()
	}
	recorded = len(l.dests) > 0
	for _, lane := range lanes {
		switch {
		case !closedUntil(late, lane.written):
			l.opts.Reports.Errorf("write %s: it takes longer than %v", lane.name, limit)
			recorded = false
		case !lane.recorded:
			recorded = false
		case !closedUntil(late, lane.sealed):
			l.opts.Reports.Errorf("seal %s: it takes longer than %v: it is left for the next time", lane.name, limit)
		}
	}
	if l.opts.Spool != "" {
		l.guard(l.all.SayNeglected)
	}
	return recorded
}

// closedUntil waits until a channel is closed, and reports false if late is before that.
func closedUntil(late, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-late:
	}
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// A lane is what goes to one destination. Each has a Set of its own, so that none waits for
// another.
type lane struct {
	name            string // as messages have it
	written, sealed chan struct{}
	recorded        bool // known once written is closed
}

// begin begins to send lines to a destination.
func (l *Lanes) begin(ctx context.Context, dest string, lines []byte, limit time.Duration) *lane {
	lane := &lane{name: dest, written: make(chan struct{}), sealed: make(chan struct{})}
	if strings.Contains(dest, "://") {
		lane.name = report.Redacted(dest)
	}
	opts := l.opts
	opts.Part, opts.Nonces, opts.Sequence = true, nil, nil // the lines have theirs
	// It ends by itself a little earlier than it is given up, to say why.
	opts.Stall = min(cmp.Or(opts.Stall, limit), limit*9/10)
	opts.SpoolAfter = min(opts.SpoolAfter, limit/2)
	if opts.Seal != nil {
		its := *opts.Seal
		its.Every, its.Late, its.RotationTime, opts.Seal = 0, true, min(cmp.Or(opts.SpoolAfter, limit), limit/4), nil
		if slices.Contains(its.Files, dest) {
			its.Files = []string{dest}
			opts.Seal = &its
		}
	}
	set := fanout.New(opts)
	go func() {
		defer close(lane.sealed)
		l.guard(func() {
			defer close(lane.written)
			lane.recorded = l.write(ctx, set, dest, lines)
		})
		if lane.recorded && l.sealDue(dest) {
			l.guard(set.Seal)
		}
	}()
	return lane
}

// sealDue reports whether it is time to seal a file.
func (l *Lanes) sealDue(path string) bool {
	if l.opts.Seal == nil || l.opts.Seal.Every == 0 || l.Last {
		return true
	}
	at, err := seal.Log{Path: path}.SealedAt()
	since := time.Since(at)
	return err != nil || since < 0 || since >= l.opts.Seal.Every
}

// write writes lines to a destination, and reports whether it has them.
func (l *Lanes) write(ctx context.Context, set *fanout.Set, dest string, lines []byte) (recorded bool) {
	to, err := set.Add(fanout.Role{}, dest)
	if err == nil {
		err = set.Open(ctx)
	}
	if err == nil {
		err = set.Send([]fanout.Delivery{{To: to, Lines: lines}})
	}
	set.CloseUnsealed()
	if err != nil && !errors.Is(err, fanout.ErrEnough) { // which was reported
		l.opts.Reports.Errorf("%v", err)
	}
	return err == nil && set.Left() > 0
}
