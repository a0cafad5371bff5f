package terminal

import "bytes"

// A page counts the rows that text takes on a terminal, which wraps it.
type page struct {
	columns, rows int

	taken   int // by whole lines
	counted int // bytes of these lines
}

// full reports whether text, which begins with the text of the call before, takes all
// rows, so that its beginning is gone when a prompt follows.
func (p *page) full(text []byte) bool {
	for p.taken < p.rows {
		line, _, whole := bytes.Cut(text[p.counted:], []byte("\n"))
		taken := p.rowsOf(line)
		if !whole {
			return p.taken+taken >= p.rows
		}
		p.taken += max(1, taken)
		p.counted += len(line) + 1
	}
	return true
}

// rowsOf returns how many rows a line takes, at most as many as there are.
func (p *page) rowsOf(line []byte) (taken int) {
	column := p.columns // as if the row before were full
	for state := -1; len(line) > 0 && taken <= p.rows; {
		var width int
		switch n := PlainRun(line, 0); {
		case n > 0:
			line, width, state = line[1:], 1, -1
		case line[0] == '\x1b':
			line, state = line[escapeLength(line):], -1
			continue
		case line[0] == '\t':
			line, width, state = line[1:], 8-column%p.columns%8, -1
		default:
			_, line, width, state = Cluster(line, 0, state)
		}
		if column += width; column > p.columns {
			taken, column = taken+1, width
		}
	}
	return min(taken, p.rows)
}

// escapeLength returns the length of the control sequence that text begins with.
func escapeLength(text []byte) int {
	for i, c := range text {
		if i > 1 && '@' <= c && c <= '~' {
			return i + 1
		}
	}
	return len(text)
}
