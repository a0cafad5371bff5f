package view

import (
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A Table shows events as rows of a table. Its columns are as wide as their contents; if
// a batch has something wider they are wider from then on. On a terminal they share its
// width, and what does not fit is cut. It is for one goroutine.
type Table struct {
	*look
	columns  []*column
	optional bool      // these are the default ones
	shown    []*column // nil before the heading
	rest     bool      // the last one shown gets what the others leave

	// Kept from batch to batch.
	scanner    events.Scanner
	line       line
	rows       []events.Value // as many for each row as there are columns
	text, cell []byte
}

// A column is a key, and what is known about its values.
type column struct {
	title string
	key   selection.Key

	natural int // how many columns of the terminal its widest value needs
	width   int // how many it gets

	numbers, words bool // it has numbers; it has anything else
}

// DefaultColumns are the columns of a table if none are asked for; on a terminal as many
// of the first ones as fit, the last one of them perhaps cut.
const DefaultColumns = "timestamp,severity,event_type,agent_id,tool_name,duration_ms,session_id,turn_id"

// NewTable returns a Table with columns for these keys; nil for DefaultColumns.
func NewTable(o Options, keys []selection.Key) *Table {
	v := &Table{look: newLook(o)}
	v.line.faint = v.faint
	if keys == nil {
		v.optional = true
		keys, _ = selection.ParseKeys(DefaultColumns)
	}
	for _, key := range keys {
		v.columns = append(v.columns, &column{title: key.String(), key: key})
	}
	return v
}

// Arrange appends the rows for events, which are whole lines, and before the first row
// the heading.
func (v *Table) Arrange(dst, lines []byte) []byte {
	v.rows = v.rows[:0]
	for len(lines) > 0 {
		err := v.scanner.ScanFirst(lines)
		lines = lines[len(v.scanner.Line())+1:]
		if err != nil {
			continue // only events come
		}
		for _, c := range v.columns {
			val := c.key.Value(&v.scanner).NonNull()
			v.rows = append(v.rows, val)
			text, _ := v.value(c, val)
			c.see(val.Kind(), v.measure(text))
		}
	}
	if len(v.rows) == 0 {
		return dst
	}
	first := v.shown == nil
	if first {
		for _, c := range v.columns {
			c.see(events.Absent, v.measure([]byte(c.title)))
		}
		v.choose()
	}
	v.fit()
	if first {
		dst = v.row(dst, func(c *column, _ int) ([]byte, style) { return []byte(c.title), v.bold })
	}
	for row := v.rows; len(row) > 0; row = row[len(v.columns):] {
		dst = v.row(dst, func(c *column, i int) ([]byte, style) { return v.value(c, row[i]) })
	}
	return dst
}

// Rest appends nothing.
func (v *Table) Rest(dst []byte) []byte { return dst }

// Holds reports that a Table holds nothing back.
func (v *Table) Holds() bool { return false }

// measure returns how many columns text takes, at most those of the terminal.
func (v *Table) measure(text []byte) (width int) {
	v.cell, width = v.line.fit(v.cell[:0], text, false, v.Width)
	return width
}

// see records a value of the column.
func (c *column) see(kind events.Kind, width int) {
	c.natural = max(c.natural, width)
	switch kind {
	case events.Absent:
	case events.Number:
		c.numbers = true
	default:
		c.words = true
	}
}

// choose decides which columns are shown on a terminal: of the default ones as many as
// fit whole, and one more if there is some room left, of others as many as get at least
// one column of the terminal.
func (v *Table) choose() {
	v.shown = v.columns
	if v.Width == 0 {
		return
	}
	least := func(c *column) int { return 1 }
	if v.optional {
		least = func(c *column) int { return c.natural }
	}
	left := v.Width
	for i, c := range v.columns {
		if left < least(c) && i > 0 {
			if v.rest = v.optional && left >= narrowColumn; v.rest {
				i++
			}
			v.shown = v.columns[:i]
			return
		}
		left -= least(c) + columnGap
	}
}

// LeftOut returns the columns that were asked for and are not shown, because not even one
// column of the terminal is left for them.
func (v *Table) LeftOut() (titles []string) {
	if v.optional || v.shown == nil {
		return nil
	}
	for _, c := range v.columns[len(v.shown):] {
		titles = append(titles, c.title)
	}
	return titles
}

// fit divides the width of the terminal: the widest columns become narrower, of equal
// ones the first one first.
func (v *Table) fit() {
	var widths []*int
	for _, c := range slices.Backward(v.shown) {
		c.width = c.natural
		widths = append(widths, &c.width)
	}
	if v.Width == 0 {
		return
	}
	room := v.Width - columnGap*(len(v.shown)-1)
	if v.rest {
		left := room
		for _, w := range widths[1:] {
			left -= *w
		}
		squeeze(widths[:1], left, narrowColumn)
	}
	squeeze(widths, room, 1)
}

// row appends a row of what cell returns for the columns.
func (v *Table) row(dst []byte, cell func(c *column, i int) ([]byte, style)) []byte {
	blanks := 0
	for i, c := range v.shown {
		text, st := cell(c, i)
		shown, used := v.line.fit(v.cell[:0], text, false, c.width)
		v.cell = shown
		if c.numbers && !c.words {
			blanks += c.width - used
			used = c.width
		}
		dst = st.append(appendBlanks(dst, blanks), shown)
		blanks = c.width - used + columnGap
	}
	return append(dst, '\n')
}

// value returns the text for a value of a column, and its style.
func (v *Table) value(c *column, val events.Value) ([]byte, style) {
	if val == nil {
		return []byte{'-'}, v.faint
	}
	v.text = val.AppendText(v.text[:0])
	st := v.styleOf(c.title, v.text)
	if c.title == "timestamp" {
		v.text = v.appendLocal(nil, v.text)
	}
	return v.text, st
}
