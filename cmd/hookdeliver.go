package cmd

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/seal"
)

// A hookDelivery is what is known of the destinations of a hook before there are events.
type hookDelivery struct {
	opts    fanout.Options
	all     *fanout.Set // of all destinations; it only checks them
	dests   []string
	routes  routes
	trouble *hookTrouble
	lost    bool // there is no destination, as was told
	last    bool // the events are a session's last
}

// delivery checks the destinations. An error is one of usage.
func (o *hookOptions) delivery(s Streams, trouble *hookTrouble) (d *hookDelivery, err error) {
	d = &hookDelivery{opts: fanoutOptions(s, trouble.Reporter), dests: o.outputs, trouble: trouble}
	d.opts.After, d.opts.OnHangup = s.clock(), nil
	if len(d.dests) == 0 {
		log, err := defaultLog()
		if err != nil {
			trouble.Errorf("%v", err)
			d.lost = true
		} else {
			d.dests = []string{log}
		}
	}
	if d.routes, err = parseRoutes(o.routes, d.dests); err != nil {
		return nil, err
	}
	all := slices.Concat(d.dests, d.routes.dests())
	if slices.ContainsFunc(all, fanout.IsStdout) {
		return nil, usagef("standard output is the agent's: name a file")
	}
	switch err := o.recordOptions.apply(&d.opts, all); {
	case isUsage(err):
		return nil, err
	case err != nil: // the key cannot be read
		trouble.Errorf("%v", err)
	}
	if d.opts.Spool != "" {
		d.opts.SpoolAfter = cmp.Or(d.opts.Stall, hookSpoolTime)
	}
	d.all = fanout.New(d.opts)
	_, err = d.all.Add(fanout.Role{}, all...)
	return d, err
}

// send sends lines to all destinations at once, and gives up those that take longer than
// limit. It reports whether the lines are in all that are to have them.
func (d *hookDelivery) send(ctx context.Context, lines []byte, limit time.Duration) (recorded bool) {
	late := make(chan struct{})
	after := d.opts.After(limit)
	go func() {
		<-after
		close(late)
	}()
	ctx = context.WithoutCancel(ctx) // a signal does not make it take longer
	lines, counted := d.number(ctx, lines, limit)
	var lanes []*hookLane
	var counting sync.WaitGroup
	defer counting.Wait()
	beside := false
	begin := func(dest string, lines []byte) {
		lane := d.begin(ctx, dest, lines, limit)
		lanes = append(lanes, lane)
		if d.countsBeside(dest) {
			beside = true
			counting.Go(func() {
				closedUntil(late, lane.written)
				counted()
			})
		}
	}
	for _, dest := range d.dests {
		begin(dest, lines)
	}
	var scanner events.Scanner
	for _, route := range d.routes {
		if chosen := wantedLines(&scanner, lines, route.wanted()); len(chosen) > 0 {
			begin(route.dest, chosen)
		}
	}
	if !beside {
		counted()
	}
	recorded = !d.lost
	for _, lane := range lanes {
		switch {
		case !closedUntil(late, lane.written):
			d.trouble.Errorf("write %s: it takes longer than %v", lane.name, limit)
			recorded = false
		case !lane.recorded:
			recorded = false
		case !closedUntil(late, lane.sealed):
			d.trouble.Errorf("seal %s: it takes longer than %v: it is left for the next time", lane.name, limit)
		}
	}
	if d.opts.Spool != "" {
		d.trouble.guard(d.all.SayNeglected)
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

// A hookLane is what goes to one destination. Each has a Set of its own, so that none
// waits for another.
type hookLane struct {
	name            string // as messages have it
	written, sealed chan struct{}
	recorded        bool // known once written is closed
}

// begin begins to send lines to a destination.
func (d *hookDelivery) begin(ctx context.Context, dest string, lines []byte, limit time.Duration) *hookLane {
	lane := &hookLane{name: dest, written: make(chan struct{}), sealed: make(chan struct{})}
	if isStream(dest) {
		lane.name = report.Redacted(dest)
	}
	opts := d.opts
	opts.Sequence = nil // the lines have their numbers
	// It ends by itself a little earlier than it is given up, to say why.
	opts.Stall = min(cmp.Or(opts.Stall, limit), limit*9/10)
	opts.SpoolAfter = min(opts.SpoolAfter, limit/2)
	if opts.Seal != nil {
		its := *opts.Seal
		its.Every, its.Late, its.RotationWait, opts.Seal = 0, true, limit/4, nil
		if slices.Contains(its.Files, dest) {
			its.Files = []string{dest}
			opts.Seal = &its
		}
	}
	set := fanout.New(opts)
	go func() {
		defer close(lane.sealed)
		d.trouble.guard(func() {
			defer close(lane.written)
			lane.recorded = d.write(ctx, set, dest, lines)
		})
		if lane.recorded && d.sealDue(dest) {
			d.trouble.guard(set.Seal)
		}
	}()
	return lane
}

// sealDue reports whether it is time to seal a file, see --seal-every.
func (d *hookDelivery) sealDue(path string) bool {
	if d.opts.Seal == nil || d.opts.Seal.Every == 0 || d.last {
		return true
	}
	at, err := seal.Log{Path: path}.SealedAt()
	since := time.Since(at)
	return err != nil || since < 0 || since >= d.opts.Seal.Every
}

// write writes lines to a destination, and reports whether it has them.
func (d *hookDelivery) write(ctx context.Context, set *fanout.Set, dest string, lines []byte) (recorded bool) {
	to, err := set.Add(fanout.Role{}, dest)
	if err == nil {
		err = set.Open(ctx)
	}
	if err == nil {
		err = set.Send([]fanout.Delivery{{To: to, Lines: lines}})
	}
	set.CloseUnsealed()
	if err != nil && !errors.Is(err, fanout.ErrEnough) { // which was reported
		d.trouble.Errorf("%v", err)
	}
	return err == nil && set.Left() > 0
}
