package view

import (
	"bytes"

	"auditctl/cmd/internal/terminal"
)

// wrap breaks the line that begins there into rows of the width of the terminal, between
// words where that is possible. Later rows are indented by what comes before the headline.
func (v *Text) wrap(h *headline, begin int) []byte {
	indent := v.timeWidth() + len(" I ")
	if !v.short {
		indent += severityColumn - len("I")
	}
	if !v.veryNarrow() {
		indent += agentColumn + 1
	}
	text := bytes.Clone(h.dst[begin:])
	r := rows{dst: h.dst[:begin], width: v.Width, indent: min(indent, v.Width/2)}
	for len(text) > 0 {
		blanks := len(text) - len(bytes.TrimLeft(text, " "))
		word := text[blanks:]
		if end := bytes.IndexByte(word, ' '); end >= 0 {
			word = word[:end]
		}
		text = text[blanks+len(word):]
		r.add(blanks, word)
	}
	return r.dst
}

// rows are those of a line that is too long for one.
type rows struct {
	dst           []byte
	width, indent int
	used          int    // columns of the last row
	style         []byte // the sequences that are switched on
}

// add appends blanks and a word, on a new row if it does not fit, and on several if it
// does not fit into one.
func (r *rows) add(blanks int, word []byte) {
	columns := 0
	each(word, func(_ []byte, width int) { columns += width })
	if r.used += blanks; r.used+columns <= r.width || r.used <= r.indent {
		r.dst = appendBlanks(r.dst, blanks)
	} else {
		r.begin()
	}
	each(word, func(part []byte, width int) {
		if r.used+width > r.width && r.used > r.indent {
			r.begin()
		}
		r.dst = append(r.dst, part...)
		r.used += width
		if part[0] == escape {
			r.style = append(r.style, part...)
			if string(part) == reset {
				r.style = r.style[:0]
			}
		}
	})
}

// begin begins a row in the same style.
func (r *rows) begin() {
	if len(r.style) > 0 {
		r.dst = append(r.dst, reset...)
	}
	r.dst = appendBlanks(append(r.dst, '\n'), r.indent)
	r.dst = append(r.dst, r.style...)
	r.used = r.indent
}

const escape = 0x1b

// each calls do for the characters of text that was escaped, and for the sequences that
// switch colours, which take no columns.
func each(text []byte, do func(part []byte, columns int)) {
	for len(text) > 0 {
		if text[0] == escape {
			end := bytes.IndexByte(text, 'm') + 1
			do(text[:end], 0)
			text = text[end:]
			continue
		}
		if n := terminal.PlainRun(text, 0); n > 0 {
			for i := range n {
				do(text[i:i+1], 1)
			}
			text = text[n:]
			continue
		}
		shown, rest, columns, _ := terminal.Cluster(text, 0, -1)
		do(shown, columns)
		text = rest
	}
}
