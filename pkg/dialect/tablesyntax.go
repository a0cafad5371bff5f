package dialect

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// parse sets in t what a text says, see [ParseKeys].
func (t *table) parse(name, text string) (err error) {
	p := tableParser{name: name, text: text, table: t}
	defer func() {
		if wrong := recover(); wrong != nil {
			e, ok := wrong.(*KeysError)
			if !ok {
				panic(wrong)
			}
			err = e
		}
	}()
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			p.fail(i, "no UTF-8")
		}
	}
	p.at = len(text) - len(strings.TrimPrefix(text, "\uFEFF"))
	for p.space(); p.next() != 0; p.separator() {
		p.entry()
	}
	return nil
}

// A tableParser parses the text of a table. Its methods panic with a *KeysError.
type tableParser struct {
	name, text string
	at         int
	end        int // of the last thing that was no white space
	table      *table
	set        []string // the keys so far
}

func (p *tableParser) fail(at int, format string, args ...any) {
	line := p.text[strings.LastIndexByte(p.text[:at], '\n')+1 : at]
	panic(&KeysError{
		Name:   p.name,
		Line:   1 + strings.Count(p.text[:at], "\n"),
		Column: 1 + len(strings.TrimPrefix(line, "\uFEFF")),
		Reason: fmt.Sprintf(format, args...),
	})
}

// next returns the next byte, 0 at the end.
func (p *tableParser) next() byte {
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// here shows what is next in a message.
func (p *tableParser) here() string {
	if p.next() == 0 {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return strconv.QuoteRune(r)
}

// take takes a token if it is next, maybe after white space.
func (p *tableParser) take(token string) bool {
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
func (p *tableParser) space() (line bool) {
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
func (p *tableParser) separator() {
	if line := p.space(); p.next() == ',' {
		p.at++
		p.space()
	} else if !line && p.next() != 0 && p.next() != '}' {
		p.fail(p.at, "unexpected %s: separate keys by commas or new lines", p.here())
	}
}

// rest takes the rest of the line.
func (p *tableParser) rest() string {
	start := p.at
	if n := strings.IndexByte(p.text[p.at:], '\n'); n >= 0 {
		p.at += n
	} else {
		p.at = len(p.text)
	}
	return strings.TrimSpace(p.text[start:p.at])
}

// word takes the characters up to one of some others, blanks, quotes or a comment.
func (p *tableParser) word(until string) string {
	start := p.at
	for p.at < len(p.text) && strings.IndexByte(until+" \t\r\n\"#", p.text[p.at]) < 0 {
		p.at++
	}
	p.end = p.at
	return p.text[start:p.at]
}

// quoted takes a JSON string.
func (p *tableParser) quoted() (text string) {
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

const notInNames = ".,:;=+/|{}[]()*<>!?&'`\\"

// entry takes a key and its value, or a line that tells about the log.
func (p *tableParser) entry() {
	start, isQuoted := p.at, p.next() == '"'
	var name string
	if isQuoted {
		name = p.quoted()
	} else if name = p.word(strings.TrimPrefix(notInNames, ".")); name == "" {
		p.fail(start, "unexpected %s: want a key and a path, as type=.rule", p.here())
	}
	switch {
	case p.take("="):
		p.key(start, name, isQuoted)
	case !isQuoted && p.take(":"):
		p.about(start, name)
	default:
		p.space()
		p.fail(p.at, "want = after %s, not %s", name, p.here())
	}
}

// about takes a line that tells about the log.
func (p *tableParser) about(start int, name string) {
	switch name {
	case "title":
		p.table.title = p.rest()
	case "where":
		p.table.where = p.rest()
	case "known":
		p.space()
		first := p.at
		for more := true; more; more = p.take(",") {
			p.table.known = append(p.table.known, p.condition())
		}
		p.table.knownText = p.text[first:p.end]
	case "within":
		for more := true; more; more = p.take("//") {
			p.space()
			way := p.path()
			if slices.ContainsFunc(way, func(s step) bool { return s.any || s.isIndex }) {
				p.fail(p.end-1, "only names of keys may be in this path")
			}
			p.table.within = append(p.table.within, way)
		}
	default:
		p.fail(start, "unknown %s: want title, where, known or within, or = for a key", name)
	}
}

// condition takes an expression and the patterns of its text.
func (p *tableParser) condition() condition {
	c := condition{of: p.expression(false)}
	if p.take("=") {
		for more := true; more; more = p.take("|") {
			p.space()
			c.patterns = append(c.patterns, p.pattern())
		}
	}
	return c
}

// inMetadata are the keys that decoders have in metadata.
var inMetadata = []string{
	"call_id", "parent_call_id", "cwd", "model", "decision", "decided_by",
	"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
}

// key takes what is right of =.
func (p *tableParser) key(start int, name string, isQuoted bool) {
	k := target{name: name}
	member, isMember := strings.CutPrefix(name, "metadata.")
	switch {
	case name == "type":
		k.name = "event_type"
	case isQuoted:
	case slices.Contains(inMetadata, name):
		k.metadata = true
	case isMember:
		k.name, k.metadata = member, true
	}
	switch {
	case k.key() == "metadata" || isMember && member == "":
		p.fail(start, "want a member of the metadata, as metadata.region")
	case !isQuoted && strings.Contains(k.name, "."):
		p.fail(start, "a dot in a key: write it in quotes, or metadata.NAME")
	case k.metadata && (k.name == "source" || k.name == "original" || k.name == "wrapper"):
		p.fail(start, "metadata.%s is taken: choose another name", k.name)
	case slices.Contains(p.set, k.key()):
		p.fail(start, "%s is set twice", name)
	}
	p.set = append(p.set, k.key())
	k.text = k.name == "tool_name" || slices.Contains(inMetadata[:2], k.name)
	p.space()
	first := p.at
	k.from = p.expression(k.name == "severity" && !k.metadata)
	p.table.set(k, strings.Join(strings.Fields(p.text[first:p.end]), " "))
}

// expression takes the alternatives of a value.
func (p *tableParser) expression(isSeverity bool) (x expression) {
	for more := true; more; more = p.take("//") {
		var a alternative
		for more := true; more; more = p.take("+") {
			p.space()
			a.terms = append(a.terms, p.term())
		}
		if p.take("{") {
			for p.space(); !p.take("}"); p.separator() {
				a.texts = append(a.texts, p.replacement(isSeverity))
			}
		}
		x = append(x, a)
	}
	return x
}

func (p *tableParser) term() term {
	switch start := p.at; p.next() {
	case '.':
		return term{path: p.path()}
	case '"':
		return term{text: p.quoted()}
	default:
		word := p.word(notInNames)
		switch word {
		case "records":
			return term{records: true}
		case "":
			p.fail(start, "unexpected %s: want a path, as .rule, or a text in quotes", p.here())
		}
		p.fail(start, "%s is no path: write .%s", word, word)
		panic("unreachable")
	}
}

// path takes steps.
func (p *tableParser) path() (way path) {
	start := p.at
	for {
		switch p.next() {
		case '.':
			p.at++
			switch p.next() {
			case '[':
				continue
			case '"':
				way = append(way, step{key: p.quoted()})
			case '*':
				p.at++
				p.end = p.at
				way = append(way, step{any: true})
			default:
				name := p.word(notInNames)
				if name == "" {
					p.fail(p.at, "want the name of a key after the dot, not %s", p.here())
				}
				way = append(way, step{key: name})
			}
		case '[':
			p.at++
			if p.next() == '"' {
				way = append(way, step{key: p.quoted()})
			} else if n, err := strconv.ParseUint(p.word("]"), 10, 31); err == nil && way != nil {
				way = append(way, step{index: int(n), isIndex: true})
			} else {
				p.fail(start, "want the number of an element in [], as .ids[0]")
			}
			if p.next() != ']' {
				p.fail(p.at, "want ], not %s", p.here())
			}
			p.at++
			p.end = p.at
		default:
			if way == nil {
				p.fail(p.at, "want a path, as .rule, not %s", p.here())
			}
			return way
		}
	}
}

// replacement takes a pattern and the text for what it matches.
func (p *tableParser) replacement(isSeverity bool) (r replacement) {
	r.pattern = p.pattern()
	if !p.take(":") {
		p.space()
		p.fail(p.at, "want : after the value, not %s", p.here())
	}
	p.space()
	start := p.at
	var text string
	if p.next() == '"' {
		if text = p.quoted(); text == "" {
			return r
		}
	} else if text = p.word(notInNames); text == "" {
		p.fail(start, "want a text after :, not %s", p.here())
	}
	if _, ok := events.ParseSeverity(text); isSeverity && !ok {
		p.fail(start, "%s is no severity: want debug, info, warning, error or critical", text)
	}
	r.value = events.AppendString(nil, text)
	return r
}

// pattern takes a glob, a range of numbers or a text in quotes.
func (p *tableParser) pattern() pattern {
	start := p.at
	var source string
	if p.next() == '"' {
		source = globEscapes.Replace(p.quoted())
	} else if source = p.word(",:{}|="); source == "" {
		p.fail(start, "want a value, as 5, 400..499 or warn*, not %s", p.here())
	} else if from, to, ok := strings.Cut(source, ".."); ok {
		r := pattern{isRange: true, from: math.Inf(-1), to: math.Inf(1)}
		var err, err2 error
		if from != "" {
			r.from, err = strconv.ParseFloat(from, 64)
		}
		if to != "" {
			r.to, err2 = strconv.ParseFloat(to, 64)
		}
		if err != nil || err2 != nil || !(r.from <= r.to) || from+to == "" {
			p.fail(start, "%s is no range: want two numbers, as 400..499, or one, as 500..", source)
		}
		return r
	}
	glob, err := selection.ParseGlob(source)
	if err != nil {
		p.fail(start, "%v", err)
	}
	return pattern{glob: glob}
}

var globEscapes = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)
