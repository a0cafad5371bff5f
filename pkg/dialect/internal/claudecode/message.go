package claudecode

import (
	"bytes"

	"auditctl/pkg/events"
)

// A block is a part of a message. Which keys there are depends on its type.
type block struct {
	kind, text       events.Value
	id, name         events.Value // of a call
	input            events.Value
	call             events.Value // whose result it is
	content, isError events.Value
}

func blockOf(v events.Value) (b block) {
	for key, v := range v.Members() {
		switch string(key) {
		case "type":
			b.kind = v
		case "text":
			b.text = v
		case "id":
			b.id = v
		case "name":
			b.name = v
		case "input":
			b.input = v
		case "tool_use_id":
			b.call = v
		case "content":
			b.content = v
		case "is_error":
			b.isError = v
		}
	}
	return b
}

// isCall reports whether the block is a call: a tool_use, or one that a server runs.
func (b *block) isCall() bool {
	return b.id.NonNull() != nil && endsAs(b.kind, `tool_use"`)
}

// isResult reports whether the block is the result of a call.
func (b *block) isResult() bool {
	return b.call.NonNull() != nil && endsAs(b.kind, `tool_result"`)
}

// failed reports whether the result says that the call failed.
func (b *block) failed() bool {
	return string(b.isError) == "true" || endsAs(b.content.Lookup("type"), `_error"`)
}

// resultText returns the text of a result.
func (b *block) resultText() events.Value {
	for v := range b.content.Elements() {
		if text := v.Lookup("text"); text.Kind() == events.String {
			return text
		}
	}
	return b.content
}

// assistant makes events of what a model answered.
func (d *decoder) assistant() {
	var id, content, usage events.Value
	for key, v := range d.record.Lookup("message").Members() {
		switch string(key) {
		case "id":
			id = v
		case "model":
			d.model = v
		case "content":
			content = v
		case "usage":
			usage = v
		}
	}
	d.thread.acts(d.Time)
	if !d.copied {
		d.tokens, _ = d.messages.Added(id, usageOf(usage))
	}
	if content.Kind() == events.String {
		d.said(content, content)
	}
	for v := range content.Elements() {
		switch b := blockOf(v); {
		case d.isFull():
			return
		case b.isCall():
			d.attempt(&b)
		case b.isResult():
			d.result(&b, false)
		default:
			d.said(v, b.text)
		}
	}
	if len(d.Dst) == d.start {
		d.said(nil, nil)
	}
}

// said makes an event of a block of an answer that is no call.
func (d *decoder) said(block, text events.Value) {
	if string(d.record.Lookup("isApiErrorMessage")) == "true" {
		d.failedRequest(text)
		return
	}
	d.thread.says(text)
	d.block(block)
}

// block makes an event of a part of a message that has no other.
func (d *decoder) block(v events.Value) {
	d.debug()
	if v.Kind() == events.String {
		d.MetaPreview("text", v)
	}
	d.MetaScalars(v.Members(), "signature", "data")
	d.close(d.copied)
	d.End()
}

// user makes events of what was sent to a model: a prompt, results of calls, or what the
// program adds.
func (d *decoder) user() {
	content := d.record.Lookup("message").Lookup("content")
	var block events.Value
	blocks, results := 0, 0
	for block = range content.Elements() {
		blocks++
		if endsAs(kindOf(block), `tool_result"`) {
			results++
		}
	}
	switch {
	case results == 0 && d.isPrompt(content):
		d.prompt(content)
		return
	case !d.isAdded():
		d.thread.acts(d.Time)
	}
	switch blocks {
	case 0:
		d.block(content)
	case 1:
		d.received(block, true)
	default:
		for block := range content.Elements() {
			if d.isFull() {
				return
			}
			d.received(block, results == 1)
		}
	}
}

// received makes an event of a block that was sent to a model. If it is the only result of
// the record, toolUseResult is about it.
func (d *decoder) received(block events.Value, only bool) {
	if b := blockOf(block); b.isResult() {
		d.result(&b, only)
	} else {
		d.block(block)
	}
}

// kindOf returns the type of a block.
func kindOf(block events.Value) events.Value {
	for key, v := range block.Members() {
		if string(key) == "type" {
			return v
		}
	}
	return nil
}

// isPrompt reports whether a record without results begins a turn: what a user or another
// agent asked, not what the program added to it or noted after it.
func (d *decoder) isPrompt(content events.Value) bool {
	if d.isAdded() || content.Kind() != events.String && content.Kind() != events.Array {
		return false
	}
	if t := d.thread.turn; t != nil && len(t.id) > 0 && bytes.Equal(t.id, d.turnID()) {
		return false
	}
	text := lastText(content)
	for _, noted := range [...]string{`"[Request interrupted by user`, `"<local-command-stdout>`, `"<local-command-stderr>`,
		`"<local-command-caveat>`, `"<bash-stdout>`, `"<bash-stderr>`} {
		if startsAs(text, noted) {
			return false
		}
	}
	return true
}

// isAdded reports whether the program added the record to what the user wrote.
func (d *decoder) isAdded() bool {
	return string(d.record.Lookup("isMeta")) == "true" || string(d.record.Lookup("isCompactSummary")) == "true"
}

// lastText returns the text of a message: its last one, where there are several, since
// those before it describe what the user looks at.
func lastText(content events.Value) events.Value {
	text := content
	if content.Kind() == events.Array {
		text = nil
		for v := range content.Elements() {
			if b := blockOf(v); b.text.Kind() == events.String {
				text = b.text
			}
		}
	}
	return text
}

// startsAs reports whether a value is spelled with this at its beginning.
func startsAs(v events.Value, prefix string) bool {
	return len(v) >= len(prefix) && string(v[:len(prefix)]) == prefix
}

// endsAs reports whether a value is spelled with this at its end.
func endsAs(v events.Value, suffix string) bool {
	return len(v) >= len(suffix) && string(v[len(v)-len(suffix):]) == suffix
}
