package redact

import (
	"bytes"

	"auditctl/pkg/internal/marks"
)

// A parser goes through JSON in a text, valid or cut off, or what Python writes for it. What
// it is given is where something begins. It returns where that ends, and false if it is not
// whole: if the text ends, or goes on as JSON does not.
type parser struct {
	*walker
	text  []byte
	deep  int  // how many strings with escapes it is in
	names bool // keys may say that their values are secrets

	metadata bool // it is in the metadata of the line
	mark     bool // it is in the mark there, whose keys are patterns
}

// container goes through an object or array so deep in others.
func (p *parser) container(i, depth int, is role) (end int, ok bool) {
	if p.text[i] == '{' {
		return p.object(i, depth, is.secret == byPair)
	}
	if i = skipSpace(p.text, i+1); i < len(p.text) && p.text[i] == ']' {
		return i + 1, true
	}
	element := is
	for {
		if end, ok = p.value(i, depth, element); !ok {
			return end, false
		}
		if element = is; p.isFlag(i, end) {
			element.name, element.joins = p.text[i+1:end-1], arguments
		}
		i = skipSpace(p.text, end)
		switch {
		case i < len(p.text) && p.text[i] == ',':
			i = skipSpace(p.text, i+1)
		case i < len(p.text) && p.text[i] == ']':
			return i + 1, true
		default:
			return i, false
		}
	}
}

// object goes through an object, which is all secret or not.
func (p *parser) object(i, depth int, secret bool) (end int, ok bool) {
	pair := false                    // what is named value is secret
	kept, drops := i+1, len(p.edits) // where what is kept ends so far, and the edits of that
	i = skipSpace(p.text, i+1)
	if i < len(p.text) && p.text[i] == '}' {
		return i + 1, true
	}
	for {
		if i == len(p.text) || p.text[i] != '"' && p.text[i] != '\'' {
			return i, false
		}
		m, ok := p.member(i)
		if !ok {
			return i, false
		}
		metadata := p.deep == 0 && depth == 1 && string(p.key) == "metadata"
		mark := p.metadata && depth == 2 && string(p.key) == "redacted" && p.isMark(m.value)
		if mark {
			m.which = -1
		}
		p.metadata, p.mark = p.metadata || metadata, p.mark || mark
		mode := p.mode(m, depth)
		switch {
		case m.which < 0:
			is := role{name: p.text[m.start+1 : m.keyEnd], joins: members}
			switch {
			case !p.names:
			case secret || pair && string(p.key) == "value":
				is.secret = byPair
			case isSecretName(p.key):
				is.secret = byKey
			case string(p.key) == "name" || string(p.key) == "key":
				pair = p.namesSecret(m.value)
			}
			p.inString(p.text, m.start+1, m.keyEnd, p.text[m.start], p.deep, role{})
			end, ok = p.value(m.value, depth, is)
		case mode == Drop:
			p.dropped = append(p.dropped, m.which)
			end = p.skip(m.value)
			if next, ok := p.comma(end); ok {
				p.edits = append(p.edits, edit{m.start, next, nil, -1})
			} else {
				p.edits = append(p.edits[:drops], edit{kept, end, nil, -1})
			}
		default:
			end = p.replace(m.value, mode, m.which, p.text[m.start])
		}
		p.leave()
		p.metadata, p.mark = p.metadata && !metadata, p.mark && !mark
		if !ok {
			return end, false
		}
		if mode != Drop {
			kept, drops = end, len(p.edits)
		}
		i = skipSpace(p.text, end)
		switch {
		case i < len(p.text) && p.text[i] == ',':
			i = skipSpace(p.text, i+1)
		case i < len(p.text) && p.text[i] == '}':
			return i + 1, true
		default:
			return i, false
		}
	}
}

// A member is where a key with its quote begins, where the key ends, where its value begins,
// and which pattern the key completes, -1 if none.
type member struct{ start, keyEnd, value, which int }

// member reads the key that begins with the quote at i, and enters it if a colon follows.
func (p *parser) member(i int) (m member, ok bool) {
	m.start = i
	m.keyEnd = p.stringEnd(i)
	colon := skipSpace(p.text, min(m.keyEnd+1, len(p.text)))
	if colon == len(p.text) || p.text[colon] != ':' {
		return m, false
	}
	m.value = skipSpace(p.text, colon+1)
	if m.which = p.enter(p.text[i+1 : m.keyEnd]); p.mark {
		m.which = -1
	}
	return m, true
}

// mode returns what is left of the value of a member in an object so deep in others: the
// type of an event is never dropped.
func (p *parser) mode(m member, depth int) Mode {
	if m.which < 0 {
		return Mask
	}
	mode := p.patterns[m.which].mode
	if mode == Drop && p.deep == 0 && depth == 1 && string(p.key) == "event_type" {
		return Mask
	}
	return mode
}

// loneMember goes through a key, which may begin with the quote at i, and its value, if a
// pattern says that it is redacted. It returns where to go on.
func (p *parser) loneMember(i int) int {
	if p.text[i] == '\'' && !isName(p.text[i+1:p.stringEnd(i)]) {
		return i + 1
	}
	m, ok := p.member(i)
	if !ok {
		return i + 1
	}
	p.leave()
	if m.which < 0 {
		return m.value
	}
	mode := p.patterns[m.which].mode
	if mode != Drop {
		return p.replace(m.value, mode, m.which, p.text[i])
	}
	end := p.skip(m.value)
	if next, ok := p.comma(end); ok {
		end = next
	}
	p.dropped = append(p.dropped, m.which)
	p.edits = append(p.edits, edit{i, end, nil, -1})
	return end
}

// value goes through a value in an object or array so deep in others.
func (p *parser) value(i, depth int, is role) (end int, ok bool) {
	if i == len(p.text) {
		return i, false
	}
	switch c := p.text[i]; c {
	case '"', '\'':
		end = p.stringEnd(i)
		switch {
		case p.finished(), is.secret != unnamed && p.secret(i+1, end):
		default:
			p.inString(p.text, i+1, end, c, p.deep, is)
			if p.search && bytes.IndexByte(p.text[i+1:end], '\\') < 0 {
				p.tokens = append(p.tokens, token{start: i + 1, end: end})
			}
		}
		return min(end+1, len(p.text)), end < len(p.text)
	case '{', '[':
		if depth == maxDepth {
			return i, false
		}
		return p.container(i, depth+1, is)
	}
	end = i + scalarLength(p.text[i:])
	if end == i {
		return i, false
	}
	if p.search {
		p.tokens = append(p.tokens, token{start: i, end: end, scalar: true})
	}
	return end, true
}

// isFlag reports whether text[start:end] is a string that is a flag of a command.
func (p *parser) isFlag(start, end int) bool {
	return end-start >= 4 && p.text[start] == '"' && p.text[start+1] == '-'
}

// replace notes an edit of the value at i with what mode leaves of it, for what found it.
func (p *parser) replace(i int, mode Mode, what int, quote byte) (end int) {
	if i < len(p.text) && (p.text[i] == '"' || p.text[i] == '\'') {
		end = p.stringEnd(i)
		p.replaceString(i+1, end, mode, what)
		return min(end+1, len(p.text))
	}
	if end = p.skip(i); end > i {
		n := len(p.spare)
		p.spare = append(p.appendLeft(append(p.spare, quote), mode, p.text[i:end]), quote)
		p.edits = append(p.edits, edit{i, end, p.spare[n:], what})
	}
	return end
}

// replaceString notes an edit of the string text[start:end].
func (p *parser) replaceString(start, end int, mode Mode, what int) {
	p.key = appendDecoded(p.key[:0], p.text[start:end])
	if !isLeft(mode, p.key) {
		p.edits = append(p.edits, edit{start, end, p.left(mode, p.key), what})
	}
}

// skip returns where the value at i ends, whatever it has in it.
func (p *parser) skip(i int) int {
	depth := 0
	for i < len(p.text) {
		switch c := p.text[i]; c {
		case '"', '\'':
			i = min(p.stringEnd(i)+1, len(p.text))
		case '{', '[':
			depth++
			i++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
			i++
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			i++
			continue
		default:
			for i < len(p.text) && bytes.IndexByte([]byte(" \t\r\n,:{}[]\"'"), p.text[i]) < 0 {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// comma returns where what follows the comma after i begins, and whether there is one.
func (p *parser) comma(i int) (next int, ok bool) {
	if i = skipSpace(p.text, i); i == len(p.text) || p.text[i] != ',' {
		return i, false
	}
	return skipSpace(p.text, i+1), true
}

// stringEnd returns where the string with the quote at i ends: its other quote, or the end of
// the text.
func (p *parser) stringEnd(i int) int {
	if p.text[i] == '"' {
		return i + 1 + marks.Quote(p.text[i+1:])
	}
	for i++; i < len(p.text) && p.text[i] != '\''; i++ {
		if p.text[i] == '\\' {
			i++
		}
	}
	return min(i, len(p.text))
}

// scalarLength returns the length of the number or word that text begins with, also as Python
// writes it, 0 if it begins with none.
func scalarLength(text []byte) int {
	n := 0
	for n < len(text) && (text[n]-'0' <= 9 || text[n]|0x20-'a' <= 'z'-'a' || text[n] == '-' || text[n] == '+' || text[n] == '.') {
		n++
	}
	if n == 0 || text[0]-'0' <= 9 || text[0] == '-' {
		return n
	}
	switch string(text[:n]) {
	case "true", "false", "null", "True", "False", "None", "NaN", "Infinity":
		return n
	}
	return 0
}

// isName reports whether text may be the name of something in a program.
func isName(text []byte) bool {
	for _, c := range text {
		if c|0x20-'a' > 'z'-'a' && c-'0' > 9 && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return len(text) > 0
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n') {
		i++
	}
	return i
}
