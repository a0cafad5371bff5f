package main

import (
	"bytes"
	"fmt"
	"strings"
)

// A roff is a page in the language of man(7). All text is shown as it is, except for the
// line breaks of filled text.
type roff struct{ b bytes.Buffer }

func (r *roff) bytes() []byte { return r.b.Bytes() }

func (r *roff) title(page, program string) {
	// Without a date the same commands always give the same pages.
	fmt.Fprintf(&r.b, ".TH \"%s\" 1 \"\" \"%s\" \"%s manual\"\n", escape(strings.ToUpper(page)), escape(program), escape(program))
	r.b.WriteString(".nh\n.ad l\n")
}

func (r *roff) section(name string) { fmt.Fprintf(&r.b, ".SH %s\n", name) }

func (r *roff) subsection(name string) { fmt.Fprintf(&r.b, ".SS %s\n", name) }

// text adds text that is filled.
func (r *roff) text(text string) {
	for line := range strings.Lines(text) {
		r.line(strings.TrimSpace(line))
	}
}

func (r *roff) paragraph(text string) {
	r.b.WriteString(".PP\n")
	r.text(text)
}

// item adds a name and, next to or below it, a description.
func (r *roff) item(name, text string) {
	fmt.Fprintf(&r.b, ".TP\n\\fB%s\\fR\n", escape(name))
	r.text(text)
}

// verbatim adds lines that are shown unchanged.
func (r *roff) verbatim(lines string) {
	r.b.WriteString(".nf\n")
	for line := range strings.Lines(lines) {
		r.line(strings.TrimSuffix(line, "\n"))
	}
	r.b.WriteString(".fi\n")
}

// references adds references to other pages.
func (r *roff) references(pages []string) {
	for i, page := range pages {
		end := ","
		if i == len(pages)-1 {
			end = ""
		}
		fmt.Fprintf(&r.b, "\\fB%s\\fR(1)%s\n", escape(page), end)
	}
}

// line adds a line of text, which is never interpreted as a request.
func (r *roff) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		r.b.WriteString(`\&`)
	}
	r.b.WriteString(escape(text) + "\n")
}

// escape escapes characters with a special meaning, and those that would be shown as
// typographic ones.
var escape = strings.NewReplacer(
	`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `^`, `\(ha`, `~`, `\(ti`, `"`, `\(dq`,
).Replace
