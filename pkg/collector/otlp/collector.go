// Package otlp sends audit events to OpenTelemetry receivers, as OTLP logs over HTTP in
// protobuf or JSON.
//
// A [Collector] sends each line as a log record:
//
//	the line             the record
//	event_type           event_name
//	timestamp            time_unix_nano; 0 if before 1970, after 2554 or not readable
//	severity             severity_text unchanged, and severity_number: debug DEBUG (5),
//	                     info INFO (9), warning WARN (13), error ERROR (17), critical FATAL (21);
//	                     others as events.ParseSeverity reads them
//	agent_id             attribute gen_ai.agent.id
//	session_id           attribute session.id, and trace_id
//	turn_id              attribute auditctl.turn.id, and span_id
//	metadata.KEY         attribute auditctl.metadata.KEY
//	all of it            body, a string
//
// observed_time_unix_nano is the time at which the record was encoded to be sent. Null and
// absent values and empty ids make no attributes. Numbers are ints if they are 64-bit
// integers, else doubles; objects and arrays are kvlists and arrays, but 16 levels
// down they become strings of JSON.
//
// All events of a session have the same trace_id, and all events of a turn the same
// span_id. They are the first 16 and 8 bytes of these SHA-256 sums. Without a turn id
// there is no span_id, and without a session id there is neither:
//
//	printf 'auditctl session\0%s' SESSION | sha256sum
//	printf 'auditctl turn\0%s\0%s' SESSION TURN | sha256sum
//
// A line that is not an event becomes a record with only a body, of bytes. Blank lines are
// skipped. A line that comes in pieces and is larger than a request may be becomes several
// records, with the attributes auditctl.line.part, counted from 0, and auditctl.line.end,
// which is true for the last one.
//
// The scope of the records is auditctl. Their resource has a service.name, and what
// [Options].Resource has.
package otlp

import (
	"bytes"
	"context"
	"errors"

	"golang.org/x/sync/semaphore"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// Collector sends events to an OTLP receiver, see [New]. It buffers them until a request
// is full, or until Flush or Close, which return when the receiver has acknowledged all
// events. So these wait for its response, as Emit does when a request is full.
//
// Requests that are not acknowledged are sent again, so the receiver may get events twice;
// none is skipped. The first error is final: all later calls return it. Errors do not name
// the receiver.
type Collector struct {
	sem     *semaphore.Weighted // a lock for the fields below that can be awaited with a context
	client  *client
	encoder encoder
	limits  limits
	lines   []byte // not sent yet
	whole   int    // how many bytes of these are complete lines
	count   int    // how many complete lines there are
	parts   int    // how many parts of the line after them were sent
	err     error
	closed  bool
}

var (
	_ collector.LinesCollector = (*Collector)(nil)
	_ collector.ContextFlusher = (*Collector)(nil)
)

// limits are the limits of a request.
type limits struct{ records, bytes int }

// New returns a collector that sends to the receiver at an http or https URL, whose path
// is /v1/logs by default. It does not connect yet. The options may be nil.
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
	return &Collector{sem: semaphore.NewWeighted(1), client: client, encoder: newEncoder(o), limits: limits{o.MaxRecords, o.MaxBytes}}, nil
}

// Emit buffers e, and sends a request if one is full.
func (c *Collector) Emit(e events.Event) error {
	c.lock(context.Background())
	defer c.sem.Release(1)
	if err := c.ready(); err != nil {
		return err
	}
	c.err = c.add(e.Line(), true)
	return c.err
}

// EmitLines buffers lines, and sends requests as they get full.
func (c *Collector) EmitLines(lines []byte) error {
	c.lock(context.Background())
	defer c.sem.Release(1)
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

// Flush sends what is buffered, except an incomplete last line.
func (c *Collector) Flush() error { return c.FlushContext(context.Background()) }

// FlushContext is Flush, but returns the cause of ctx when that is done. The next Flush or
// Close sends what was not acknowledged by then, so the receiver may get it twice.
func (c *Collector) FlushContext(ctx context.Context) error {
	if err := c.lock(ctx); err != nil {
		return err
	}
	defer c.sem.Release(1)
	if err := c.ready(); err != nil {
		return err
	}
	err := c.sendWhole(ctx)
	if errors.Is(err, errCanceled) {
		return context.Cause(ctx)
	}
	c.err = err
	return c.err
}

// Close sends what is buffered, including an incomplete last line. It returns the first
// error of all calls; a second Close does nothing.
func (c *Collector) Close() error {
	c.lock(context.Background())
	defer c.sem.Release(1)
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

// lock locks c. It returns the cause of ctx if that is done first.
func (c *Collector) lock(ctx context.Context) error {
	if ctx.Err() != nil || c.sem.Acquire(ctx, 1) != nil {
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

// add adds a line, or a piece of a line without its end.
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

// sendWhole sends the complete lines.
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
		c.lines = nil // do not keep a huge buffer for one huge line
	}
	c.lines = append(c.lines[:0], rest...)
	c.whole, c.count = 0, 0
	return nil
}

// sendPart sends what there is of an incomplete line as a part of it.
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
