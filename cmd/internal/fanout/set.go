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
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/compress"
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
	sequencer   *sequencer          // of events; nil: they are not numbered
	sentTo      []jetstream.Address // the streams that are destinations
	receivers   *receivers          // of OpenTelemetry; nil as long as there are none
	source      Input               // of the current lines
	rejectsLost bool                // the destination for invalid lines failed
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
	if opts.Sequence != nil {
		s.sequencer = &sequencer{options: opts.Sequence}
	}
	s.options = opts
	return s
}

// Add checks destinations for events: paths, - for standard output, and what has a
// scheme. An error is a [UsageError]. The Group is not nil, even of none.
func (s *Set) Add(role Role, dests ...string) (Group, error) {
	all := make(Group, 0, len(dests))
	for _, dest := range dests {
		to, err := s.add(role, dest)
		if err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	return all, nil
}

// AddRejects checks a destination for invalid lines; if it is empty, there is none. It
// does not count as a destination for events, nor among those that must be left.
func (s *Set) AddRejects(dest string) (Group, error) {
	if dest == "" {
		return nil, nil
	}
	to, err := s.add(Role{Share: "rejects"}, dest)
	if err != nil {
		return nil, err
	}
	to.rejects = true
	return Group{to}, nil
}

// AddWriter adds a Writer, which the caller closes.
func (s *Set) AddWriter(name string, w io.Writer) (Group, error) {
	to := &destination{name: name, path: name, fd: unopened, out: w}
	return Group{to}, s.join(to)
}

func (s *Set) add(role Role, dest string) (*destination, error) {
	to := &destination{name: dest, path: dest, fd: unopened, role: role}
	switch {
	case dest == "":
		return nil, usagef("a destination without a name")
	case dest == "-":
		to.name, to.fd, to.out = "stdout", stdout, s.options.Out
	case hasScheme(dest):
		if err := s.reach(to); err != nil {
			return nil, err
		}
		if role.Text {
			return nil, usagef("%s takes only events as they are: write another format to a file", to.name)
		}
	case s.options.Files.Rotate.Compress != compress.None && compress.ByName(dest) != compress.None:
		return nil, usagef("%s is compressed as it is written: drop --rotate-compress", dest)
	default:
		to.fd = descriptorOf(dest)
	}
	return to, s.join(to)
}

// join adds a destination to the set, if it is allowed.
func (s *Set) join(to *destination) error {
	to.writer.limits = s.limits
	if err := s.refuse(to, s.all); err != nil {
		return err
	}
	s.takeTurns(to)
	s.all = append(s.all, to)
	return nil
}

// takeTurns makes a destination and another one of the same stream, as standard output
// and /dev/stderr are on a terminal, write one after the other.
func (s *Set) takeTurns(to *destination) {
	for _, other := range s.all {
		if to.file != nil && other.file != nil && os.SameFile(to.file, other.file) {
			if other.turn == nil {
				other.turn = new(sync.Mutex)
			}
			to.turn = other.turn
			return
		}
	}
}

// refuse returns an error for a destination that is also an input, which would feed
// itself, or one of the others, which would overwrite it.
func (s *Set) refuse(to *destination, others []*destination) error {
	for _, in := range s.options.Inputs {
		if to.remote != nil && reaches(to.name, in.Path()) {
			return usagef("%s is also an input: send to another address", to.name)
		}
	}
	if to.remote == nil {
		to.file = to.stat()
		for _, in := range s.options.Inputs {
			if sameFile(in.Path(), in.Stat(), to.path, to.file) {
				return usagef("%s is also an input: write to another file", to.name)
			}
		}
		for _, d := range s.options.Directories {
			if to.byPath() && d.Reads(to.path) {
				return usagef("%s would be a log below %s, which is an input: write to another place", to.name, d.Path())
			}
		}
	}
	for _, other := range others {
		if other.path == to.path || other.fd == to.fd && to.fd != unopened {
			return usagef("%s is already a destination", to.name)
		}
		if to.remote == nil && other.remote == nil && sameFile(other.path, other.file, to.path, to.file) {
			return usagef("%s and %s are the same file: name it once", other.name, to.name)
		}
	}
	return nil
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
