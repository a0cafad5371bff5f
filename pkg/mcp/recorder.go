package mcp

import (
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A Side is one of the two that talk.
type Side uint8

const (
	Client Side = iota
	Server
)

func (s Side) String() string {
	if s == Server {
		return "server"
	}
	return "client"
}

func (s Side) other() Side { return 1 - s }

// Options are options for a [Recorder].
type Options struct {
	// Run is an id of this run that no other has. It is the session of events unless
	// Session is set.
	Run string

	Session, Agent, Turn string // of all events; empty: none
	Server               string // what the client calls the server; empty: what the server calls itself

	// Unquoted leaves out the preview of what is no message.
	Unquoted bool
}

// A Recorder makes events of what passes between a client and a server. It is for one
// goroutine.
type Recorder struct {
	emit     func(event []byte)
	run      string
	envelope event.Envelope
	w        event.Writer
	lines    [2]lines // by who sends them

	client, server, protocol events.Value // nil while unknown
	serverGiven              bool
	unquoted                 bool

	open  requests
	tools tools
}

// New returns a Recorder that hands each event to emit: a line with its line feed, which
// emit must not keep.
func New(opts Options, emit func(event []byte)) *Recorder {
	session := opts.Session
	if session == "" {
		session = opts.Run
	}
	return &Recorder{
		emit:     emit,
		run:      opts.Run,
		envelope: event.Envelope{Session: quoted(session), Agent: quoted(opts.Agent), Turn: quoted(opts.Turn)},
		server:   quoted(opts.Server), serverGiven: opts.Server != "",
		unquoted: opts.Unquoted,
	}
}

// quoted returns a text as a value, nil if it is empty.
func quoted(text string) events.Value {
	if text == "" {
		return nil
	}
	return events.AppendString(nil, text)
}

// Started records that a server was started, by a command.
func (r *Recorder) Started(at time.Time, command string) {
	r.begin("mcp.started", at, events.SeverityInfo, about{})
	r.w.Keys()
	r.w.Preview("command_preview", quoted(command))
	r.finish()
}

// Passed records the next bytes that one side sent. They are the caller's again once it
// returns. What is answered must be recorded before its answer is.
func (r *Recorder) Passed(from Side, at time.Time, p []byte) {
	r.lines[from].add(p, func(m message) { r.message(from, at, m) })
}

// Closed records that a side sends no more. What it sent last may lack its line feed.
func (r *Recorder) Closed(from Side, at time.Time) {
	r.lines[from].end(func(m message) { r.message(from, at, m) })
}

// Ended records that both sides have closed, the requests that were never answered, and
// how the run ended.
func (r *Recorder) Ended(at time.Time, how string) {
	r.Closed(Client, at)
	r.Closed(Server, at)
	for {
		q := r.open.oldest()
		if q == nil {
			break
		}
		r.unanswered(at, q, "the conversation ended before it was answered")
	}
	r.begin("mcp.ended", at, events.SeverityInfo, about{})
	r.w.Keys()
	r.w.String("status", how)
	r.finish()
}

// Unrecorded records that some events could not be recorded, the first of them at a time.
func (r *Recorder) Unrecorded(at time.Time, n int64, since time.Time) {
	r.begin("mcp.unrecorded", at, events.SeverityError, about{})
	r.w.Keys()
	r.w.Int("events", n)
	r.w.Key("since")
	r.w.Dst = events.AppendTimestamp(r.w.Dst, since)
	r.finish()
}

// message records a message that a side sent.
func (r *Recorder) message(from Side, at time.Time, m message) {
	switch {
	case m.wrong != "":
		r.invalid(from, at, m)
	case m.method != nil:
		r.introduced(from, m.params.Lookup("_meta"))
		if m.id == nil {
			r.notification(from, at, m)
		} else {
			r.request(from, at, m)
		}
	default:
		r.introduced(from, m.result.Lookup("_meta"))
		r.answer(from, at, m)
	}
}

// introduced notes what the metadata of a message says of its sender, since revision
// 2026-07-28.
func (r *Recorder) introduced(from Side, meta events.Value) {
	for key, v := range meta.Members() {
		switch string(key) {
		case "io.modelcontextprotocol/protocolVersion":
			r.setProtocol(v)
		case "io.modelcontextprotocol/clientInfo":
			if from == Client {
				r.setName(Client, v)
			}
		case "io.modelcontextprotocol/serverInfo":
			if from == Server {
				r.setName(Server, v)
			}
		}
	}
}

func (r *Recorder) setProtocol(version events.Value) {
	if version.Kind() == events.String {
		r.protocol = event.Kept(version)
	}
}

// setName notes the name of a side, which info has.
func (r *Recorder) setName(of Side, info events.Value) {
	name := info.Lookup("name")
	switch {
	case name.Kind() != events.String:
	case of == Client:
		r.client = event.Kept(name)
	case !r.serverGiven:
		r.server = event.Kept(name)
	}
}

// An about is what the metadata of an event may tell in addition.
type about struct {
	call         events.Value
	from         string
	method, id   events.Value
	traceparent  events.Value
	size         int64 // of a message that was too large to be kept
	inputRequest []byte
}

// begin begins an event and its metadata. The caller adds to it, and ends it with finish.
func (r *Recorder) begin(eventType string, at time.Time, severity events.Severity, a about) {
	r.w.Reset("mcp", r.w.Dst[:0], 0)
	r.envelope.Time, r.envelope.Severity = at, severity
	r.w.Begin(eventType, r.envelope)
	r.w.Meta("call_id", a.call)
	r.w.MetaString("from", a.from)
	r.w.Meta("mcp.server.name", r.server)
	r.w.Meta("mcp.client.name", r.client)
	r.w.Meta("mcp.protocol.version", r.protocol)
	r.w.MetaPreview("mcp.method.name", a.method)
	r.w.MetaPreview("jsonrpc.request.id", a.id)
	r.w.MetaPreview("traceparent", a.traceparent)
	if a.inputRequest != nil {
		r.w.MetaString("input_request", string(a.inputRequest))
	}
	if a.size > 0 {
		r.w.MetaInt("message_size", a.size)
	}
}

// finish ends an event and hands it out.
func (r *Recorder) finish() {
	r.w.End()
	r.handOut()
}

// handOut hands out an event that has ended.
func (r *Recorder) handOut() {
	r.emit(r.w.Dst)
	if cap(r.w.Dst) > maxKept {
		r.w.Dst = nil
	}
}

// maxKept is how large a buffer may be that is kept for the next event.
const maxKept = 64 << 10

// invalid records text that is no message.
func (r *Recorder) invalid(from Side, at time.Time, m message) {
	r.begin("mcp.invalid", at, events.SeverityWarning, about{from: from.String(), size: m.size})
	r.w.Keys()
	r.w.String("reason", m.wrong)
	if !r.unquoted {
		r.w.Preview("preview", quoted(string(m.head)))
	}
	r.finish()
}
