package fanout

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
	"auditctl/pkg/events"
	"auditctl/pkg/spool"
)

// A spooled is a sink for lines that wait in a spool if their destination does not take
// them within [Options].SpoolAfter. It is opened with the first lines.
type spooled struct {
	set   *Set
	to    *destination
	spool *spool.Spool // nil: it cannot be used
	out   spool.Destination
	lines []byte
}

// newSpooled returns a spooled for a destination. If the spool cannot be used, that is
// reported, and lines are only written.
func (s *Set) newSpooled(to *destination) *spooled {
	dir, err := spool.Open(s.options.Spool, s.options.Reports.Printf)
	if err != nil {
		s.options.Reports.Errorf("%v", err)
	}
	return &spooled{set: s, to: to, spool: dir, out: &patient{set: s, to: to}}
}

// Emit holds e back until Flush.
func (s *spooled) Emit(e events.Event) error {
	s.lines = append(append(s.lines, e.Line()...), '\n')
	return nil
}

// EmitLines holds lines back until Flush.
func (s *spooled) EmitLines(lines []byte) error {
	s.lines = append(s.lines, lines...)
	return nil
}

// Flush delivers whole lines, or makes them wait.
func (s *spooled) Flush() error {
	lines := s.lines[:bytes.LastIndexByte(s.lines, '\n')+1]
	if len(lines) == 0 {
		return nil
	}
	s.lines = s.lines[len(lines):]
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	late := s.set.options.After(s.set.options.SpoolAfter)
	go func() {
		select {
		case <-late:
			cancel(fmt.Errorf("took no data for %v", s.set.options.SpoolAfter))
		case <-ctx.Done():
		}
	}()
	if s.spool == nil {
		_, err := s.out.Write(ctx, lines)
		return err
	}
	queue := queueOf(s.spool, s.to)
	waited, _ := queue.Waiting()
	kept, err := queue.Send(ctx, lines, s.out)
	switch {
	case err != nil && kept != nil:
		return fmt.Errorf("%w; and it cannot wait: %w", report.Named("write", s.to.name, kept), err)
	case err == nil && kept != nil && !waited: // said once, not of all that follow
		s.set.options.Reports.Printf("%v; events wait in %s", report.Named("write", s.to.name, kept), s.set.options.Spool)
	}
	return err
}

// Close ends the last line, and closes the destination.
func (s *spooled) Close() error {
	if len(s.lines) > 0 {
		s.lines = append(s.lines, '\n')
	}
	err := s.Flush()
	if s.spool != nil {
		s.spool.Close()
	}
	s.out.(*patient).close()
	return err
}

// A patient writes to a destination until a context is done.
type patient struct {
	set *Set
	to  *destination

	out  opening
	fifo *fifo // in place of out
	err  error // the first error
	hung bool  // a write does not end
}

// patience is how long a write that should have ended by itself may still take.
const patience = 250 * time.Millisecond

// within calls do, and returns soon after ctx is done even if that does not.
func (p *patient) within(ctx context.Context, do func() (int, error)) (n int, err error) {
	if p.err != nil {
		return 0, p.err
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := do()
		done <- result{n, err}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		select {
		case r = <-done:
		case <-p.set.options.After(patience):
			p.hung, r.err = true, context.Cause(ctx)
		}
	}
	p.err = r.err
	return r.n, r.err
}

// Write writes lines.
func (p *patient) Write(ctx context.Context, lines []byte) (taken int, err error) {
	return p.within(ctx, func() (int, error) {
		if p.out.sink == nil && p.fifo == nil {
			if err := p.open(ctx); err != nil {
				return 0, err
			}
		}
		if p.fifo != nil {
			return p.fifo.write(ctx, lines)
		}
		before := written(p.out.sink)
		err := p.send(ctx, lines)
		return int(written(p.out.sink) - before), err
	})
}

// send sends lines to a sink. What that has not sent by the end of ctx, a server may get
// later, and a file or stream does not.
func (p *patient) send(ctx context.Context, lines []byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if p.to.remote == nil {
		return write(p.out.sink, lines)
	}
	if err := p.out.sink.EmitLines(lines); err != nil {
		return err
	}
	return collector.FlushContext(ctx, p.out.sink)
}

// open opens the destination.
func (p *patient) open(ctx context.Context) (err error) {
	if p.to.remote != nil {
		p.out.sink, err = p.to.remote(ctx)
		return err
	}
	if st, err := os.Stat(p.to.path); err == nil && st.Mode()&os.ModeNamedPipe != 0 && p.to.byPath() {
		p.fifo, err = openFIFO(ctx, p.to.path)
		return err
	}
	files := p.set.options.Files
	files.LockWait = p.set.options.SpoolAfter
	p.out = openPath(p.to.path, p.to.turn, p.to.role, files, p.set.limits, &p.to.writer.progress)
	return p.out.err
}

// Sync syncs what was written to a file, even if a write failed.
func (p *patient) Sync(ctx context.Context) error {
	if p.hung {
		return p.err
	}
	failed := p.err
	p.err = nil
	_, err := p.within(ctx, func() (int, error) { return 0, syncNow(p.out.sink) })
	if failed != nil && !p.hung {
		p.err = failed
	}
	return err
}

// close closes what was opened. After an error it does not wait for a server, which may
// have lines that wait in the spool now.
func (p *patient) close() {
	switch {
	case p.hung || p.err != nil && p.to.remote != nil:
	case p.fifo != nil:
		p.fifo.Close()
	case p.out.sink != nil:
		p.out.close()
	}
}
