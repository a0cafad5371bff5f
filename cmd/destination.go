package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"syscall"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/collector"
	"auditctl/pkg/events"
	"auditctl/pkg/osfile"
)

// A destination is the collector for one place. Unlike other collectors it is
// for one goroutine only.
type destination struct {
	name    string
	path    string      // - for standard output
	fd      int         // of what is open already, as - and /dev/stderr are; else unopened
	remote  opener      // of a DEST with a scheme; nil for a path
	file    os.FileInfo // what is known of it; nil if there is none
	turn    *sync.Mutex // held while writing; nil if no other one is of the same stream
	rejects bool        // for invalid lines; it keeps no command going
	routed  bool        // for some of the lines
	shown   bool        // what it gets is made for a terminal: a view, with its colours
	share   string      // which lines of an input it gets, the same in every run; empty: others perhaps
	set     *destinations
	opening // without a sink before it is opened
	failed  bool
	stuck   bool   // in a write that does not end
	held    []byte // lines that wait until the others are written

	// Of a write that was begun: its outcome, nil if none was, and what is
	// closed when it takes too long for the end of the command.
	written  chan error
	deadline <-chan struct{}
}

// Descriptors of destinations.
const (
	stdout   = 1
	unopened = -1
)

// descriptorOf returns what of a DEST is open already, as - and /dev/stderr are.
func descriptorOf(dest string) int {
	if dest == "-" {
		return stdout
	}
	if fd, ok := osfile.DescriptorOf(dest); ok {
		return fd
	}
	return unopened
}

func isStdout(dest string) bool { return descriptorOf(dest) == stdout }

var _ collector.LinesCollector = (*destination)(nil)

// open opens a path unless ctx ends first, or it takes longer than a
// destination may: opening a FIFO waits for its reader.
func (to *destination) open(ctx context.Context) (err error) {
	if to.remote != nil {
		opened, err := to.remote(ctx)
		if err == nil {
			to.sink = opened
		}
		return err
	}
	opened := make(chan opening, 1)
	go func() { opened <- openPath(to.path, to.turn, to.set) }()
	select {
	case o := <-opened:
		to.opening = o
		return o.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-to.set.stalled():
		err = errors.New("nobody reads it")
	}
	go func() { // whoever comes to read it later finds its end
		if o := <-opened; o.err == nil {
			o.close()
		}
	}()
	return err
}

// An opening is what came of opening a path.
type opening struct {
	sink  sink     // nil after an error
	fifo  *os.File // to be closed behind the sink; nil for files
	meter *meter   // of what a stream takes; nil where nobody waits for it
	err   error
}

func openPath(path string, turn *sync.Mutex, set *destinations) opening {
	if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() {
		file, err := collector.OpenJSONL(path, &set.options)
		if err != nil {
			return opening{err: err}
		}
		return opening{sink: file}
	}
	f, err := osfile.OpenStream(path)
	if err != nil {
		return opening{err: err}
	}
	o := borrow(terminal.Guard(f), turn, set)
	o.fifo = f
	return o
}

// borrow makes a sink of a stream.
func borrow(w io.Writer, turn *sync.Mutex, set *destinations) opening {
	var o opening
	if set.stall > 0 {
		o.meter = &meter{w: w}
		w = o.meter
	}
	if turn != nil {
		w = &takingTurns{w, turn}
	}
	o.sink = collector.NewJSONL(w)
	return o
}

// takingTurns writes to a stream, such as a terminal, that others write to as
// well, each its lines at a time.
type takingTurns struct {
	io.Writer
	turn *sync.Mutex
}

func (t *takingTurns) Write(p []byte) (int, error) {
	t.turn.Lock()
	defer t.turn.Unlock()
	return t.Writer.Write(p)
}

// close closes the sink, and what was opened for it.
func (o opening) close() error {
	err := o.sink.Close()
	if o.fifo != nil {
		err = cmp.Or(err, o.fifo.Close())
	}
	return err
}

// stat returns what is known of the destination's file, nil if there is none.
func (to *destination) stat() (st os.FileInfo) {
	if to.path != "-" {
		st, _ = os.Stat(to.path)
	} else if f, ok := to.set.streams.Out.(*os.File); ok {
		st, _ = f.Stat()
	}
	return st
}

// Emit passes e on unless the destination has failed.
func (to *destination) Emit(e events.Event) error {
	return to.EmitLines(append(slices.Clone(e.Line()), '\n'))
}

// EmitLines passes lines on unless the destination has failed. Where there are
// several destinations, or it has a scheme, it only begins to, so that they write
// side by side and one that does not answer can be given up: the bytes are the
// destination's until Flush returns, or for ever if Flush gave it up.
func (to *destination) EmitLines(lines []byte) error {
	switch {
	case to.failed:
		return nil
	case len(to.set.all) == 1 && to.set.stall == 0 && to.remote == nil:
		return to.check(to.sink.EmitLines(lines))
	}
	if to.fd == stdout && to.set.options.Sync == collector.SyncAlways {
		to.held = lines
		return nil
	}
	to.begin(lines)
	return nil
}

// begin begins to write lines.
func (to *destination) begin(lines []byte) {
	written, sink := make(chan error, 1), to.sink
	to.written, to.deadline = written, to.set.deadline()
	go func() { written <- cmp.Or(sink.EmitLines(lines), sink.Flush()) }()
}

// Flush flushes unless the destination has failed, and reports how the lines
// before fared. What is on standard output is on the disk as well, if that was
// asked for: a line there says that it is safe in the files that are left.
func (to *destination) Flush() error {
	if to.held != nil {
		for _, other := range to.set.all {
			if other != to {
				if err := other.Flush(); err != nil {
					return err
				}
			}
		}
		to.begin(to.held)
		to.held = nil
	}
	switch {
	case to.failed:
		return nil
	case to.written != nil:
		return to.check(to.wait())
	}
	return to.check(to.sink.Flush())
}

// wait waits for a write that was begun. It gives up one that takes nothing for
// as long as a destination may, and, once the command is to end, one to a FIFO
// that nobody reads or to one that does not answer, so that the others can be
// closed whole.
func (to *destination) wait() (err error) {
	if to.written == nil {
		return nil
	}
	defer func() { to.written = nil }()
	reason, taken, stalled := errStuck, to.taken(), to.set.stalled
	if to.remote != nil {
		reason, stalled = errUnanswered, never
	}
waiting:
	for {
		select {
		case err = <-to.written:
			return err
		case <-stalled():
			before := taken
			if taken = to.taken(); taken == before {
				reason = fmt.Errorf("took no data for %v", to.set.stall)
				break waiting
			}
		case <-to.deadline:
			break waiting
		}
	}
	select {
	case err = <-to.written: // just now, or while others were waited for
		return err
	default:
		to.stuck = true
		to.set.stuck++
		return reason
	}
}

var (
	errStuck      = errors.New("interrupted in a write that does not end; it may end within a line")
	errUnanswered = errors.New("interrupted before the last events were acknowledged")
)

// check makes an error the end of the destination, and perhaps of the command.
func (to *destination) check(err error) error {
	if err == nil {
		return nil
	}
	to.failed = true
	d := to.set
	if to.fd == stdout && !to.rejects && errors.Is(err, syscall.EPIPE) && d.only(to) {
		return errEnough // whoever reads has enough
	}
	d.reports.Errorf("%v", report.Named("write", to.name, err))
	if d.stopOnError {
		return errEnough
	}
	d.rejectsLost = d.rejectsLost || to.rejects
	if to.rejects || d.enough() {
		return nil
	}
	d.tooFew()
	return errEnough
}
