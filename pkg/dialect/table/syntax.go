package table

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// parse sets in t what a text says, see [ParseKeys].
func (t *table) parse(name, text string) (err error) {
	p := parser{name: name, text: text, table: t}
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
		if r == 0 {
			p.fail(i, "a NUL: this is no text")
		}
	}
	p.at = len(text) - len(strings.TrimPrefix(text, "\uFEFF"))
	for p.space(); p.next() != 0; p.separator() {
		p.entry()
	}
	return nil
}

const notInNames = ".,:;=+/|{}[]()*<>!?&'`\\"

// entry takes a key and its value, or a line that tells about the log.
func (p *parser) entry() {
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
func (p *parser) about(start int, name string) {
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
func (p *parser) condition() condition {
	c := condition{of: p.expression(false)}
	if p.take("=") {
		for more := true; more; more = p.take("|") {
			p.space()
			c.patterns = append(c.patterns, p.pattern(",|"))
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
func (p *parser) key(start int, name string, isQuoted bool) {
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
