package cmd

import (
	"cmp"
	"context"
	"errors"
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
	path    string // - for standard output
	rejects bool   // for invalid lines; it keeps no command going
	set     *destinations
	sink    *collector.JSONL // nil before it is opened
	failed  bool
	written chan error // the outcome of a write that was begun; nil if none was
	stuck   bool       // in a write that does not end
}

var _ collector.LinesCollector = (*destination)(nil)

// openJSONL opens a path unless ctx ends first: opening a FIFO waits for its
// reader.
func openJSONL(ctx context.Context, path string, opts collector.JSONLOptions) (*collector.JSONL, error) {
	type result struct {
		sink *collector.JSONL
		err  error
	}
	opened := make(chan result, 1)
	go func() {
		sink, err := collector.OpenJSONL(path, &opts)
		opened <- result{sink, err}
	}()
	select {
	case r := <-opened:
		return r.sink, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
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
	case len(to.set.all) == 1:
		return to.check(to.sink.EmitLines(lines))
	}
	to.written = make(chan error, 1)
	go func() { to.written <- cmp.Or(to.sink.EmitLines(lines), to.sink.Flush()) }()
	return nil
}

// Flush flushes unless the destination has failed, and reports how the lines
// before fared.
func (to *destination) Flush() error {
	switch {
	case to.failed:
		return nil
	case to.written != nil:
		return to.check(to.wait())
	}
	return to.check(to.sink.Flush())
}

// wait waits for a write that was begun. Once the command is to end, it gives up
// a write to a FIFO that nobody reads, so that the others can be closed whole.
func (to *destination) wait() (err error) {
	if to.written == nil {
		return nil
	}
	select {
	case err = <-to.written:
	case <-to.set.ended:
		select {
		case err = <-to.written:
		case <-time.After(grace / 2):
			to.stuck = true
			err = errStuck
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
	if d.stopOnError || !to.rejects && !d.alive() {
		return errEnough
	}
	return nil
}
