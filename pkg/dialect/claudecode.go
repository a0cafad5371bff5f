package dialect

import "auditctl/pkg/events"

var claudeCode = &Dialect{
	Name:  "claude-code",
	Title: "Claude Code's transcript",
	Where: "~/.claude/projects/*/*.jsonl",
	Known: "records with type, sessionId, uuid, parentUuid and isSidechain, and summaries and file-history-snapshots",
	Maps: []Mapping{
		{"a user's prompt", "turn_start, after the turn_end of the turn before"},
		{"system/turn_duration", "turn_end"},
		{"tool_use", "tool_call_attempt"},
		{"tool_result", "tool_call_complete, tool_call_failure, or tool_policy_decision if the call was denied"},
		{"hook_permission_decision", "tool_policy_decision"},
		{"agent_progress, toolUseResult.agentId", "agent_switch, once for each agent"},
		{"system/api_error, isApiErrorMessage", "error"},
		{"message.usage", "tokens of the record's first event"},
		{"all else", "claude-code.TYPE"},
	},
	Knows: knowsClaudeCode,
	Begin: func() func() Decoder {
		run := &claudeRun{}
		return func() Decoder { return &claudeDecoder{claudeRun: run} }
	},
}

// knowsClaudeCode asks for isSidechain, which no other program's records have.
func knowsClaudeCode(s *events.Scanner) bool {
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

// A claudeRun is what the decoders of some logs remember.
type claudeRun struct {
	records  memory[*claudeThread] // to which they belong, by uuid
	threads  memory[*claudeThread] // by session and agent, see threadOf
	calls    memory[*claudeCall]   // by session and id
	messages memory[claudeUsage]   // by message.id
	name     []byte                // see named

	lastName   []byte // of a thread
	lastThread *claudeThread
}

// named returns a key of several values, which is valid until the next call.
func (run *claudeRun) named(values ...events.Value) []byte {
	run.name = run.name[:0]
	for _, v := range values {
		run.name = append(append(run.name, v...), 0)
	}
	return run.name
}

// A claudeDecoder decodes one log. Its fields are about the record at hand.
type claudeDecoder struct {
	*claudeRun
	writer
	record Record
	start  int // of its events
	envelope
	thread   *claudeThread
	copied   bool
	original *claudeThread // to which the record that was copied belongs
	model    events.Value
	tokens   claudeUsage // that the record adds, until an event has them
	types    map[string]string
}

func (d *claudeDecoder) Decode(dst []byte, r Record) ([]byte, error) {
	kind := r.Lookup("type")
	if kind.Kind() != events.String || len(kind) == len(`""`) {
		return dst, Unknown("no type")
	}
	d.reset("claude-code", dst, r.Line)
	d.record, d.start = r, len(dst)
	d.envelope = envelope{agent: r.Lookup("agentId"), session: r.Lookup("sessionId")}
	d.time, _ = r.Lookup("timestamp").Time()
	d.model, d.tokens = nil, claudeUsage{}
	uuid := r.Lookup("uuid").NonNull()
	d.thread = d.threadOf(uuid)
	d.original, d.copied = nil, false
	if uuid != nil {
		if d.original, d.copied = d.records.get(uuid); !d.copied {
			d.records.set(uuid, d.thread)
		}
	}
	if d.thread.open {
		d.turn = d.thread.turn.id
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
			d.time = at
		}
		d.other()
	default:
		d.other()
	}
	return d.dst, nil
}

// event begins an event with the metadata that all have. Its own metadata follows, then
// close, then its keys.
func (d *claudeDecoder) event(eventType string, call events.Value) {
	d.begin(eventType, d.envelope)
	d.meta("call_id", call)
	d.meta("parent_call_id", d.thread.call)
	d.meta("cwd", d.record.Lookup("cwd"))
	d.meta("model", d.model)
	d.tokens.write(&d.writer)
	d.tokens = claudeUsage{}
}

// close closes the metadata of an event.
func (d *claudeDecoder) close(copied bool) {
	if copied {
		d.meta("copied", events.Value("true"))
	}
	d.keys()
}

// debug begins an event of the record's own type.
func (d *claudeDecoder) debug() {
	before := d.severity
	switch string(d.record.Text(d.record.Lookup("level"))) {
	case "warning":
		d.severity = events.SeverityWarning
	case "error":
		d.severity = events.SeverityError
	default:
		d.severity = events.SeverityDebug
	}
	d.event(d.ownType(), nil)
	d.severity = before
}

// maxTypes is how many types of records a decoder keeps the names of.
const maxTypes = 256

// ownType returns the type of events for what has no other.
func (d *claudeDecoder) ownType() string {
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
func (d *claudeDecoder) other() {
	d.debug()
	for key, v := range d.record.Members() {
		switch string(key) {
		case "type", "timestamp", "sessionId", "session_id", "agentId", "cwd", "uuid", "parentUuid", "logicalParentUuid",
			"isSidechain", "userType", "entrypoint", "version", "gitBranch", "slug", "level":
		case "data", "attachment", "compactMetadata":
			d.metaScalars(v.Members())
		default:
			d.metaScalar(key, v)
		}
	}
	d.close(d.copied)
	d.end()
}

// system ends a turn, or is an error, or debug.
func (d *claudeDecoder) system() {
	switch string(d.record.Text(d.record.Lookup("subtype"))) {
	case "turn_duration":
		if d.thread.open {
			d.endTurn(d.time, d.record.Lookup("durationMs"))
			return
		}
	case "api_error":
		d.apiError()
		return
	}
	d.other()
}

// progress tells which call started an agent. All else it repeats.
func (d *claudeDecoder) progress() {
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
func (d *claudeDecoder) attachment() {
	v := d.record.Lookup("attachment")
	if string(v.Lookup("type")) == `"hook_permission_decision"` && v.Lookup("decision").Kind() == events.String {
		d.hookDecision(v)
		return
	}
	d.other()
}
