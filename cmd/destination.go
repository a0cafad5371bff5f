package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// A destination is the collector for one place. Unlike other collectors it is
// for one goroutine only.
type destination struct {
	name    string
	path    string      // - for standard output
	file    os.FileInfo // what is known of it; nil if there is none
	rejects bool        // for invalid lines; it keeps no command going
	set     *destinations
	sink    *collector.JSONL // nil before it is opened
	fifo    *os.File         // to be closed behind the sink; nil for files
	meter   *meter           // of what a stream takes; nil where nobody waits for it
	failed  bool
	held    []byte     // lines that wait until the others are written
	written chan error // the outcome of a write that was begun; nil if none was
	stuck   bool       // in a write that does not end
}

var _ collector.LinesCollector = (*destination)(nil)

// open opens the path unless ctx ends first, or it takes longer than a
// destination may: opening a FIFO waits for its reader.
func (to *destination) open(ctx context.Context) (*collector.JSONL, error) {
	type result struct {
		sink *collector.JSONL
		err  error
	}
	opened := make(chan result, 1)
	go func() {
		sink, err := to.openPath()
		opened <- result{sink, err}
	}()
	select {
	case r := <-opened:
		return r.sink, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-to.set.stalled():
		return nil, errors.New("nobody reads it")
	}
}

func (to *destination) openPath() (*collector.JSONL, error) {
	if st, err := os.Stat(to.path); to.set.stall == 0 || err != nil || st.Mode().IsRegular() {
		return collector.OpenJSONL(to.path, &to.set.options)
	}
	f, err := os.OpenFile(to.path, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	to.fifo = f
	return collector.NewJSONL(to.metered(f)), nil
}

// close closes the sink, and what was opened for it.
func (to *destination) close() error {
	err := to.sink.Close()
	if to.fifo != nil {
		err = cmp.Or(err, to.fifo.Close())
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
	if to.failed {
		return nil
	}
	return to.check(to.sink.Emit(e))
}

// EmitLines passes lines on unless the destination has failed. Where there are
// several destinations it only begins to, so that they write side by side: the
// bytes are the destination's until Flush returns.
func (to *destination) EmitLines(lines []byte) error {
	switch {
	case to.failed:
		return nil
	case len(to.set.all) == 1 && to.set.stall == 0:
		return to.check(to.sink.EmitLines(lines))
	}
	if to.path == "-" && to.set.options.Sync == collector.SyncAlways {
		to.held = lines
		return nil
	}
	to.begin(lines)
	return nil
}

// begin begins to write lines.
func (to *destination) begin(lines []byte) {
	to.written = make(chan error, 1)
	go func() { to.written <- cmp.Or(to.sink.EmitLines(lines), to.sink.Flush()) }()
}

// Flush flushes unless the destination has failed, and reports how the lines
// before fared. What is on standard output is on the disk as well, if that was
// asked for: a line there says that it is safe.
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
// that nobody reads, so that the others can be closed whole.
func (to *destination) wait() (err error) {
	if to.written == nil {
		return nil
	}
	for taken, waiting := to.taken(), true; waiting; {
		select {
		case err = <-to.written:
			waiting = false
		case <-to.set.stalled():
			before := taken
			if taken = to.taken(); taken == before {
				waiting, to.stuck = false, true
				err = fmt.Errorf("took no data for %v", to.set.stall)
			}
		case <-to.set.ended:
			waiting = false
			select {
			case err = <-to.written:
			case <-time.After(grace / 2):
				to.stuck = true
				err = errStuck
			}
		}
	}
	to.written = nil
	return err
}

var errStuck = errors.New("interrupted in a write that does not end; it may end within a line")

// check makes an error the end of the destination, and perhaps of the command.
func (to *destination) check(err error) error {
	if err == nil {
		return nil
	}
	to.failed = true
	d := to.set
	if to.path == "-" && !to.rejects && errors.Is(err, syscall.EPIPE) && d.only(to) {
		return errEnough // whoever reads has enough
	}
	d.reports.errorf("%v", named("write", to.name, err))
	if d.stopOnError {
		return errEnough
	}
	if to.rejects || d.enough() {
		return nil
	}
	d.tooFew()
	return errEnough
}
