package table

import (
	"math"
	"strconv"
	"strings"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// expression takes the alternatives of a value.
func (p *parser) expression(isSeverity bool) (x expression) {
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

func (p *parser) term() term {
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
			p.fail(start, "want a path, as .rule, or a text in quotes, not %s", p.here())
		}
		p.fail(start, "%s is no path: write .%s", word, word)
		panic("unreachable")
	}
}

// path takes steps.
func (p *parser) path() (way path) {
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
func (p *parser) replacement(isSeverity bool) (r replacement) {
	r.pattern = p.pattern(",:{}")
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
func (p *parser) pattern(until string) pattern {
	start := p.at
	var source string
	if p.next() == '"' {
		source = globEscapes.Replace(p.quoted())
	} else if source = p.word(until); source == "" {
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
