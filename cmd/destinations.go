package cmd

import (
	"cmp"
	"context"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/compress"
)

// Destinations are where a command sends events. One that fails is reported
// once and dropped; the others go on. When fewer are left than must be, or the
// first failure is to be the end, sending returns errEnough. They are for one
// goroutine.
//
// All are added, and so checked, before the first is opened, so that a mistake in
// the command line does not empty a file. Only what cannot be known before, that
// two names of a file that is not there yet are one, is checked after. What is
// said of files here and in the options is not of destinations with a scheme.
type destinations struct {
	options     setOptions
	all         []*destination
	limits      *limits
	sealer      *sealer             // of the files; nil: they are not sealed
	sentTo      []jetstream.Address // the streams that are destinations
	source      lineSource          // of the lines at hand
	rejectsLost bool                // the destination for invalid lines failed
}

// setOptions are options for destinations.
type setOptions struct {
	out     io.Writer    // standard output
	inputs  []lineSource // none of the destinations may be one
	reports *report.Reporter
	version string // of the program

	files       collector.JSONLOptions
	stopOnError bool          // at the first failure
	require     int           // how many for events must be left; zero: one, requireAll: all
	stall       time.Duration // how long one may take nothing; zero: for ever
	spool       string        // a directory for the lines of a stream that is away; empty: none
	seal        *sealOfFiles  // nil: they are not sealed

	// How long the destinations have to end whole once the command is to end.
	grace time.Duration

	// onHangup sets what a hang-up does while there are files that can be opened
	// anew; may be nil.
	onHangup func(action func())

	// after is time.After, unless tests put a clock in its place.
	after func(time.Duration) <-chan time.Time
}

// requireAll requires that all destinations are left.
const requireAll = -1

// A lineSource is what destinations know of where lines come from.
type lineSource interface {
	// Path is the path or address.
	Path() string

	// Stat returns what is known of a file before it is opened, nil if it is none.
	Stat() os.FileInfo

	// Address returns the address of a stream, false if it is none.
	Address() (jetstream.Address, bool)

	// Origin names the place, the same in every run; empty if lines cannot be read
	// again from the first one.
	Origin() string
}

// newDestinations returns no destinations yet.
func newDestinations(opts setOptions) *destinations {
	opts.require = cmp.Or(opts.require, 1)
	opts.files.Notice = func(text string) { opts.reports.Printf("%s", text) }
	if opts.after == nil {
		opts.after = time.After
	}
	d := &destinations{limits: newLimits(opts.stall, opts.grace, opts.after)}
	if opts.seal != nil {
		d.sealer = newSealer(opts.seal, opts.reports)
		opts.files.Rotating = d.sealer.rotating
	}
	d.options = opts
	return d
}

// add checks a DEST for events.
func (d *destinations) add(dest string, role role) (*destination, error) {
	to := &destination{name: dest, path: dest, fd: unopened, role: role}
	switch {
	case dest == "":
		return nil, usagef("a destination without a name")
	case dest == "-":
		to.name, to.fd, to.out = "stdout", stdout, d.options.out
	case hasScheme(dest):
		if err := d.reach(to); err != nil {
			return nil, err
		}
	case d.options.files.Rotate.Compress != compress.None && compress.ByName(dest) != compress.None:
		return nil, usagef("%s is compressed as it is written: drop --rotate-compress", dest)
	default:
		to.fd = descriptorOf(dest)
	}
	return to, d.join(to)
}

// addAll checks DESTs for events.
func (d *destinations) addAll(dests []string, role role) (group, error) {
	all := make(group, 0, len(dests))
	for _, dest := range dests {
		to, err := d.add(dest, role)
		if err != nil {
			return nil, err
		}
		all = append(all, to)
	}
	return all, nil
}

// addRejects checks a DEST for invalid lines; there is none where it is empty.
func (d *destinations) addRejects(dest string) (group, error) {
	if dest == "" {
		return nil, nil
	}
	to, err := d.add(dest, role{share: "rejects"})
	if err != nil {
		return nil, err
	}
	to.rejects = true
	return group{to}, nil
}

// addWriter adds what is open already, and stays the caller's to close.
func (d *destinations) addWriter(name string, w io.Writer) (group, error) {
	to := &destination{name: name, path: name, fd: unopened, out: w}
	return group{to}, d.join(to)
}

// join lets a destination be one of d's, unless it must not be.
func (d *destinations) join(to *destination) error {
	to.writer.limits = d.limits
	if err := d.refuse(to, d.all); err != nil {
		return err
	}
	d.takeTurns(to)
	d.all = append(d.all, to)
	return nil
}

// takeTurns lets a destination and another of the same stream, as standard output
// and /dev/stderr are on a terminal, write one after the other.
func (d *destinations) takeTurns(to *destination) {
	for _, other := range d.all {
		if to.file != nil && other.file != nil && os.SameFile(to.file, other.file) {
			if other.turn == nil {
				other.turn = new(sync.Mutex)
			}
			to.turn = other.turn
			return
		}
	}
}

// refuse refuses a destination that is also an input, which would feed itself,
// or one of the others, which would write over it.
func (d *destinations) refuse(to *destination, others []*destination) error {
	if to.remote == nil {
		to.file = to.stat()
		for _, in := range d.options.inputs {
			if sameFile(in.Path(), in.Stat(), to.path, to.file) {
				return usagef("%s is also an input: write to another file", to.name)
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

// open opens all destinations. One that cannot be opened has failed.
func (d *destinations) open(ctx context.Context) error {
	if d.options.spool != "" && len(d.sentTo) == 0 {
		return usagef("--spool is for a stream: add a destination nats://HOST/STREAM, or drop it")
	}
	if all, _ := d.count(); d.options.require > max(1, all) {
		return usagef("--require %d: there is only %s", d.options.require, report.Counted(int64(all), "destination"))
	}
	for _, to := range d.all {
		err := d.openOne(ctx, to)
		if ctx.Err() != nil && to.out == nil {
			to.failed = err != nil
			return context.Cause(ctx)
		}
		if err != nil {
			to.failed = true
			d.options.reports.Errorf("%v", report.Named("write", to.name, err))
			if d.options.stopOnError {
				return errEnough
			}
		}
	}
	d.limits.endWith(ctx)
	// Files that were not there before can be told apart only now.
	for i, to := range d.all {
		if err := d.refuse(to, d.all[:i]); err != nil {
			return err
		}
	}
	if !d.enough() {
		d.tooFew()
		return errEnough
	}
	d.onHangup(d.reopen)
	if d.sealer != nil {
		d.sealer.start(ctx)
	}
	return nil
}

// openOne opens a destination unless ctx ends first.
func (d *destinations) openOne(ctx context.Context, to *destination) error {
	switch {
	case to.out != nil:
		out := to.out
		if !to.role.shown {
			out = terminal.Guard(out)
		}
		to.writer.opening = borrow(out, to.turn, d.limits)
		return nil
	case to.remote != nil:
		return to.writer.openRemote(ctx, to.remote)
	}
	return to.writer.openPath(ctx, to.path, to.turn, &d.options.files)
}

// onHangup sets what a hang-up does, if there are files that can be opened anew.
func (d *destinations) onHangup(action func()) {
	if d.options.onHangup != nil && slices.ContainsFunc(d.all, (*destination).byPath) {
		d.options.onHangup(action)
	}
}

// reopen opens the files anew, as logrotate asks for with SIGHUP.
func (d *destinations) reopen() {
	for _, to := range d.all {
		if to.byPath() {
			to.writer.reopen()
		}
	}
}

// close closes every destination; those that fail only now are reported.
func (d *destinations) close() {
	d.onHangup(func() {}) // they are as good as closed
	for _, to := range d.all {
		if err := to.writer.end(); !to.failed {
			d.check(to, err)
		}
	}
	if d.sealer != nil {
		d.sealer.finish()
	}
}
