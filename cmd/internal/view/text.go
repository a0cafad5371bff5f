package view

import (
	"sync"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
)

// A Text shows an event as a line of text: its time, severity and agent, its headline,
// and as many of its other keys as fit. It is safe for concurrent use, but for Arrange.
type Text struct {
	*look
	lines sync.Pool // of *headline
	day   string    // the last one that was named
}

// NewText returns a Text.
func NewText(o Options) *Text {
	v := &Text{look: newLook(o)}
	v.lines.New = func() any { return &headline{look: v.look} }
	return v
}

// Of the layout, in columns.
const (
	severityColumn = 8  // critical
	agentColumn    = 10 // longer ones are cut to this, or to an eighth of the width
	subjectColumn  = 12 // and longer subjects to this, or to three tenths
)

// AppendEvent appends the line of text for the event that s scanned, in several rows if
// lines are wrapped.
func (v *Text) AppendEvent(dst []byte, s *events.Scanner) []byte {
	h := v.lines.Get().(*headline)
	h.about(s)
	begin, width := len(dst), v.Width
	if v.Wrap {
		width = 0
	}
	h.start(dst, width)
	begin += v.time(h)
	v.severityAndAgent(h)
	h.write()
	v.others(h)
	dst = h.dst
	if v.Wrap {
		dst = v.wrap(h, begin)
	}
	h.dst, h.s = nil, nil            // they are the caller's
	if !bounded.Outgrown(s.Line()) { // which h may refer to
		v.lines.Put(h)
	}
	return append(dst, '\n')
}

// time shows when the event was, or its timestamp if that cannot be read. It returns the
// size of the mark before it.
func (v *Text) time(h *headline) (mark int) {
	shown, ok := h.clock.append(h.scratch[:0], h.s.Text(h.values[timestampKey]), v.look, true)
	h.scratch = shown
	if ok && v.short {
		mark = len(h.dst)
		h.dst = appendDayMark(h.dst, shown)
		mark = len(h.dst) - mark
		shown = shown[dateColumn:]
	}
	width := v.timeWidth()
	if ok {
		shown = shown[:width]
	}
	h.column(v.faint, shown, width)
	return mark
}

// timeWidth returns the width of the times.
func (v *Text) timeWidth() int {
	switch {
	case v.Now != nil:
		return ageColumn
	case !v.short:
		return dateColumn + timeColumn
	case v.veryNarrow():
		return timeColumn - len(".000")
	}
	return timeColumn
}

// severityAndAgent shows how severe the event is, as a letter if there is little room,
// and whose it is.
func (v *Text) severityAndAgent(h *headline) {
	text := h.s.Text(h.values[severityKey].NonNull())
	st := v.severity(text)
	if !v.short {
		h.word(st, text, severityColumn)
	} else {
		if len(text) > 0 {
			h.scratch = append(h.scratch[:0], "?DIWEC"[events.Severity(text).Rank()])
			text = h.scratch
		}
		h.word(st, text, 1)
	}
	if !v.veryNarrow() {
		h.name(style{}, h.s.Text(h.values[agentKey].NonNull()), v.mostOfAgent(), agentColumn)
	}
}

// others shows what was not shown yet, dimmed, the least known keys last.
func (v *Text) others(h *headline) {
	if h.cut {
		return
	}
	begin := len(h.dst)
	h.dst = append(h.dst, v.faint.on...)
	dimmed := len(h.dst)
	h.blanks++ // one more than between words
	if text := h.s.Text(h.values[severityKey].NonNull()); v.short && len(text) > 0 && !isCanonical(text) {
		h.pair("severity", h.values[severityKey])
	}
	if v.veryNarrow() {
		h.envelope(agentKey)
	}
	if !h.named {
		h.envelope(typeKey)
	}
	h.unused()
	if h.named {
		h.unknown()
		h.metadata(h.values[metadataKey], nil, h.inMetadata)
	}
	h.envelope(turnKey)
	h.envelope(sessionKey)
	if !h.named {
		h.metadata(h.values[metadataKey], nil, h.inMetadata)
		h.unknown()
	}
	if len(h.dst) == dimmed { // there are none
		h.dst = h.dst[:begin]
		return
	}
	h.dst = append(h.dst, v.faint.off...)
}

// isCanonical reports whether a severity is spelled as in events that auditctl makes.
func isCanonical(severity []byte) bool {
	s, _ := events.ParseSeverity(string(severity))
	return string(s) == string(severity)
}
