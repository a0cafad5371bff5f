package stats

import (
	"bytes"
	"hash/maphash"
	"iter"
)

// openCalls are the attempts of tool calls whose end did not come yet. Calls have
// no ids: an end is that of the oldest open attempt of the same tool in the same
// session and turn.
type openCalls struct {
	lines          [2 * MaxOpen]line // by hash of tool, session and turn
	oldest, newest *openCall         // of all
	count          int
	spare          *openCall // to be used again
}

// A line is attempts in their order, all those of a call among them.
type line struct{ first, last *openCall }

type openCall struct {
	line         *line
	call         []byte // tool, session and turn
	at           Timestamp
	next         *openCall // in the line
	older, newer *openCall // of all
}

var seed = maphash.MakeSeed()

func (o *openCalls) lineOf(call []byte) *line {
	return &o.lines[maphash.Bytes(seed, call)%uint64(len(o.lines))]
}

// tool returns the name of the tool.
func (c *openCall) tool() []byte {
	tool, _ := cutName(c.call)
	return tool
}

// begin notes an attempt. Where there are MaxOpen already it gives up the oldest
// one and returns it, good until the next begin.
func (o *openCalls) begin(n *note) (lost *openCall) {
	c := o.spare
	if c == nil {
		c = &openCall{}
	}
	o.spare = nil
	if o.count == MaxOpen {
		lost = o.oldest
		o.remove(lost, nil)
	}
	*c = openCall{line: o.lineOf(n.call), call: append(c.call[:0], n.call...), at: n.at, older: o.newest}
	if c.older != nil {
		c.older.newer = c
	} else {
		o.oldest = c
	}
	o.newest = c
	o.count++
	if c.line.first == nil {
		c.line.first = c
	} else {
		c.line.last.next = c
	}
	c.line.last = c
	return lost
}

// end closes the oldest attempt of the call that ended, if there is one.
func (o *openCalls) end(n *note) {
	var before *openCall
	for c := o.lineOf(n.call).first; c != nil; before, c = c, c.next {
		if bytes.Equal(c.call, n.call) {
			o.remove(c, before)
			return
		}
	}
}

// remove takes out c, which stands behind another in its line or is the first.
func (o *openCalls) remove(c, before *openCall) {
	if before != nil {
		before.next = c.next
	} else {
		c.line.first = c.next
	}
	if c.next == nil {
		c.line.last = before
	}
	if c.older != nil {
		c.older.newer = c.newer
	} else {
		o.oldest = c.newer
	}
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		o.newest = c.older
	}
	o.count--
	o.spare = c
}

// all yields the open attempts, the oldest first.
func (o *openCalls) all() iter.Seq[*openCall] {
	return func(yield func(*openCall) bool) {
		for c := o.oldest; c != nil && yield(c); c = c.newer {
		}
	}
}
