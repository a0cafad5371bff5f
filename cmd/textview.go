package cmd

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fatih/color"
	"github.com/rivo/uniseg"

	"auditctl/pkg/events"
)

// A textView shows an event as a line of text. It is used by many goroutines at
// once.
type textView struct {
	width      int // in columns; 0: a line is as long as it must be
	timeLayout string
	styles     map[string]style // of severities and types
	faint      style
	bold       style
	keys       map[string][]string // of the types, after the envelope
}

// Columns of the text. What is longer moves the rest of its line.
const (
	severityColumn = 8  // critical
	typeColumn     = 20 // tool_policy_decision
	agentColumn    = 10

	// In a narrow terminal the date would leave no room for the rest.
	narrow      = 120
	shortLayout = "15:04:05.000"
	longLayout  = "2006-01-02 15:04:05.000"
)

// A style is what switches a colour on and off.
type style struct{ on, off string }

func newTextView(colored bool, width int) *textView {
	v := &textView{width: width, timeLayout: longLayout, styles: map[string]style{}, keys: map[string][]string{}}
	if 0 < width && width < narrow {
		v.timeLayout = shortLayout
	}
	for _, t := range events.Types() {
		for _, k := range events.Keys(t) {
			v.keys[t] = append(v.keys[t], k.Name)
		}
	}
	if !colored {
		return v
	}
	v.faint, v.bold = newStyle(color.Faint), newStyle(color.Bold)
	for severity, attributes := range map[events.Severity][]color.Attribute{
		events.SeverityDebug:    {color.Faint},
		events.SeverityInfo:     {color.FgGreen},
		events.SeverityWarning:  {color.FgYellow},
		events.SeverityError:    {color.FgRed},
		events.SeverityCritical: {color.FgRed, color.Bold, color.ReverseVideo},
	} {
		v.styles[string(severity)] = newStyle(attributes...)
	}
	for prefix, attribute := range map[string]color.Attribute{
		"turn": color.FgCyan, "tool_call": color.FgBlue, "tool_policy": color.FgMagenta,
		"tool_loop": color.FgYellow, "sandbox": color.FgMagenta, "hook": color.FgMagenta,
		"skill": color.FgGreen, "agent": color.FgCyan,
	} {
		for _, t := range events.Types() {
			if strings.HasPrefix(t, prefix) {
				v.styles[t] = newStyle(attribute)
			}
		}
	}
	v.styles[events.TypeToolCallFailure] = newStyle(color.FgRed)
	return v
}

func newStyle(attributes ...color.Attribute) style {
	c := color.New(attributes...)
	c.EnableColor() // package color decides by os.Stdout, we by our stream
	on, off, _ := strings.Cut(c.Sprint("|"), "|")
	return style{on, off}
}

// appendEvent appends the line of text for the event that s scanned.
func (v *textView) appendEvent(dst []byte, s *events.Scanner) []byte {
	l := &textLine{view: v, dst: dst, left: v.width, unlimited: v.width == 0}
	l.dst = append(l.dst, v.faint.on...)
	l.escaped(v.timestamp(s), 0)
	l.dst = append(l.dst, v.faint.off...)
	severity := string(s.Text(s.Lookup("severity")))
	l.word(v.styles[severity], []byte(severity), severityColumn)
	eventType := string(s.Text(s.Lookup("event_type")))
	l.word(v.styles[eventType], []byte(eventType), typeColumn)
	l.word(v.bold, s.Text(s.Lookup("agent_id").NonNull()), agentColumn)

	own := v.keys[eventType]
	for _, key := range own {
		if val := s.Lookup(key); val != nil {
			l.pair("", key, val)
		}
	}
	for _, key := range []string{"turn_id", "session_id"} {
		if val := s.Lookup(key).NonNull(); val != nil {
			l.pair("", key, val)
		}
	}
	metadata := s.Lookup("metadata")
	l.pairs("metadata.", metadata.Members(), nil)
	if k := metadata.Kind(); k != events.Object && k != events.Absent {
		l.pair("", "metadata", metadata)
	}
	l.pairs("", s.Members(), func(key string) bool { return events.IsEnvelopeKey(key) || slices.Contains(own, key) })
	return append(l.dst, '\n')
}

// timestamp returns the time of an event as it is shown, or as it stands where
// it cannot be read.
func (v *textView) timestamp(s *events.Scanner) []byte {
	text := s.Text(s.Lookup("timestamp"))
	if t, ok := events.ParseTimestamp(text); ok {
		return t.In(time.Local).AppendFormat(nil, v.timeLayout)
	}
	if len(text) < len(v.timeLayout) {
		text = append(bytes.Clone(text), bytes.Repeat([]byte{' '}, len(v.timeLayout)-len(text))...)
	}
	return text
}

// A textLine is a line in the making. It takes no more than its width.
type textLine struct {
	view      *textView
	dst       []byte
	left      int // columns
	unlimited bool
	cut       bool
	blanks    int // columns to leave before what comes next

	last, lastEnd int // where the last thing that takes columns stands in dst
}

// word appends a blank and text in a style, quoted if it could pass for more
// than one word, with blanks up to a width if more follows.
func (l *textLine) word(st style, text []byte, width int) {
	l.blanks++
	used := 0
	if len(text) > 0 {
		used = l.styled(st, text)
	}
	l.blanks += max(0, width-used)
}

// styled appends text in a style, in quotes where it needs them, and returns how
// many columns it took.
func (l *textLine) styled(st style, text []byte) (columns int) {
	if !l.flushBlanks() {
		return 0
	}
	l.dst = append(l.dst, st.on...)
	columns = l.quoted(text)
	l.dst = append(l.dst, st.off...)
	return columns
}

// pairs appends members and their values, of a key that stands more than once
// the last, except those that are to be skipped.
func (l *textLine) pairs(prefix string, members iter.Seq2[[]byte, events.Value], skip func(key string) bool) {
	type pair struct {
		key string
		val events.Value
	}
	var found []pair
	var places map[string]int
	for k, val := range members {
		if skip != nil && skip(string(k)) {
			continue
		}
		if i, ok := places[string(k)]; ok {
			found[i].val = val
			continue
		}
		if places == nil {
			places = map[string]int{}
		}
		places[string(k)] = len(found)
		found = append(found, pair{string(k), val})
	}
	for _, p := range found {
		if l.cut {
			return
		}
		l.pair(prefix, p.key, p.val)
	}
}

// pair appends a key and its value.
func (l *textLine) pair(prefix, key string, val events.Value) {
	faint := l.view.faint
	l.blanks++
	l.styled(faint, []byte(prefix+key))
	l.dst = append(l.dst, faint.on...)
	l.put([]byte{'='}, 1)
	l.dst = append(l.dst, faint.off...)
	switch {
	case l.cut:
	case val.Kind() == events.String:
		l.quoted(val.AppendText(nil))
	default:
		l.escaped(val, 0)
	}
}

// quoted appends text, in quotes where it needs them, and returns how many
// columns it took.
func (l *textLine) quoted(text []byte) (columns int) {
	quote := quoteFor(text)
	if quote == 0 {
		return l.escaped(text, 0)
	}
	l.put([]byte{quote}, 1)
	columns = l.escaped(text, quote)
	l.put([]byte{quote}, 1)
	return columns + 2
}

// quoteFor returns the quote that text needs to be told from what stands around
// it, 0 where it needs none.
func quoteFor(text []byte) byte {
	quote := byte(0)
	for _, c := range text {
		switch c {
		case '"':
			return '\''
		case ' ', '=', '\'':
			quote = '"'
		}
	}
	if len(text) == 0 {
		return '"'
	}
	return quote
}

// flushBlanks appends the blanks that were left, and reports whether there is
// room for more.
func (l *textLine) flushBlanks() bool {
	for ; l.blanks > 0 && !l.cut; l.blanks-- {
		l.put([]byte{' '}, 1)
	}
	return !l.cut
}

// escaped appends text with whatever could drive the terminal, hide, or end the
// quote shown as an escape, and returns how many columns it took.
func (l *textLine) escaped(text []byte, quote byte) (columns int) {
	state := -1
	for len(text) > 0 && !l.cut {
		if n := plainRun(text, quote); n > 0 {
			n = l.putRun(text[:n])
			columns += n
			text = text[n:]
			state = -1
			continue
		}
		cluster, rest, width, next := uniseg.FirstGraphemeCluster(text, state)
		if shown := escapeCluster(cluster, quote); shown != "" {
			cluster, width = []byte(shown), len(shown)
		}
		l.put(cluster, width)
		columns += width
		text, state = rest, next
	}
	return columns
}

// plainRun returns how many bytes of text are characters of one column each that
// are shown as they are. What a mark may follow is not among them.
func plainRun(text []byte, quote byte) int {
	for i, c := range text {
		switch {
		case c >= utf8.RuneSelf:
			return max(0, i-1)
		case c < ' ' || c == 0x7f || c == quote:
			return i
		}
	}
	return len(text)
}

// putRun appends as many characters of one column each as there is room for, or
// one to end the line, and returns how many.
func (l *textLine) putRun(run []byte) int {
	if !l.unlimited && len(run) > l.left {
		run = run[:max(1, l.left)]
	}
	if len(run) == 1 || l.unlimited {
		l.put(run, len(run))
		return len(run)
	}
	l.dst = append(l.dst, run...)
	l.left -= len(run)
	l.last, l.lastEnd = len(l.dst)-1, len(l.dst)
	return len(run)
}

// escapeCluster returns how a cluster is shown if it must be escaped.
func escapeCluster(cluster []byte, quote byte) string {
	if string(cluster) == string(quote) && quote != 0 {
		return `\` + string(quote)
	}
	safe := true
	for _, r := range string(cluster) {
		safe = safe && isSafe(r)
	}
	if safe {
		return ""
	}
	var b strings.Builder
	for _, r := range string(cluster) {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case isSafe(r):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// isSafe reports whether a terminal only shows r: it neither controls anything
// nor is invisible. The joiners and the selectors of text and emoji style hold
// emoji and scripts together.
func isSafe(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r < 0xa0, r == '\u2028', r == '\u2029', r == utf8.RuneError:
		return false
	case r < 0xa0, r == '\u200c', r == '\u200d', r == '\ufe0e', r == '\ufe0f':
		return true
	}
	return !unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// put appends what is shown in so many columns. What does not fit is left out,
// and the last column of the line shows that something is missing.
func (l *textLine) put(shown []byte, columns int) {
	switch {
	case l.cut:
	case l.unlimited:
		l.dst = append(l.dst, shown...)
	case columns <= l.left:
		if columns > 0 {
			l.last, l.lastEnd = len(l.dst), len(l.dst)+len(shown)
		}
		l.dst = append(l.dst, shown...)
		l.left -= columns
	case l.left > 0: // wider than the last column
		l.dst = append(l.dst, "…"...)
		l.cut = true
	default:
		l.dst = slices.Replace(l.dst, l.last, l.lastEnd, []byte("…")...)
		l.cut = true
	}
}
