// Package fanout writes lines to destinations, each of which may fail or stall without
// affecting the others: files, standard output and other streams, and addresses with a
// scheme://.
//
// A [Set] makes the decisions: which destinations are allowed, that one that fails is
// reported once and dropped, or tried again, while the others go on, and when too few are
// left. For each it has a writer, which only writes, and gives up a write that does not
// end. Nothing that was sent is changed, and what was begun is written whole, unless that
// takes too long once the command is interrupted.
//
// Messages name the flags that set Options.
package fanout

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/nonce"
)

// A Set is the destinations of a command. It is for one goroutine.
//
// All are added, and so checked, before the first is opened, so that a mistake in the
// command line does not empty a file. Only whether two names lead to one new file is
// checked afterwards, since it is not known before. Where files are mentioned here and
// in the options, destinations with a scheme are not meant.
type Set struct {
	options     Options
	all         []*destination
	limits      *limits
	sealer      *sealer             // of the files; nil: they are not sealed
	noncer      *noncer             // of events; nil: they get no nonces
	sequencer   *sequencer          // of events; nil: they are not numbered
	warned      bool                // that a stream does not recognize lines
	sentTo      []jetstream.Address // the streams that are destinations
	receivers   *receivers          // of OpenTelemetry; nil as long as there are none
	source      Input               // of the current lines
	rejectsLost bool                // the destination for invalid lines failed
	missed      error               // ErrMissed once one that would be tried again failed after the end of ctx
	ctx         context.Context     // that of Open, for destinations that are opened again
}

// ErrEnough ends a command early: nobody reads any more, or too few destinations are
// left. It is not reported: what went wrong, if anything, was reported already.
var ErrEnough = errors.New("enough")

// New returns a Set without destinations.
func New(opts Options) *Set {
	opts.Require = cmp.Or(opts.Require, 1)
	if opts.Retry {
		opts.Stall = cmp.Or(opts.Stall, retryStall)
	}
	opts.Files.Logger = opts.Reports.Logger("")
	if opts.After == nil {
		opts.After = time.After
	}
	s := &Set{}
	if s.limits = newLimits(opts.Stall, opts.Grace, opts.After); opts.SpoolAfter > 0 {
		s.limits.stall, opts.Stall = 0, opts.SpoolAfter // a spooled destination never stalls
	}
	if opts.Seal != nil {
		s.sealer = newSealer(opts.Seal, opts.Reports)
		s.sealer.spooled = opts.SpoolAfter > 0
		opts.Files.Rotating = s.sealer.rotating
	}
	if opts.Nonces != nil {
		s.noncer = &noncer{source: nonce.Source{MaxLine: opts.Nonces.MaxLine}}
	}
	if opts.Sequence != nil {
		s.sequencer = &sequencer{options: opts.Sequence}
	}
	s.options = opts
	return s
}

// Open opens all destinations; Close must be called even after an error. One that cannot
// be opened has failed. An error is a [UsageError], [ErrEnough], or the cause of the end
// of ctx. If ctx ends later, writes get [Options].Grace before they are given up.
func (s *Set) Open(ctx context.Context) error {
	if !s.options.Part {
		if err := s.Check(); err != nil {
			return err
		}
	}
	s.ctx = ctx
	for _, to := range s.all {
		if s.options.Retry && to.mayWait() && !s.keepsFor(to) {
			to.state = pending // so that others do not wait for it
			continue
		}
		err := s.open(ctx, to)
		if ctx.Err() != nil && to.out == nil {
			if err != nil {
				to.state = failed
			}
			return context.Cause(ctx)
		}
		to.opened = err == nil
		switch {
		case err == nil:
		case s.triesAgain(to, err):
			s.again(to, err)
		default:
			to.state = failed
			s.options.Reports.Errorf("%v", report.Named("write", to.name, err))
			if s.options.StopOnError {
				return ErrEnough
			}
		}
	}
	s.limits.endWith(ctx)
	// Only now can new files be compared.
	for i, to := range s.all {
		if err := s.refuse(to, s.all[:i]); err != nil {
			return err
		}
	}
	if !s.enough() {
		s.tooFew()
		return ErrEnough
	}
	if s.sequencer != nil {
		s.openSequencer()
	}
	s.onHangup(s.reopen)
	if s.sealer != nil && !s.sealer.spooled {
		s.sealer.start(ctx)
	}
	return s.deliverWaiting(ctx)
}

// Check checks that the options fit the destinations, as Open does unless they are only a
// part of them. An error is a [UsageError].
func (s *Set) Check() error {
	if err := s.checkSpool(); err != nil {
		return err
	}
	if s.options.OTLP.TLSFiles != (TLSFiles{}) && (s.receivers == nil || !s.receivers.secure) {
		return usagef("--otlp-ca, --otlp-cert and --otlp-key are for TLS: add a destination otlp+https://HOST:PORT, or drop them")
	}
	if all, _ := s.count(); s.options.Require > max(1, all) {
		return usagef("--require %d: there is only %s", s.options.Require, report.Counted(int64(all), "destination"))
	}
	return nil
}

// open opens a destination unless ctx ends first.
func (s *Set) open(ctx context.Context, to *destination) error {
	switch {
	case to.out != nil:
		to.writer.opening = borrow(to.out, to.turn, to.role, s.limits, &to.writer.progress)
		return nil
	case s.keepsFor(to):
		to.writer.sink = s.newSpooled(to)
		return nil
	case to.remote != nil:
		return to.writer.openRemote(ctx, to.remote)
	}
	return to.writer.openPath(ctx, to.path, to.turn, to.role, s.options.Files)
}

// onHangup sets what SIGHUP does, if there are files that can be reopened.
func (s *Set) onHangup(action func()) {
	if s.options.OnHangup != nil && slices.ContainsFunc(s.all, (*destination).byPath) {
		s.options.OnHangup(action)
	}
}

// reopen reopens the files, which is what logrotate asks for with SIGHUP.
func (s *Set) reopen() {
	for _, to := range s.all {
		if to.byPath() {
			to.writer.reopen()
		}
	}
}

// Close closes all destinations, and reports those that only now fail. Then it seals the
// files.
func (s *Set) Close() {
	s.CloseUnsealed()
	s.Seal()
}

// CloseUnsealed is the first part of Close: what was sent is now in all destinations that
// have not failed.
func (s *Set) CloseUnsealed() {
	s.onHangup(func() {}) // they are as good as closed
	s.options.Retry = false
	for _, to := range s.all {
		if err := to.writer.end(); to.state == taking {
			s.check(to, err)
		}
	}
	if s.sequencer != nil {
		s.closeSequencer()
	}
}

// Seal is the second part of Close.
func (s *Set) Seal() {
	if s.sealer != nil {
		if s.sealer.spooled { // only now are the files there, if ever
			s.sealer.start(s.ctx)
		}
		s.sealer.finish()
	}
}

// SyncsAlways reports whether lines are on disk when Send returns.
func (s *Set) SyncsAlways() bool { return s.options.Files.Sync == collector.SyncAlways }
