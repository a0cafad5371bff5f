package view

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"auditctl/pkg/events"
)

// A headline is the line of an event under construction, whose words say what the event
// is about.
type headline struct {
	line
	*look
	reading
	used       uint   // which of the type's keys the headline shows as they are
	inMetadata string // which key of the metadata it does
	named      bool   // it shows the type as it is
}

// about sets which event the line is for.
func (h *headline) about(s *events.Scanner) {
	h.read(h.look, s)
	h.used, h.inMetadata, h.named = 0, "", false
}

// write appends what the event is about.
func (h *headline) write() {
	if h.of.headline != nil {
		h.of.headline(h)
		return
	}
	st := h.of.style
	if h.of == h.other {
		st = h.severity(h.s.Text(h.values[severityKey].NonNull()))
	}
	h.named = true
	message := h.message()
	if message == nil {
		h.word(st, h.s.Text(h.values[typeKey]), 0)
		return
	}
	h.name(st, h.s.Text(h.values[typeKey]), h.subjectWidth(), 0)
	h.literal(": ")
	h.text(h.s.Text(message))
}

// subjectWidth is the most columns that a subject takes: a message may follow.
func (h *headline) subjectWidth() int { return max(subjectColumn, h.Width*3/10) }

// messageKeys are keys whose text, of events without a headline of their own, or of their
// metadata, says what they are about.
var messageKeys = []string{"message", "msg", "text", "content", "output", "error"}

// message returns the text of one of these keys, which then is not shown among the others,
// or nil.
func (h *headline) message() events.Value {
	is := func(val events.Value) bool { return val.Kind() == events.String && len(val) > len(`""`) }
	for i := range h.of.keys {
		if val := h.values[envelopeLen+i]; is(val) {
			h.used |= 1 << i
			return val
		}
	}
	for _, key := range messageKeys {
		if val := h.values[metadataKey].Lookup(key); is(val) {
			h.inMetadata = key
			return val
		}
	}
	return nil
}

// value returns the value of a key of the type.
func (h *headline) value(key string) events.Value {
	return h.values[envelopeLen+slices.Index(h.of.keys, key)].NonNull()
}

// take returns the text of a key of the type, which is then not shown among the others.
// The text may be used until the next call of a method of h.s.
func (h *headline) take(key string) []byte {
	i := slices.Index(h.of.keys, key)
	text := h.s.Text(h.values[envelopeLen+i].NonNull())
	if len(text) > 0 {
		h.used |= 1 << i
	}
	return text
}

// subject appends the name that is the value of a key, or other words if it has none.
func (h *headline) subject(key, otherwise string) {
	if name := h.take(key); len(name) > 0 {
		h.name(h.bold, name, h.subjectWidth(), 0)
	} else {
		h.say(style{}, otherwise)
	}
}

// say appends words of ours, and the texts of keys after colons.
func (h *headline) say(st style, words string, keys ...string) {
	h.blanks++
	if !h.flushBlanks() {
		return
	}
	h.dst = append(h.dst, st.on...)
	h.literal(words)
	for _, key := range keys {
		if text := h.take(key); len(text) > 0 {
			if words != "" {
				h.literal(": ")
			}
			h.text(text)
			words = key
		}
	}
	h.dst = append(h.dst, st.off...)
}

// tail appends a blank and the text of a key, after a mark if that is not empty, and
// reports whether there is one.
func (h *headline) tail(mark, key string) bool {
	text := h.take(key)
	if len(text) == 0 {
		return false
	}
	if mark != "" {
		h.say(h.look.faint, mark)
	}
	h.blanks++
	if h.flushBlanks() {
		h.text(text)
	}
	return true
}

// text appends text, in quotes if something in it looks like a key and its value.
func (h *headline) text(text []byte) {
	for rest := text; ; {
		i := bytes.IndexByte(rest, '=')
		if i < 0 {
			h.escaped(text, 0)
			return
		}
		if i > 0 && isWord(rest[i-1]) {
			h.quoted(text)
			return
		}
		rest = rest[i+1:]
	}
}

// isWord reports whether keys may end with c.
func isWord(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// count appends how many of something there are, if a key says so.
func (h *headline) count(key, noun string) {
	switch n := h.s.Text(h.value(key)); string(n) {
	case "", "0":
		return
	case "1":
		h.literal(", 1 ")
		h.literal(noun)
	default:
		h.literal(", ")
		h.text(n)
		h.literal(" ")
		h.literal(noun)
		h.literal("s")
	}
	h.take(key)
}

// envelope appends a key of the envelope and its value, if it has one.
func (h *headline) envelope(i int) {
	if val := h.values[i].NonNull(); val != nil {
		h.pair(h.of.all[i], val)
	}
}

// unused appends the keys of the type that the headline does not show.
func (h *headline) unused() {
	for i, key := range h.of.keys {
		if val := h.values[envelopeLen+i]; val != nil && h.used&(1<<i) == 0 {
			h.pair(key, val)
		}
	}
}

// unknown appends the keys that the type does not have.
func (h *headline) unknown() {
	if h.hasUnknown() {
		h.pairs("", h.s.Members(), h.of.shown, "")
	}
}
