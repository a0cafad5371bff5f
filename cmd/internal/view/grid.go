package view

import "slices"

// A grid is rows of cells in columns that fit a width, followed by bars if there is room
// for them.
type grid struct {
	columns []gridColumn
	rows    []gridRow
	ids     bool // the first column has ids, which are made narrower only if they are very long
}

type gridColumn struct {
	title string
	right bool // for numbers, which are never made narrower
}

type gridRow struct {
	cells []cell
	bar   *eventBar
	note  cell // in place of a bar and of cells that are missing
}

// A cell is text in a style. It is escaped, and cut where its column is narrower.
type cell struct {
	style
	text   []byte
	quoted bool // in quotes if it could be mistaken for something else
}

// Of the layout, in columns of the terminal.
const (
	narrowColumn  = 8  // text is not made narrower than this
	besideBars    = 24 // nor than this to make room for bars
	narrowestBars = 10
	widestID      = 40
)

func textCell(text string) cell { return cell{text: []byte(text)} }

// fit returns the cell's text as it is shown in so many columns, 0 for any number, and
// how many it takes.
func (c cell) fit(columns int) (shown []byte, taken int) {
	return new(line).fit(nil, c.text, c.quoted, columns)
}

// appendTo appends the table's lines, none of which is wider than width. first and others
// are the styles of the column titles.
func (t *grid) appendTo(dst []byte, width int, first, others style, b *eventBarStyle) []byte {
	widths, barWidth := t.layout(width)
	var titles gridRow
	for i, c := range t.columns {
		st := others
		if i == 0 {
			st = first
		}
		titles.cells = append(titles.cells, cell{st, []byte(c.title), false})
	}
	dst = t.appendRow(dst, titles, width, widths, 0, b)
	for _, row := range t.rows {
		dst = t.appendRow(dst, row, width, widths, barWidth, b)
	}
	return dst
}

// layout returns the widths of the columns and of the bars, 0 for no bars. Columns on the
// right for which there is no room have no width.
func (t *grid) layout(width int) (widths []int, barWidth int) {
	for i, c := range t.columns {
		_, widest := textCell(c.title).fit(0)
		for _, row := range t.rows {
			if i < len(row.cells) {
				_, taken := row.cells[i].fit(0)
				widest = max(widest, taken)
			}
		}
		if t.ids && i == 0 {
			widest = min(widest, widestID)
		}
		widths = append(widths, widest)
	}
	if slices.ContainsFunc(t.rows, func(r gridRow) bool { return r.bar != nil }) {
		withBars := slices.Clone(widths)
		if free := t.squeeze(withBars, width-columnGap-narrowestBars, besideBars); free >= 0 {
			return withBars, narrowestBars + free
		}
	}
	for shown := len(widths); ; shown-- {
		squeezed := slices.Clone(widths[:shown])
		if free := t.squeeze(squeezed, width, narrowColumn); free >= 0 || shown == 1 {
			return squeezed, 0
		}
	}
}

// squeeze makes columns of text narrower, but not narrower than narrowest, until the
// columns with these widths fit, and returns how much room is left.
func (t *grid) squeeze(widths []int, width, narrowest int) (free int) {
	width -= columnGap * (len(widths) - 1)
	var texts []*int
	for i := range widths {
		if t.columns[i].right || t.ids && i == 0 {
			width -= widths[i]
		} else {
			texts = append(texts, &widths[i])
		}
	}
	return squeeze(texts, width, narrowest)
}

func (t *grid) appendRow(dst []byte, row gridRow, width int, widths []int, barWidth int, b *eventBarStyle) []byte {
	blanks := 0 // before what comes next
	for i, c := range row.cells[:min(len(row.cells), len(widths))] {
		room := min(widths[i], width-blanks)
		if room < 1 || t.columns[i].right && room < widths[i] && i > 0 {
			break // a part of a number would be another number
		}
		shown, taken := c.fit(room)
		after := room - taken
		if t.columns[i].right {
			blanks, after = blanks+after, 0
		}
		dst = appendBlanks(dst, blanks)
		dst = c.append(dst, shown)
		width -= blanks + taken
		blanks = after + columnGap
	}
	if len(row.note.text) > 0 && width > blanks {
		shown, _ := row.note.fit(width - blanks)
		dst = row.note.append(appendBlanks(dst, blanks), shown)
	}
	if row.bar != nil && row.bar.events > 0 && barWidth > 0 {
		dst = row.bar.appendTo(appendBlanks(dst, blanks), barWidth, b)
	}
	return append(dst, '\n')
}
