package cmd

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/events"
)

// Destinations are where a command sends events. One that fails is reported
// once and dropped; the others go on. When fewer are left than must be, or the
// first failure is to be the end, emitting returns errEnough.
//
// All are added, and so checked, before the first is opened, so that a mistake in
// the command line does not empty a file. Only what cannot be known before, that
// two names of a file that is not there yet are one, is checked after. What is
// said of files here and in the options is not of destinations with a scheme.
type destinations struct {
	streams     Streams
	inputs      []*input
	reports     *report.Reporter
	options     collector.JSONLOptions
	stopOnError bool
	required    requirement         // how many for events must be left
	stall       time.Duration       // how long one may take nothing; zero: for ever
	sealer      *sealer             // of the files; nil: they are not sealed
	spool       string              // a directory for the lines of a stream that is away; empty: none
	sentTo      []jetstream.Address // the streams that are destinations
	rejectsLost bool                // the destination for invalid lines failed
	source      *input              // of the lines at hand
	all         []*destination
	stuck       int           // how many were given up in a write
	late        chan struct{} // closed some time after the command was to end
}

// newDestinations returns no destinations yet. The inputs are those that none
// of them may be.
func newDestinations(s Streams, inputs []*input, reports *report.Reporter) *destinations {
	d := &destinations{streams: s, inputs: inputs, reports: reports, required: 1, late: make(chan struct{})}
	d.options.Notice = func(text string) { reports.Printf("%s", text) }
	return d
}

// add checks a DEST for events.
func (d *destinations) add(dest string) (to *destination, err error) {
	ext := filepath.Ext(dest)
	switch {
	case dest == "":
		return nil, usagef("a destination without a name")
	case dest == "-":
		to = &destination{name: "stdout", path: dest, fd: stdout, set: d}
	case hasScheme(dest):
		if to, err = d.newRemote(dest); err != nil {
			return nil, err
		}
	case d.options.Rotate.Compress != "" && (ext == ".gz" || ext == ".zst"):
		return nil, usagef("%s is compressed as it is written: drop --rotate-compress", dest)
	default:
		to = &destination{name: dest, path: dest, fd: descriptorOf(dest), set: d}
	}
	if err := d.refuse(to, d.all); err != nil {
		return nil, err
	}
	d.takeTurns(to)
	d.all = append(d.all, to)
	return to, nil
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

// addAll checks DESTs for events and returns the collector for all of them.
func (d *destinations) addAll(dests []string) (*collector.Composite, error) {
	all := collector.NewComposite()
	for _, dest := range dests {
		to, err := d.add(dest)
		if err != nil {
			return nil, err
		}
		all.Add(to)
	}
	return all, nil
}

// addRejects checks a DEST for invalid lines; nil where it is empty.
func (d *destinations) addRejects(dest string) (collector.LinesCollector, error) {
	if dest == "" {
		return nil, nil
	}
	to, err := d.add(dest)
	if err != nil {
		return nil, err
	}
	to.rejects, to.share = true, "rejects"
	return to, nil
}

// refuse refuses a destination that is also an input, which would feed itself,
// or one of the others, which would write over it.
func (d *destinations) refuse(to *destination, others []*destination) error {
	if to.remote == nil {
		to.file = to.stat()
		for _, in := range d.inputs {
			if sameFile(in.path, in.stat(d.streams), to.path, to.file) {
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

// sameFile reports whether two paths lead to one file or FIFO. Devices may be
// read and written at once, and so may sockets; files that are not there yet
// are known by their path.
func sameFile(a string, aFile os.FileInfo, b string, bFile os.FileInfo) bool {
	if aFile == nil || bFile == nil {
		return aFile == nil && bFile == nil && a != "-" && b != "-" && filepath.Clean(a) == filepath.Clean(b)
	}
	mode := aFile.Mode()
	return (mode.IsRegular() || mode&os.ModeNamedPipe != 0) && os.SameFile(aFile, bFile)
}

// open opens all destinations. One that cannot be opened has failed.
func (d *destinations) open(ctx context.Context) error {
	if d.spool != "" && len(d.sentTo) == 0 {
		return usagef("--spool is for a stream: add a destination nats://HOST/STREAM, or drop it")
	}
	if all, _ := d.count(); int(d.required) > max(1, all) {
		return usagef("--require %d: there is only %s", d.required, report.Counted(int64(all), "destination"))
	}
	for _, to := range d.all {
		if to.path == "-" {
			out := d.streams.Out
			if !to.shown {
				out = terminal.Guard(out)
			}
			to.opening = borrow(out, to.turn, d)
			continue
		}
		err := to.open(ctx)
		if ctx.Err() != nil {
			to.failed = err != nil
			return context.Cause(ctx)
		}
		if err != nil {
			to.failed = true
			d.reports.Errorf("%v", report.Named("write", to.name, err))
			if d.stopOnError {
				return errEnough
			}
		}
	}
	context.AfterFunc(ctx, func() { time.AfterFunc(grace/2, func() { close(d.late) }) })
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
	if d.hasFiles() {
		d.streams.hangup.do(d.reopen)
	}
	if d.sealer != nil {
		d.sealer.start(ctx)
	}
	return nil
}

// hasFiles reports whether there are destinations to be opened anew.
func (d *destinations) hasFiles() bool {
	return slices.ContainsFunc(d.all, func(to *destination) bool { return to.fd == unopened && to.remote == nil })
}

// onScreen reports whether one of them may be a terminal: a device that keeps
// what it takes.
func (d *destinations) onScreen() bool {
	null, _ := os.Stat(os.DevNull)
	return slices.ContainsFunc(d.all, func(to *destination) bool {
		return to.file != nil && to.file.Mode()&os.ModeCharDevice != 0 && !os.SameFile(to.file, null)
	})
}

// reopen opens the files anew, as logrotate asks for with SIGHUP. What goes wrong
// shows at the next event.
func (d *destinations) reopen() {
	for _, to := range d.all {
		if to.path == "-" {
			continue
		}
		if file, ok := to.sink.(interface{ Reopen() error }); ok {
			file.Reopen()
		}
	}
}

// beginLine passes on the first piece of a line that comes in pieces, to those
// for invalid lines and, if whole is set, to those for every line. Each file
// stays locked until the end of the line, so they are taken one by one in the
// order of their names: of two commands with the same files one waits for the
// other, and not each for ever.
func (d *destinations) beginLine(piece []byte, whole bool) error {
	var takers []*destination
	for _, to := range d.all {
		if to.rejects || whole && !to.routed {
			takers = append(takers, to)
		}
	}
	slices.SortStableFunc(takers, func(a, b *destination) int { return cmp.Compare(a.order(), b.order()) })
	for _, to := range takers {
		if err := cmp.Or(to.EmitLines(piece), to.Flush()); err != nil {
			return err
		}
	}
	return nil
}

// from says which input the lines that follow come from, to destinations that
// know by it what an earlier run wrote.
func (d *destinations) from(in *input) {
	if in == d.source {
		return
	}
	d.source = in
	for _, to := range d.all {
		if known, ok := to.sink.(interface{ From(origin string) }); ok && !to.failed && to.share != "" {
			origin := in.origin(d.streams)
			if origin != "" {
				origin = to.share + " of " + origin
			}
			known.From(origin)
		}
	}
}

// order is the name by which a destination has its place among others: that of
// its file, those that are no files last.
func (to *destination) order() string {
	path, err := filepath.EvalSymlinks(to.path)
	if err != nil {
		path = to.path
	}
	if path, err = filepath.Abs(path); to.path == "-" || to.remote != nil || err != nil {
		return "\xff"
	}
	return path
}

// enough reports whether as many destinations for events are left as must be,
// or none was asked for.
func (d *destinations) enough() bool {
	all, left := d.count()
	required := int(d.required)
	if d.required == requireAll {
		required = all
	}
	return all == 0 || left >= required
}

// tooFew says that not enough are left.
func (d *destinations) tooFew() {
	if all, left := d.count(); left > 0 {
		d.reports.Errorf("%d of %d destinations left: that is not enough", left, all)
	}
}

// count returns how many destinations for events there are, and are left.
func (d *destinations) count() (all, left int) {
	for _, to := range d.all {
		if to.rejects {
			continue
		}
		all++
		if !to.failed {
			left++
		}
	}
	return all, left
}

// only reports whether to is the only destination of events.
func (d *destinations) only(to *destination) bool {
	return !slices.ContainsFunc(d.all, func(other *destination) bool { return other != to && !other.rejects })
}

// send opens the destinations, sends e to the collector for all of them, and
// closes them.
func (d *destinations) send(ctx context.Context, all collector.Collector, e events.Event) error {
	err := d.open(ctx)
	if err == nil {
		err = cmp.Or(all.Emit(e), all.Flush())
	}
	d.close()
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return err
	case d.reports.Failed():
		return statusError
	}
	return nil
}

// deadline returns what is closed when a write that begins now has taken too long
// for the end of the command: if that was to end before, in a moment.
func (d *destinations) deadline() <-chan struct{} {
	select {
	case <-d.late:
	default:
		return d.late
	}
	end := make(chan struct{})
	time.AfterFunc(grace/8, func() { close(end) })
	return end
}

// close closes every destination; those that fail only now are reported.
func (d *destinations) close() {
	if d.hasFiles() {
		d.streams.hangup.do(func() {}) // they are as good as closed
	}
	for _, to := range d.all {
		// Close reports the same error, unless it would wait for ever.
		if err := to.wait(); to.stuck && !to.failed {
			to.check(err)
		}
		if to.sink == nil || to.stuck {
			continue
		}
		if err := to.close(); !to.failed {
			to.check(err)
		}
	}
	if d.sealer != nil {
		d.sealer.finish()
	}
}
