package claudecode

import (
	"bytes"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A thread is what one agent does in a session, the main one or a subagent, one turn
// after the other.
type thread struct {
	session events.Value
	first   events.Value // the uuid of its first record, if it has no agentId
	call    events.Value // that started the agent, if known
	told    bool         // by an agent_switch

	turn   *turn        // the last one
	open   bool         // it has not ended
	last   time.Time    // at which the agent did something in it
	answer events.Value // the beginning of the agent's last text in it
}

// A turn is what follows a prompt. Calls refer to it even after it ended.
type turn struct {
	id     events.Value
	copied bool
	calls  int64
}

// threadOf returns the thread of the record. Old versions have the records of subagents
// between the others, without agentId: a thread is then what descends from one record.
func (d *decoder) threadOf(uuid events.Value) *thread {
	if d.Agent.NonNull() != nil || uuid == nil || string(d.record.Lookup("isSidechain")) != "true" {
		return d.threadNamed(d.Agent.NonNull())
	}
	first := uuid
	if t, ok := d.records.Get(d.record.Lookup("parentUuid")); ok && t.first != nil {
		first = t.first
	}
	t := d.threadNamed(first)
	if t.first == nil {
		t.first = event.Kept(first)
	}
	return t
}

// threadNamed returns the thread with a name in the record's session. That of the main agent
// has none.
func (d *decoder) threadNamed(as events.Value) *thread {
	name := d.named(d.Session, as)
	if bytes.Equal(name, d.lastName) {
		return d.lastThread // nearly always
	}
	t, ok := d.threads.Get(name)
	if !ok {
		t = &thread{session: event.Kept(d.Session)}
		d.threads.Set(name, t)
	}
	d.lastName, d.lastThread = append(d.lastName[:0], name...), t
	return t
}

// prompt begins a turn, which ends the one before.
func (d *decoder) prompt(content events.Value) {
	t := d.thread
	if t.open {
		d.endTurn(t.last, nil)
	}
	t.turn = &turn{id: event.Kept(d.turnID()), copied: d.copied}
	t.open, t.last, t.answer = true, d.Time, t.answer[:0]
	d.Turn = t.turn.id
	d.event(events.TypeTurnStart, nil)
	d.Meta("permission_mode", d.record.Lookup("permissionMode"))
	d.close(d.copied)
	d.Preview("prompt_preview", lastText(content))
	d.End()
}

// turnID returns the id of a turn that the record begins. All agents of a session have the
// same promptId, which is therefore only the main one's.
func (d *decoder) turnID() events.Value {
	if id := d.record.Lookup("promptId"); id.Kind() == events.String && !d.isSubagent() {
		return id
	}
	return d.record.Lookup("uuid").NonNull()
}

func (d *decoder) isSubagent() bool {
	return d.Agent.NonNull() != nil || string(d.record.Lookup("isSidechain")) == "true"
}

// endTurn ends the turn that is open.
func (d *decoder) endTurn(at time.Time, durationMs events.Value) {
	t := d.thread
	before := d.Envelope
	d.Time, d.Turn = at, t.turn.id
	d.event(events.TypeTurnEnd, nil)
	d.Meta("duration_ms", durationMs)
	d.close(d.copied || t.turn.copied)
	d.Text("content_preview", t.answer)
	d.Int("function_calls_count", t.turn.calls)
	d.End()
	d.Envelope, t.open = before, false
}

// acts notes when an agent did something.
func (t *thread) acts(at time.Time) {
	if at.After(t.last) {
		t.last = at
	}
}

// says notes what an agent said last. Text of white space alone says nothing.
func (t *thread) says(text events.Value) {
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
			t.answer = event.AppendCut(t.answer[:0], text, dialect.PreviewLength)
			return
		}
	}
}
