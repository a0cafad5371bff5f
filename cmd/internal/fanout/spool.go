package fanout

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/spool"
)

// Two kinds of lines wait in the directory of [Options].Spool: those of a stream, which
// package jetstream keeps there and delivers as long as a command runs, and those of any
// destination that did not take them within [Options].SpoolAfter, for which this file and
// pkg/spool are.

// queueOf returns the queue of a destination. It is bound to the name of the destination as
// given, but a file has the same queue in every working directory.
func queueOf(s *spool.Spool, to *destination) *spool.Queue {
	if path, err := filepath.Abs(to.path); err == nil && to.byPath() {
		return s.Queue(path, path)
	}
	return s.Queue(to.path, to.name)
}

// spools reports whether lines for a destination may wait in a spool.
func (to *destination) spools() bool { return to.out == nil && !to.rejects && !to.role.Text }

// keepsFor reports whether lines that a destination does not take in time are kept in the
// spool.
func (s *Set) keepsFor(to *destination) bool { return s.options.SpoolAfter > 0 && to.spools() }

// checkSpool returns an error if there is no destination for a spool.
func (s *Set) checkSpool() error {
	if s.options.Spool == "" {
		return nil
	}
	for _, to := range s.all {
		if to.spools() {
			return nil
		}
	}
	return usagef("--spool keeps events for files, nats:// and otlp+http://: add such a destination, or drop it")
}

// deliverWaiting delivers to all destinations what waits for them, before anything else. If
// a destination fails, the rest goes on waiting.
func (s *Set) deliverWaiting(ctx context.Context) error {
	dir := s.openWaiting()
	if dir == nil {
		return nil
	}
	defer dir.Close()
	var known []*spool.Queue
	for _, to := range s.all {
		if !to.spools() {
			continue
		}
		queue := queueOf(dir, to)
		known = append(known, queue)
		if to.state != taking {
			continue
		}
		err := s.drain(ctx, to, queue, &waiting{sink: to.writer.sink, writer: &to.writer})
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := s.check(to, err); err != nil {
			return err
		}
	}
	others, err := dir.Others(known...)
	s.sayOthers(others, err)
	return nil
}

// sayOthers says for whom else events wait.
func (s *Set) sayOthers(others []string, err error) {
	if err != nil {
		s.options.Reports.Errorf("%v", err)
	}
	for _, name := range others {
		s.options.Reports.Printf("%s: events wait there for %s, which is no destination: name it to deliver them", s.options.Spool, name)
	}
}

// SayNeglected says, once a day, for which other destinations events have waited for a day
// in the spool. It is for commands with [Options].SpoolAfter, of which there are many.
func (s *Set) SayNeglected() {
	dir, err := spool.OpenExisting(s.options.Spool, s.options.Reports.Printf)
	if err != nil {
		return // it was reported
	}
	defer dir.Close()
	var known []*spool.Queue
	for _, to := range s.all {
		known = append(known, queueOf(dir, to))
	}
	others, err := dir.Neglected(24*time.Hour, known...)
	s.sayOthers(others, err)
}

// openWaiting opens the directory in which lines may wait that are to be delivered. It
// returns nil if there is none, and after an error, which it reports.
func (s *Set) openWaiting() *spool.Spool {
	if s.options.Spool == "" || s.options.SpoolAfter > 0 {
		return nil
	}
	dir, err := spool.OpenExisting(s.options.Spool, s.options.Reports.Printf)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && len(s.sentTo) == 0 { // otherwise the stream has reported it
		s.options.Reports.Errorf("%v", err)
	}
	return dir
}

// deliverWaitingTo delivers what waits for a destination that was opened again, and returns
// its error.
func (s *Set) deliverWaitingTo(to *destination, now sink) error {
	if to.drained || !to.spools() {
		return nil
	}
	dir := s.openWaiting()
	if dir == nil {
		return nil
	}
	defer dir.Close()
	return s.drain(s.ctx, to, queueOf(dir, to), &waiting{sink: now})
}

// drain delivers what waits for a destination. It returns the error of that, and reports
// those of the spool itself.
func (s *Set) drain(ctx context.Context, to *destination, queue *spool.Queue, w *waiting) error {
	err := queue.Drain(ctx, w)
	if w.lines > 0 {
		s.options.Reports.Printf("%s: %s delivered from %s", to.name, report.Counted(w.lines, "line"), s.options.Spool)
	}
	to.drained = err == nil
	if err != nil && w.failed == nil && ctx.Err() == nil {
		s.options.Reports.Errorf("%v", err)
	}
	return w.failed
}

// A waiting is a destination of lines that wait in a spool.
type waiting struct {
	sink   sink
	writer *writer // which writes to the sink, and may give that up; nil: nobody does
	lines  int64   // how many were written
	failed error   // of the destination
}

func (w *waiting) Write(_ context.Context, lines []byte) (taken int, err error) {
	before := written(w.sink)
	if w.writer == nil {
		err = write(w.sink, lines)
	} else {
		w.writer.begin(lines)
		err = w.writer.wait()
	}
	if taken = len(lines); err != nil {
		taken, w.failed = int(written(w.sink)-before), err
	}
	w.lines += int64(bytes.Count(lines[:taken], []byte{'\n'}))
	return taken, err
}

func (w *waiting) Sync(context.Context) error {
	if w.writer != nil && w.writer.stuck {
		return w.failed
	}
	err := syncNow(w.sink)
	w.failed = cmp.Or(w.failed, err)
	return err
}

// written returns how many bytes of lines a sink has written for good, as far as it knows.
func written(to sink) int64 {
	if to, ok := to.(interface{ Written() int64 }); ok {
		return to.Written()
	}
	return 0
}

// syncNow syncs what a sink has written to a file.
func syncNow(to sink) error {
	if to, ok := to.(interface{ Sync() error }); ok {
		return to.Sync()
	}
	return nil
}
