// Package claudecode decodes transcripts of Claude Code.
package claudecode

import (
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// Dialect is what Claude Code keeps of its sessions.
var Dialect = &dialect.Dialect{
	Name:  "claude-code",
	Title: "Claude Code's transcript",
	Where: "~/.claude/projects/*/*.jsonl",
	Known: "records with type, sessionId, uuid, parentUuid and isSidechain, and summaries and file-history-snapshots",
	Maps: []dialect.Mapping{
		{From: "a user's prompt", To: "turn_start, after the turn_end of the turn before"},
		{From: "turn_duration", To: "turn_end"},
		{From: "tool_use", To: "tool_call_attempt"},
		{From: "tool_result", To: "tool_call_complete, tool_call_failure, or tool_policy_decision if the call was denied"},
		{From: "hook_permission_decision", To: "tool_policy_decision"},
		{From: "agent_progress, toolUseResult.agentId", To: "agent_switch, once for each agent"},
		{From: "api_error, isApiErrorMessage", To: "error"},
		{From: "message.usage", To: "the tokens of the record's first event"},
		{From: "anything else", To: "claude-code.TYPE"},
	},
	Knows: knows,
	Begin: func() func() dialect.Decoder {
		run := &run{}
		return func() dialect.Decoder { return &decoder{run: run} }
	},
}

// knows asks for isSidechain, which no other program's records have.
func knows(s *events.Scanner) bool {
	is := func(key string, kind events.Kind) bool { return s.Lookup(key).Kind() == kind }
	if !is("type", events.String) {
		return false
	}
	switch string(s.Text(s.Lookup("type"))) {
	case "summary":
		return is("summary", events.String) && is("leafUuid", events.String)
	case "file-history-snapshot":
		return is("messageId", events.String) && is("snapshot", events.Object)
	}
	return is("sessionId", events.String) && is("uuid", events.String) && is("isSidechain", events.Bool) &&
		(is("parentUuid", events.String) || is("parentUuid", events.Null))
}

// A run is what the decoders of some logs remember.
type run struct {
	records  event.Memory[*thread]    // to which they belong, by uuid
	threads  event.Memory[*thread]    // by session and agent, see threadOf
	calls    event.Memory[*toolCall]  // by session and id
	messages event.Usages             // by message.id
	tools    map[string]*events.Value // see toolOf
	name     []byte                   // see named

	lastName   []byte // of a thread
	lastThread *thread
}

// named returns a key of several values, which is valid until the next call.
func (run *run) named(values ...events.Value) []byte {
	run.name = event.AppendName(run.name[:0], values...)
	return run.name
}

// A decoder decodes one log. Its fields are about the record at hand.
type decoder struct {
	*run
	event.Writer
	record dialect.Record
	start  int // of its events
	event.Envelope
	thread   *thread
	copied   bool
	original *thread // to which the record that was copied belongs
	model    events.Value
	tokens   event.Usage // that the record adds, until an event has them
	types    map[string]string
}

func (d *decoder) Decode(dst []byte, r dialect.Record) ([]byte, error) {
	kind := r.Lookup("type")
	if kind.Kind() != events.String || len(kind) == len(`""`) {
		return dst, dialect.Unknown("no type")
	}
	d.Reset("claude-code", dst, r.Line)
	d.record, d.start = r, len(dst)
	d.Envelope = event.Envelope{Agent: r.Lookup("agentId"), Session: r.Lookup("sessionId")}
	d.Time = d.TimeOf(r.Lookup("timestamp"))
	d.model, d.tokens = nil, event.Usage{}
	uuid := r.Lookup("uuid").NonNull()
	d.thread = d.threadOf(uuid)
	d.original, d.copied = nil, false
	if uuid != nil {
		if d.original, d.copied = d.records.Get(uuid); !d.copied {
			d.records.Set(uuid, d.thread)
		}
	}
	if d.thread.open {
		d.Turn = d.thread.turn.id
	}
	switch string(r.Text(kind)) {
	case "assistant":
		d.assistant()
	case "user":
		d.user()
	case "system":
		d.system()
	case "progress":
		d.progress()
	case "attachment":
		d.attachment()
	case "file-history-snapshot":
		if at, ok := r.Lookup("snapshot").Lookup("timestamp").Time(); ok {
			d.Time = at
		}
		d.other()
	default:
		d.other()
	}
	if d.isFull() {
		return dst, event.TooLarge()
	}
	return d.Dst, nil
}

// isFull reports whether the events of the record are too large.
func (d *decoder) isFull() bool {
	return len(d.Dst)-d.start > event.Room(len(d.record.Scanner.Line()))
}

// event begins an event with the metadata that all have. Its own metadata follows, then
// close, then its keys.
func (d *decoder) event(eventType string, call events.Value) {
	d.Begin(eventType, d.Envelope)
	d.Meta("call_id", call)
	d.Meta("parent_call_id", d.thread.call)
	d.Meta("cwd", d.record.Lookup("cwd"))
	d.Meta("model", d.model)
	d.MetaUsage(d.tokens)
	d.tokens = event.Usage{}
}

// close closes the metadata of an event.
func (d *decoder) close(copied bool) {
	if copied {
		d.MetaTrue("copied")
	}
	d.Keys()
}

// debug begins an event of the record's own type.
func (d *decoder) debug() {
	before := d.Severity
	switch string(d.record.Text(d.record.Lookup("level"))) {
	case "warning":
		d.Severity = events.SeverityWarning
	case "error":
		d.Severity = events.SeverityError
	default:
		d.Severity = events.SeverityDebug
	}
	d.event(d.ownType(), nil)
	d.Severity = before
}

// maxTypes is how many types of records a decoder keeps the names of.
const maxTypes = 256

// ownType returns the type of events for what has no other.
func (d *decoder) ownType() string {
	kind := d.record.Text(d.record.Lookup("type"))
	own, ok := d.types[string(kind)]
	if !ok {
		own = "claude-code." + string(kind)
		if d.types == nil {
			d.types = map[string]string{}
		}
		if len(d.types) < maxTypes {
			d.types[string(kind)] = own
		}
	}
	return own
}

// other makes an event of a record that is no call, turn, message, decision or error.
func (d *decoder) other() {
	d.debug()
	for key, v := range d.record.Members() {
		switch string(key) {
		case "type", "timestamp", "sessionId", "session_id", "agentId", "cwd", "uuid", "parentUuid", "logicalParentUuid",
			"isSidechain", "userType", "entrypoint", "version", "gitBranch", "slug", "level":
		case "data", "attachment", "compactMetadata":
			d.MetaScalars(v.Members())
		default:
			d.MetaScalar(key, v)
		}
	}
	d.close(d.copied)
	d.End()
}

// system ends a turn, or is an error, or debug.
func (d *decoder) system() {
	switch string(d.record.Text(d.record.Lookup("subtype"))) {
	case "turn_duration":
		if d.thread.open {
			d.endTurn(d.Time, d.record.Lookup("durationMs"))
			return
		}
	case "api_error":
		d.apiError()
		return
	}
	d.other()
}

// progress tells which call started an agent. All else it repeats.
func (d *decoder) progress() {
	var kind, agent events.Value
	for key, v := range d.record.Lookup("data").Members() {
		switch string(key) {
		case "type":
			kind = v
		case "agentId":
			agent = v.NonNull()
		}
	}
	if string(kind) == `"agent_progress"` && agent != nil {
		d.starts(agent, d.record.Lookup("parentToolUseID"))
	}
	d.other()
}

// attachment makes an event of a hook's decision, or debug.
func (d *decoder) attachment() {
	v := d.record.Lookup("attachment")
	if string(v.Lookup("type")) == `"hook_permission_decision"` && v.Lookup("decision").Kind() == events.String {
		d.hookDecision(v)
		return
	}
	d.other()
}
