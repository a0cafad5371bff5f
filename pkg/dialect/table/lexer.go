package table

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A parser parses the text of a table. Its methods panic with a *KeysError.
type parser struct {
	name, text string
	at         int
	end        int // of the last thing that was no white space
	table      *table
	set        []string // the keys so far
}

func (p *parser) fail(at int, format string, args ...any) {
	line := p.text[strings.LastIndexByte(p.text[:at], '\n')+1 : at]
	panic(&KeysError{
		Name:   p.name,
		Line:   1 + strings.Count(p.text[:at], "\n"),
		Column: 1 + len(strings.TrimPrefix(line, "\uFEFF")),
		Reason: fmt.Sprintf(format, args...),
	})
}

// next returns the next byte, 0 at the end.
func (p *parser) next() byte {
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// here shows what is next in a message.
func (p *parser) here() string {
	if p.next() == 0 {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return strconv.QuoteRune(r)
}

// take takes a token if it is next, maybe after white space.
func (p *parser) take(token string) bool {
	before := p.at
	p.space()
	if strings.HasPrefix(p.text[p.at:], token) {
		p.at += len(token)
		p.end = p.at
		return true
	}
	p.at = before
	return false
}

// space skips white space and comments, and reports whether a line ended.
func (p *parser) space() (line bool) {
	for ; ; p.at++ {
		switch p.next() {
		case '#':
			p.rest()
			p.at--
		case '\n':
			line = true
		case ' ', '\t', '\r':
		default:
			return line
		}
	}
}

// separator skips what separates two keys, or two replacements.
func (p *parser) separator() {
	if line := p.space(); p.next() == ',' {
		p.at++
		p.space()
	} else if !line && p.next() != 0 && p.next() != '}' {
		p.fail(p.at, "unexpected %s: separate keys by commas or new lines", p.here())
	}
}

// rest takes the rest of the line.
func (p *parser) rest() string {
	start := p.at
	if n := strings.IndexByte(p.text[p.at:], '\n'); n >= 0 {
		p.at += n
	} else {
		p.at = len(p.text)
	}
	return strings.TrimSpace(p.text[start:p.at])
}

// word takes the characters up to one of some others, blanks, quotes or a comment.
func (p *parser) word(until string) string {
	start := p.at
	if n := strings.IndexAny(p.text[p.at:], until+" \t\r\n\"#"); n >= 0 {
		p.at += n
	} else {
		p.at = len(p.text)
	}
	p.end = p.at
	return p.text[start:p.at]
}

// quoted takes a JSON string.
func (p *parser) quoted() (text string) {
	start := p.at
	for p.at++; p.next() != '"'; p.at++ {
		if p.next() == '\\' {
			p.at++
		}
		if p.next() == 0 || p.next() == '\n' {
			p.fail(start, "the quotes are not closed")
		}
	}
	p.at++
	p.end = p.at
	if json.Unmarshal([]byte(p.text[start:p.at]), &text) != nil {
		p.fail(start, "%s is no JSON string: write \\\\ for a backslash", p.text[start:p.at])
	}
	return text
}
