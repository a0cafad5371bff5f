package mcp

import (
	"slices"

	"auditctl/pkg/events"
)

// An outline reads a line piece by piece, however long it is, and keeps only what events
// need of its messages: see kept. It accepts what events.Scanner does.
type outline struct {
	found   func(message) // of the current bytes
	head    []byte        // of the line
	size    int64         // of what was read so far
	grammar grammar

	// Of the message that is being read: where its members are in the nesting, 0 if none is
	// read, how much was read before it, and what was found of it.
	depth   int
	before  int64
	top     map[string]events.Value
	within  map[string]map[string]events.Value // of params, result and error
	key     []byte                             // that is being read, or the last one
	member  string                             // of the message
	inner   string                             // of params, result or error
	current [2]*extract                        // of the member, and of the inner one
}

// kept are the members of params, results and errors that events need.
var kept = []string{
	"name", "arguments", "_meta", "uri", "requestState", "inputResponses", "requestId", "reason", "level",
	"protocolVersion", "clientInfo", "serverInfo", "taskId", "task", "status", "statusMessage", "cursor", "nextCursor", "tools",
	"content", "structuredContent", "isError", "resultType", "inputRequests", "action", "result", "error", "code", "message",
}

// How much is kept of a member of a message, and of one inside. They are variables for
// tests.
var (
	topLength   = 4 << 10
	innerLength = 16 << 10
)

// An extract is the beginning of a value, itself a value: what is open at its end is
// closed.
type extract struct {
	text  []byte
	most  int
	depth int  // of the nesting around it
	whole bool // no more is added
}

// add reads the next bytes of the line, and calls f for each message that ends.
func (o *outline) add(p []byte, f func(message)) {
	o.found = f
	o.head = append(o.head, p[:min(len(p), headLength-len(o.head))]...)
	o.size += int64(len(p))
	o.grammar.read(p, o)
}

// end ends the line, and calls f if it is no message.
func (o *outline) end(f func(message)) {
	o.grammar.end()
	if o.grammar.reason != "" {
		m := invalid(o.head, o.grammar.reason)
		m.size = o.size
		f(m)
	}
}

// The methods that follow are called by the grammar.

// opens notes that a value begins, which is not read yet.
func (o *outline) opens(first byte) {
	g := &o.grammar
	switch len(g.open) {
	case 0:
		o.begin(first, 1)
	case 1:
		if g.open[0] == '[' {
			o.begin(first, 2)
		}
	}
	if o.depth == 0 || len(g.open) < o.depth || g.open[len(g.open)-1] != '{' {
		return
	}
	switch len(g.open) {
	case o.depth:
		if o.member = o.named("id", "method", "params", "result", "error"); o.member != "" {
			o.current[0] = &extract{most: topLength, depth: len(g.open)}
			delete(o.within, o.member)
		}
	case o.depth + 1:
		if o.member == "params" || o.member == "result" || o.member == "error" {
			if o.inner = o.named(kept...); o.inner != "" {
				o.current[1] = &extract{most: innerLength, depth: len(g.open)}
			}
		}
	}
}

// begin begins a message, or a batch of them.
func (o *outline) begin(first byte, depth int) {
	if depth == 1 && first == '[' {
		return
	}
	o.depth, o.before = depth, o.grammar.at
	o.top, o.within = map[string]events.Value{}, map[string]map[string]events.Value{}
	if first != '{' {
		o.depth = 0
		o.found(invalid([]byte{first}, "not a JSON object"))
	}
}

// named returns which of some names the last key is, empty if none.
func (o *outline) named(names ...string) string {
	if len(o.key) > maxKey {
		return ""
	}
	text := events.Value(append(append([]byte{'"'}, o.key...), '"')).AppendText(nil)
	if i := slices.Index(names, string(text)); i >= 0 {
		return names[i]
	}
	return ""
}

// maxKey is how long a key can be, as it is spelled, of those that are kept.
const maxKey = 6 * len("structuredContent")

// keyed notes more of a key, or with nil that one begins.
func (o *outline) keyed(p []byte) {
	if p == nil {
		o.key = o.key[:0]
	} else if len(o.key) <= maxKey {
		o.key = append(o.key, p...)
	}
}

// takes notes more of the text of values. If the text is inside a string or a number it may
// be cut.
func (o *outline) takes(p []byte) {
	for _, e := range o.current {
		if e != nil && !e.whole {
			e.text = append(e.text, p[:min(len(p), max(0, e.most-len(e.text)))]...)
		}
	}
}

// takesWhole notes more of the text of values, which cannot be cut.
func (o *outline) takesWhole(p ...byte) {
	for _, e := range o.current {
		if e != nil && !e.whole {
			e.text = append(e.text, p...)
		}
	}
}

// pauses notes a place where text can be cut, before rest.
func (o *outline) pauses(rest string) {
	for _, e := range o.current {
		if e == nil || e.whole || len(e.text) < e.most {
			continue
		}
		e.text, e.whole = append(e.text, rest...), true
		for _, c := range slices.Backward(o.grammar.open[e.depth:]) {
			e.text = append(e.text, c+2) // ] and }
		}
	}
}

// closes notes that a value has ended.
func (o *outline) closes() {
	o.pauses("")
	n := len(o.grammar.open)
	switch {
	case n == 0 && o.top == nil:
		o.found(invalid(o.head, "an empty batch"))
	case o.depth == 0:
	case n == o.depth-1:
		o.message()
	case n == o.depth && o.current[0] != nil:
		o.top[o.member] = o.current[0].text
		o.current[0] = nil
	case n == o.depth+1 && o.current[1] != nil:
		if o.within[o.member] == nil {
			o.within[o.member] = map[string]events.Value{}
		}
		o.within[o.member][o.inner] = o.current[1].text
		o.current[1] = nil
	}
}

// message hands out the message that has ended.
func (o *outline) message() {
	var m message
	for key, v := range o.top {
		*m.member(key) = v.NonNull()
	}
	m.previewed = m.content()
	for key, members := range o.within {
		if to := m.member(key); *to != nil {
			*to = object(members)
		}
	}
	m.size = o.grammar.at + 1 - o.before
	o.depth = 0
	o.found(m.checked(o.head))
}

// object returns the object with some members, in the order of kept.
func object(members map[string]events.Value) events.Value {
	text := []byte{'{'}
	for _, key := range kept {
		if v := members[key]; v != nil {
			if len(text) > 1 {
				text = append(text, ',')
			}
			text = append(append(append(append(text, '"'), key...), `":`...), v...)
		}
	}
	return append(text, '}')
}
