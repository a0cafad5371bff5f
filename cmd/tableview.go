package cmd

import (
	"cmp"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A tableView is an arranger that shows events as rows of a table. Its columns
// are as wide as what they hold; where a batch brings something wider they grow
// from there on. On a terminal they share its width, and what does not fit is
// cut.
type tableView struct {
	view     *textView
	columns  []*column
	optional bool      // nobody asked for these
	shown    []*column // nil before the heading

	// Kept from batch to batch.
	scanner    events.Scanner
	line       textLine
	rows       []events.Value // as many for each row as there are columns
	text, cell []byte
}

// A column is a key, and what is known of its values.
type column struct {
	title string
	key   selection.Key

	natural int // how many columns of the terminal its widest value takes
	width   int // how many it gets

	numbers, words bool // there were numbers; there was something else
}

// columnGap is how many blanks stand between two columns.
const columnGap = 2

// defaultColumns are those of a table where none are asked for; on a terminal as
// many of the first as there is room for.
const defaultColumns = "timestamp,severity,event_type,agent_id,tool_name,duration_ms,session_id,turn_id"

// newTableView returns a table with columns for a comma list of keys.
func newTableView(view *textView, keys string) (*tableView, error) {
	v := &tableView{view: view, optional: keys == defaultColumns, line: textLine{view: view}}
	parsed, err := selection.ParseKeys(keys)
	if err != nil {
		return nil, err
	}
	for _, key := range parsed {
		v.columns = append(v.columns, &column{title: key.String(), key: key})
	}
	return v, nil
}

func (v *tableView) arrange(dst, lines []byte, _ *input) ([]byte, error) {
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
		return dst, nil
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
		dst = v.row(dst, func(c *column, _ int) ([]byte, style) { return []byte(c.title), v.view.bold })
	}
	for row := v.rows; len(row) > 0; row = row[len(v.columns):] {
		dst = v.row(dst, func(c *column, i int) ([]byte, style) { return v.value(c, row[i]) })
	}
	return dst, nil
}

func (v *tableView) rest(dst []byte) []byte { return dst }

// measure returns how many columns text takes, at most all of the terminal.
func (v *tableView) measure(text []byte) (width int) {
	v.cell, width = v.line.fit(v.cell[:0], text, false, v.view.width)
	return width
}

// see notes a value of the column.
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

// choose decides which columns are shown on a terminal: of those that nobody
// asked for as many as fit, of others as many as there can be.
func (v *tableView) choose() {
	v.shown = v.columns
	if v.view.width == 0 {
		return
	}
	least := func(c *column) int { return 1 }
	if v.optional {
		least = func(c *column) int { return c.natural }
	}
	left := v.view.width
	for i, c := range v.columns {
		if left -= least(c); left < 0 && i > 0 {
			v.shown = v.columns[:i]
			return
		}
		left -= columnGap
	}
}

// fit shares the width of the terminal out: the widest columns give way first.
func (v *tableView) fit() {
	left := v.view.width - columnGap*(len(v.shown)-1)
	for _, c := range v.shown {
		c.width = c.natural
		left -= c.width
	}
	for ; v.view.width > 0 && left < 0; left++ {
		slices.MaxFunc(v.shown, func(a, b *column) int { return cmp.Compare(a.width, b.width) }).width--
	}
}

// row appends a row of what cell returns for the columns.
func (v *tableView) row(dst []byte, cell func(c *column, i int) ([]byte, style)) []byte {
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

// value returns what is shown for a value of a column, and how.
func (v *tableView) value(c *column, val events.Value) ([]byte, style) {
	if val == nil {
		return []byte{'-'}, v.view.faint
	}
	v.text = val.AppendText(v.text[:0])
	st := v.view.styleOf(c.title, v.text)
	if c.title == "timestamp" {
		v.text = v.view.appendLocal(nil, v.text)
	}
	return v.text, st
}
