package codex

import (
	"bytes"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// sessionMeta reads the record that a rollout begins with. One that was forked has that of
// the other one next, which changes nothing.
func (d *decoder) sessionMeta() {
	p := d.p.value
	fork := p.Lookup("forked_from_id").NonNull()
	if d.forked != nil && bytes.Equal(d.forked, d.p.id) {
		d.forked = bytes.Clone(fork)
		d.other(events.Value(`"session_meta"`))
		return
	}
	if d.thread != nil && !bytes.Equal(d.thread, d.p.id) { // logs one after another
		*d = decoder{Writer: d.Writer, turns: d.turns, log: d.turns.Log(), p: d.p, at: d.at}
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

func (d *decoder) turnContext() {
	d.enter(d.p.turnID)
	d.cwd = bytes.Clone(d.p.value.Lookup("cwd").NonNull())
	d.model = bytes.Clone(d.p.value.Lookup("model").NonNull())
	d.other(events.Value(`"turn_context"`))
}

// enter makes turn the one that records without an id of their own belong to.
func (d *decoder) enter(turn events.Value) {
	if turn == nil || bytes.Equal(turn, d.turn) {
		return
	}
	d.turn, d.copied = bytes.Clone(turn), d.turns.Copied(turn, d.log)
	d.started, d.attempts = false, 0
}

// userMessage begins a turn, unless it is one more message to a turn that has begun.
func (d *decoder) userMessage() {
	if d.turn != nil && d.started {
		d.other(d.p.kind)
		return
	}
	d.started, d.attempts = true, 0
	d.open(events.TypeTurnStart, "")
	d.Meta("cwd", d.cwd)
	d.Meta("model", d.model)
	d.Keys()
	d.Preview("prompt_preview", d.p.value.Lookup("message"))
	d.End()
}

func (d *decoder) turnEnd() {
	turn := d.p.turnID
	if turn == nil {
		turn = d.turn
	}
	if turn != nil && bytes.Equal(turn, d.ended) {
		d.other(d.p.kind)
		return
	}
	d.open(events.TypeTurnEnd, "")
	d.Meta("reason", d.p.value.Lookup("reason"))
	d.Meta("duration_ms", d.p.milliseconds)
	d.Keys()
	d.Preview("content_preview", d.p.value.Lookup("last_agent_message"))
	d.Int("function_calls_count", d.attempts)
	d.End()
	d.ended = bytes.Clone(turn)
	if bytes.Equal(turn, d.turn) {
		d.turn, d.started, d.copied, d.attempts = nil, false, false, 0
	}
}

// tokenCount tells what a count, which covers the session so far, has more than the one
// before: it is repeated when nothing was used, and begins again when the context is full.
func (d *decoder) tokenCount() {
	info := d.p.value.Lookup("info")
	total := info.Lookup("total_token_usage")
	var added event.Usage
	if total.Kind() == events.Object {
		now := usage(total)
		added = now.Since(d.total)
		if last := info.Lookup("last_token_usage"); !d.counted && d.fork && last.Kind() == events.Object {
			added = usage(last) // the total has that of the other session
		}
		d.total, d.counted = now, true
	}
	d.openOther(d.p.kind, events.SeverityDebug)
	d.Meta("model", d.model)
	if !d.copied {
		d.MetaUsage(added)
	}
	d.Keys()
	d.End()
}

// usage reads a count. Its input includes what was cached.
func usage(v events.Value) event.Usage {
	var u event.Usage
	for key, v := range v.Members() {
		switch string(key) {
		case "input_tokens":
			u.Input = event.Count(v)
		case "output_tokens":
			u.Output = event.Count(v)
		case "cached_input_tokens":
			u.CacheRead = event.Count(v)
		case "cache_write_input_tokens":
			u.CacheWrite = event.Count(v)
		}
	}
	u.Input = max(0, u.Input-u.CacheRead-u.CacheWrite)
	return u
}

func (d *decoder) failed() {
	kind := d.p.value.Lookup("codex_error_info").NonNull()
	var name []byte
	for key := range kind.Members() { // {"kind": {…}}
		name = key
		break
	}
	d.open(events.TypeError, "")
	d.Keys()
	switch {
	case name != nil:
		d.String("error_type", string(name))
	case kind != nil:
		d.Text("error_type", kind)
	default:
		d.Text("error_type", d.p.kind)
	}
	d.Preview("error_message", d.p.value.Lookup("message"))
	d.String("error_context", "")
	d.End()
}
