package dialect

import (
	"bytes"

	"auditctl/pkg/events"
)

// sessionMeta reads the record that a rollout begins with. One that was forked has that of
// the other one next, which changes nothing.
func (d *codexDecoder) sessionMeta() {
	p := d.p.value
	fork := p.Lookup("forked_from_id").NonNull()
	if d.forked != nil && bytes.Equal(d.forked, d.p.id) {
		d.forked = bytes.Clone(fork)
		d.other(events.Value(`"session_meta"`))
		return
	}
	if d.thread != nil && !bytes.Equal(d.thread, d.p.id) { // logs one after another
		*d = codexDecoder{writer: d.writer, turns: d.turns, log: d.turns.log(), p: d.p, at: d.at}
	}
	source := p.Lookup("source").Lookup("subagent").NonNull()
	parent := p.Lookup("parent_thread_id").NonNull()
	if parent == nil {
		parent = source.Lookup("thread_spawn").Lookup("parent_thread_id").NonNull()
	}
	session := p.Lookup("session_id").NonNull()
	for _, id := range []events.Value{parent, d.p.id} {
		if session == nil {
			session = id
		}
	}
	d.session, d.thread, d.cwd = bytes.Clone(session), bytes.Clone(d.p.id), bytes.Clone(p.Lookup("cwd"))
	d.forked, d.fork = bytes.Clone(fork), fork != nil
	if source != nil || parent != nil {
		d.agent = bytes.Clone(d.p.id)
	}
	d.other(events.Value(`"session_meta"`))
}

func (d *codexDecoder) turnContext() {
	d.enter(d.p.turnID)
	d.cwd = bytes.Clone(d.p.value.Lookup("cwd").NonNull())
	d.model = bytes.Clone(d.p.value.Lookup("model").NonNull())
	d.other(events.Value(`"turn_context"`))
}

// enter makes turn the one that records without an id of their own belong to.
func (d *codexDecoder) enter(turn events.Value) {
	if turn == nil || bytes.Equal(turn, d.turn) {
		return
	}
	d.turn, d.copied = bytes.Clone(turn), d.turns.copied(turn, d.log)
	d.started, d.attempts = false, 0
}

// userMessage begins a turn, unless it is one more message to a turn that has begun.
func (d *codexDecoder) userMessage() {
	if d.turn != nil && d.started {
		d.other(d.p.kind)
		return
	}
	d.started, d.attempts = true, 0
	d.open(events.TypeTurnStart, "")
	d.meta("cwd", d.cwd)
	d.meta("model", d.model)
	d.keys()
	d.preview("prompt_preview", d.p.value.Lookup("message"))
	d.end()
}

func (d *codexDecoder) turnEnd() {
	turn := d.p.turnID
	if turn == nil {
		turn = d.turn
	}
	if turn != nil && bytes.Equal(turn, d.ended) {
		d.other(d.p.kind)
		return
	}
	d.open(events.TypeTurnEnd, "")
	d.meta("reason", d.p.value.Lookup("reason"))
	d.meta("duration_ms", d.p.milliseconds)
	d.keys()
	d.preview("content_preview", d.p.value.Lookup("last_agent_message"))
	d.int("function_calls_count", d.attempts)
	d.end()
	d.ended = bytes.Clone(turn)
	if bytes.Equal(turn, d.turn) {
		d.turn, d.started, d.copied, d.attempts = nil, false, false, 0
	}
}

// tokenCount tells what a count, which covers the session so far, has more than the one
// before: it is repeated when nothing was used, and begins again when the context is full.
func (d *codexDecoder) tokenCount() {
	info := d.p.value.Lookup("info")
	total := info.Lookup("total_token_usage")
	var added usage
	if total.Kind() == events.Object {
		now := codexUsage(total)
		added = now.since(d.total)
		if last := info.Lookup("last_token_usage"); !d.counted && d.fork && last.Kind() == events.Object {
			added = codexUsage(last) // the total has that of the other session
		}
		d.total, d.counted = now, true
	}
	d.openOther(d.p.kind, events.SeverityDebug)
	d.meta("model", d.model)
	if !d.copied {
		d.metaUsage(added)
	}
	d.keys()
	d.end()
}

// codexUsage reads a count. Its input includes what was cached.
func codexUsage(v events.Value) usage {
	var u usage
	for key, v := range v.Members() {
		switch string(key) {
		case "input_tokens":
			u.input = count(v)
		case "output_tokens":
			u.output = count(v)
		case "cached_input_tokens":
			u.cacheRead = count(v)
		case "cache_write_input_tokens":
			u.cacheWrite = count(v)
		}
	}
	u.input = max(0, u.input-u.cacheRead-u.cacheWrite)
	return u
}

func (d *codexDecoder) failed() {
	kind := d.p.value.Lookup("codex_error_info").NonNull()
	var name []byte
	for key := range kind.Members() { // {"kind": {…}}
		name = key
		break
	}
	d.open(events.TypeError, "")
	d.keys()
	switch {
	case name != nil:
		d.string("error_type", string(name))
	case kind != nil:
		d.text("error_type", kind)
	default:
		d.text("error_type", d.p.kind)
	}
	d.preview("error_message", d.p.value.Lookup("message"))
	d.string("error_context", "")
	d.end()
}
