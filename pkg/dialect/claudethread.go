package dialect

import (
	"bytes"
	"time"

	"auditctl/pkg/events"
)

// A claudeThread is what one agent does in a session, the main one or a subagent, one turn
// after the other.
type claudeThread struct {
	session events.Value
	first   events.Value // the uuid of its first record, if it has no agentId
	call    events.Value // that started the agent, if known
	told    bool         // by an agent_switch

	turn   *claudeTurn  // the last one
	open   bool         // it has not ended
	last   time.Time    // at which the agent did something in it
	answer events.Value // the beginning of the agent's last text in it
}

// A claudeTurn is what follows a prompt. Calls refer to it even after it ended.
type claudeTurn struct {
	id     events.Value
	copied bool
	calls  int64
}

// threadOf returns the thread of the record. Old versions have the records of subagents
// between the others, without agentId: a thread is then what descends from one record.
func (d *claudeDecoder) threadOf(uuid events.Value) *claudeThread {
	if d.agent.NonNull() != nil || uuid == nil || string(d.record.Lookup("isSidechain")) != "true" {
		return d.threadNamed(d.agent.NonNull())
	}
	first := uuid
	if t, ok := d.records.get(d.record.Lookup("parentUuid")); ok && t.first != nil {
		first = t.first
	}
	t := d.threadNamed(first)
	if t.first == nil {
		t.first = kept(first)
	}
	return t
}

// threadNamed returns the thread with a name in the record's session. That of the main agent
// has none.
func (d *claudeDecoder) threadNamed(as events.Value) *claudeThread {
	name := d.named(d.session, as)
	if bytes.Equal(name, d.lastName) {
		return d.lastThread // nearly always
	}
	t, ok := d.threads.get(name)
	if !ok {
		t = &claudeThread{session: kept(d.session)}
		d.threads.set(name, t)
	}
	d.lastName, d.lastThread = append(d.lastName[:0], name...), t
	return t
}

// prompt begins a turn, which ends the one before.
func (d *claudeDecoder) prompt(content events.Value) {
	t := d.thread
	if t.open {
		d.endTurn(t.last, nil)
	}
	t.turn = &claudeTurn{id: kept(d.turnID()), copied: d.copied}
	t.open, t.last, t.answer = true, d.time, t.answer[:0]
	d.turn = t.turn.id
	d.event(events.TypeTurnStart, nil)
	d.meta("permission_mode", d.record.Lookup("permissionMode"))
	d.close(d.copied)
	d.preview("prompt_preview", lastText(content))
	d.end()
}

// turnID returns the id of a turn that the record begins. All agents of a session have the
// same promptId, which is therefore only the main one's.
func (d *claudeDecoder) turnID() events.Value {
	if id := d.record.Lookup("promptId"); id.Kind() == events.String && !d.isSubagent() {
		return id
	}
	return d.record.Lookup("uuid").NonNull()
}

func (d *claudeDecoder) isSubagent() bool {
	return d.agent.NonNull() != nil || string(d.record.Lookup("isSidechain")) == "true"
}

// endTurn ends the turn that is open.
func (d *claudeDecoder) endTurn(at time.Time, durationMs events.Value) {
	t := d.thread
	before := d.envelope
	d.time, d.turn = at, t.turn.id
	d.event(events.TypeTurnEnd, nil)
	d.meta("duration_ms", durationMs)
	d.close(d.copied || t.turn.copied)
	d.text("content_preview", t.answer)
	d.int("function_calls_count", t.turn.calls)
	d.end()
	d.envelope, t.open = before, false
}

// acts notes when an agent did something.
func (t *claudeThread) acts(at time.Time) {
	if at.After(t.last) {
		t.last = at
	}
}

// says notes what an agent said last. Text of white space alone says nothing.
func (t *claudeThread) says(text events.Value) {
	if text.Kind() != events.String {
		return
	}
	quoted := text[1 : len(text)-1]
	for len(quoted) > 0 {
		switch {
		case quoted[0] == ' ':
			quoted = quoted[1:]
		case bytes.HasPrefix(quoted, []byte(`\n`)):
			quoted = quoted[2:]
		default:
			t.answer = append(append(append(t.answer[:0], '"'), beginning(text[1:len(text)-1], PreviewLength)...), '"')
			return
		}
	}
}
