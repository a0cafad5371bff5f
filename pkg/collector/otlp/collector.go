// Package otlp sends audit events to OpenTelemetry: as OTLP logs over HTTP, in
// protobuf.
//
// A [Collector] sends each line as a log record:
//
//	the line             the record
//	event_type           event_name
//	timestamp            time_unix_nano; 0 before 1970, after 2554, and if it cannot be read
//	severity             severity_text as it stands, and severity_number: debug DEBUG (5),
//	                     info INFO (9), warning WARN (13), error ERROR (17), critical FATAL (21)
//	agent_id             attribute gen_ai.agent.id
//	session_id           attribute session.id, and trace_id
//	turn_id              attribute auditctl.turn.id, and span_id
//	metadata.KEY         attribute auditctl.metadata.KEY
//	all of it            body, a string
//
// The time at which the record is sent is observed_time_unix_nano. What is null,
// absent or an empty id makes no attribute. Numbers are ints where they are
// integers of 64 bits, else doubles; objects and arrays stay what they are, but 16
// levels down they are strings of JSON.
//
// All events of a session have one trace_id, and all of a turn one span_id. They
// are the first 16 and 8 bytes of these SHA-256 sums, without a turn id there is
// no span_id, and without a session id neither:
//
//	printf 'auditctl session\0%s' SESSION | sha256sum
//	printf 'auditctl turn\0%s\0%s' SESSION TURN | sha256sum
//
// A line that is not an event is a record with its bytes as the body and nothing
// else; blank lines are passed over. A line that comes in pieces and is larger
// than a request may be is as many records, with the attributes
// auditctl.line.part, from 0, and auditctl.line.end, true for the last one.
//
// Records are of the scope auditctl and of a resource that has only a
// service.name.
package otlp

import (
	"bytes"
	"context"
	"errors"

	"golang.org/x/sync/semaphore"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// Collector sends events to an OTLP receiver, see [New]. It gathers them, and
// sends them when a request is full, and at Flush and Close at the latest. These
// return when the receiver has acknowledged all, so they wait for its answer; so
// does Emit when a request is full.
//
// A request that was not answered is sent again, so that a receiver may see its
// events twice; none is left out. The first error is final: what comes after it
// is refused with the same error. Errors do not name the receiver.
type Collector struct {
	turn    *semaphore.Weighted // guards what follows; a lock that a context ends the wait for
	client  *client
	encoder encoder
	limits  limits
	lines   []byte // that wait to be sent
	whole   int    // how many bytes of these are whole lines
	count   int    // how many lines these are
	parts   int    // how many were sent of the line that begins there
	err     error
	closed  bool
}

var (
	_ collector.LinesCollector = (*Collector)(nil)
	_ collector.ContextFlusher = (*Collector)(nil)
)

// limits are those of one request.
type limits struct{ records, bytes int }

// New returns a collector that sends to the receiver at an http or https URL. If
// that has no path it is /v1/logs. The receiver is not asked anything yet. The
// options may be nil.
func New(endpoint string, opts *Options) (*Collector, error) {
	if opts == nil {
		opts = &Options{}
	}
	o, err := opts.complete()
	if err != nil {
		return nil, err
	}
	client, err := newClient(endpoint, o)
	if err != nil {
		return nil, err
	}
	return &Collector{turn: semaphore.NewWeighted(1), client: client, encoder: newEncoder(o), limits: limits{o.MaxRecords, o.MaxBytes}}, nil
}

// Emit sends e, or gathers it to be sent.
func (c *Collector) Emit(e events.Event) error {
	c.lock(context.Background())
	defer c.turn.Release(1)
	if err := c.ready(); err != nil {
		return err
	}
	c.err = c.add(e.Line(), true)
	return c.err
}

// EmitLines sends lines, or gathers them to be sent.
func (c *Collector) EmitLines(lines []byte) error {
	c.lock(context.Background())
	defer c.turn.Release(1)
	if err := c.ready(); err != nil {
		return err
	}
	for line := range bytes.Lines(lines) {
		text, ended := bytes.CutSuffix(line, []byte{'\n'})
		if c.err = c.add(text, ended); c.err != nil {
			return c.err
		}
	}
	return nil
}

// Flush sends what was gathered. A line that did not come whole waits for its
// end.
func (c *Collector) Flush() error { return c.FlushContext(context.Background()) }

// FlushContext is Flush, but when ctx is done it returns the cause of that. What was
// not acknowledged by then is sent by the next Flush or Close, so that a receiver may
// see it twice.
func (c *Collector) FlushContext(ctx context.Context) error {
	if err := c.lock(ctx); err != nil {
		return err
	}
	defer c.turn.Release(1)
	if err := c.ready(); err != nil {
		return err
	}
	err := c.sendWhole(ctx)
	if errors.Is(err, errCutShort) {
		return context.Cause(ctx)
	}
	c.err = err
	return c.err
}

// Close sends what was gathered, also a line that did not come whole. It reports
// the first error there ever was; a second Close does nothing.
func (c *Collector) Close() error {
	c.lock(context.Background())
	defer c.turn.Release(1)
	if c.closed {
		return nil
	}
	c.closed = true
	if c.err == nil && len(c.lines) > c.whole {
		c.err = c.add(nil, true)
	}
	if c.err == nil {
		c.err = c.sendWhole(context.Background())
	}
	c.lines = nil
	c.client.close()
	return c.err
}

// lock waits until nobody else uses c, no longer than ctx.
func (c *Collector) lock(ctx context.Context) error {
	if ctx.Err() != nil || c.turn.Acquire(ctx, 1) != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (c *Collector) ready() error {
	if c.closed {
		return collector.ErrClosed
	}
	return c.err
}

// add adds a line, or a piece of one that does not end yet.
func (c *Collector) add(text []byte, ended bool) error {
	if c.count == c.limits.records || c.count > 0 && len(c.lines)+len(text)+1 > c.limits.bytes {
		if err := c.sendWhole(context.Background()); err != nil {
			return err
		}
	}
	c.lines = append(c.lines, text...)
	switch {
	case ended && c.parts == 0:
		c.lines = append(c.lines, '\n')
		c.whole = len(c.lines)
		c.count++
		return nil
	case ended || len(c.lines)-c.whole >= c.limits.bytes:
		return c.sendPart(ended)
	}
	return nil
}

// sendWhole sends the whole lines.
func (c *Collector) sendWhole(ctx context.Context) error {
	if c.whole == 0 {
		return nil
	}
	r, err := c.encoder.lines(c.lines[:c.whole])
	if err != nil {
		return err
	}
	if err := c.client.send(ctx, r); err != nil {
		return err
	}
	rest := c.lines[c.whole:]
	if cap(c.lines) > 2*c.limits.bytes {
		c.lines = nil // one huge line does not cost memory for ever
	}
	c.lines = append(c.lines[:0], rest...)
	c.whole, c.count = 0, 0
	return nil
}

// sendPart sends what there is of a line as a part of it.
func (c *Collector) sendPart(last bool) error {
	if err := c.sendWhole(context.Background()); err != nil {
		return err
	}
	r, err := c.encoder.part(c.lines, c.parts, last)
	if err != nil {
		return err
	}
	if err := c.client.send(context.Background(), r); err != nil {
		return err
	}
	c.lines = c.lines[:0]
	if c.parts++; last {
		c.parts = 0
	}
	return nil
}
