package redact_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
)

// A plainRedactor masks as a Redactor does, over encoding/json and without regard to speed. It
// knows no free text with JSON in it.
type plainRedactor struct {
	patterns [][]string
	rules    *rule.Set
}

type plainEdit struct {
	start, end int
	text       string
}

// line returns what is left of a line.
func (p plainRedactor) line(line string) string { return splice(line, p.value(line, nil, "")) }

func splice(text string, edits []plainEdit) string {
	for _, e := range slices.Backward(edits) {
		text = text[:e.start] + e.text + text[e.end:]
	}
	return text
}

// value returns edits of JSON, which is the value of the last key of a path.
func (p plainRedactor) value(text string, keys []string, lastKey string) []plainEdit {
	switch start := len(text) - len(strings.TrimLeft(text, " \t\r\n")); text[start] {
	case '{', '[':
		var edits []plainEdit
		for _, part := range parts(text) {
			below, last := keys, lastKey
			if part.key != "" {
				key := said(part.key)
				edits = append(edits, shift(p.string(part.key, nil, ""), part.keyStart)...)
				below, last = append(slices.Clone(keys), strings.Split(strings.ToLower(key), ".")...), key
				if p.matches(below) {
					edits = append(edits, shift(masked(part.value), part.start)...)
					continue
				}
			}
			edits = append(edits, shift(p.value(part.value, below, last), part.start)...)
		}
		return edits
	case '"':
		return p.string(text, keys, lastKey)
	default:
		if len(text) >= 12 && len(p.rules.AppendMatches(nil, []byte(text))) > 0 {
			return []plainEdit{{0, len(text), `"[redacted]"`}}
		}
	}
	return nil
}

// masked returns the edit that masks a value. The quotes of a string stay.
func masked(value string) []plainEdit {
	switch {
	case value[0] != '"':
		return []plainEdit{{0, len(value), `"[redacted]"`}}
	case said(value) == "[redacted]":
		return nil
	}
	return []plainEdit{{1, len(value) - 1, "[redacted]"}}
}

// said returns what a string says.
func said(quoted string) string {
	var text string
	if err := json.Unmarshal([]byte(quoted), &text); err != nil {
		panic(err)
	}
	return text
}

func shift(edits []plainEdit, by int) []plainEdit {
	for i := range edits {
		edits[i].start += by
		edits[i].end += by
	}
	return edits
}

// string returns edits of a string.
func (p plainRedactor) string(quoted string, keys []string, key string) []plainEdit {
	text := said(quoted)
	var edits []plainEdit
	if trimmed := strings.TrimSpace(text); trimmed != "" && strings.Contains("{[", trimmed[:1]) && json.Valid([]byte(text)) {
		edits = p.value(text, keys, "")
	} else {
		context := `"` + key + `": "`
		matches := p.rules.AppendMatches(nil, []byte(text))
		for _, m := range p.rules.AppendMatches(nil, []byte(context+text+`"`)) {
			if m.Start >= len(context) && key != "" {
				if m.Start == len(context) && (len(matches) == 0 || matches[0].Start > 0) {
					matches, m.End = nil, len(context)+len(text)
				}
				matches = append(matches, rule.Match{Start: m.Start - len(context), End: min(m.End-len(context), len(text))})
			}
		}
		slices.SortFunc(matches, func(a, b rule.Match) int { return a.Start - b.Start })
		end := 0
		for _, m := range matches {
			if m.Start >= end && text[m.Start:m.End] != "[redacted]" {
				edits = append(edits, plainEdit{m.Start, m.End, "[redacted]"})
				end = m.End
			}
		}
	}
	for i, e := range edits {
		replacement := strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(e.text)
		edits[i] = plainEdit{rawIndex(quoted, text[:e.start]), rawIndex(quoted, text[:e.end]), replacement}
	}
	return edits
}

// rawIndex returns the index in a string after what spells the beginning of what it says.
func rawIndex(quoted, beginning string) int {
	for i := 1; i < len(quoted); i++ {
		var text string
		if json.Unmarshal([]byte(quoted[:i]+`"`), &text) == nil && text == beginning {
			return i
		}
	}
	panic(fmt.Sprintf("%s does not begin with %q", quoted, beginning))
}

type part struct {
	key, value      string
	keyStart, start int
}

// parts returns the members of an object or the elements of an array.
func parts(text string) []part {
	d := json.NewDecoder(strings.NewReader(text))
	open, err := d.Token()
	if err != nil {
		panic(err)
	}
	var all []part
	for d.More() {
		var p part
		next := func() (raw string, start int) {
			var r json.RawMessage
			if err := d.Decode(&r); err != nil {
				panic(err)
			}
			return string(r), int(d.InputOffset()) - len(r)
		}
		if open == json.Delim('{') {
			before := d.InputOffset()
			if _, err := d.Token(); err != nil {
				panic(err)
			}
			end := int(d.InputOffset())
			p.keyStart = int(before) + strings.IndexByte(text[before:], '"')
			p.key = text[p.keyStart:end]
		}
		p.value, p.start = next()
		all = append(all, p)
	}
	if _, err := d.Token(); err != nil && err != io.EOF {
		panic(err)
	}
	return all
}

func (p plainRedactor) matches(keys []string) bool {
	return slices.ContainsFunc(p.patterns, func(pattern []string) bool { return matchesPath(pattern, keys) })
}

func matchesPath(pattern, keys []string) bool {
	switch {
	case len(pattern) == 0:
		return len(keys) == 0
	case pattern[0] == "**":
		return matchesPath(pattern[1:], keys) || len(keys) > 0 && matchesPath(pattern, keys[1:])
	case len(keys) == 0:
		return false
	}
	ok, err := path.Match(pattern[0], strings.ReplaceAll(keys[0], "/", "_"))
	return err == nil && ok && matchesPath(pattern[1:], keys[1:])
}

// A lineMaker makes lines.
type lineMaker struct{ *rand.Rand }

func (m lineMaker) pick(from ...string) string { return from[m.IntN(len(from))] }

func (m lineMaker) space() string { return m.pick("", "", "", " ", " ", "\t", " \r") }

// quoted spells text as JSON, with escapes here and there.
func (m lineMaker) quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	often := m.IntN(3) * 10
	for _, r := range text {
		short := map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\t': `\t`, '\r': `\r`, '/': `\/`}
		escape, has := short[r]
		switch must := has && r != '/'; {
		case m.IntN(100) < often && (!must || m.IntN(2) == 0) || r < ' ' && !has:
			if r > 0xffff {
				r -= 0x10000
				fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		case must || has && m.IntN(3) == 0:
			b.WriteString(escape)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// text is free text without JSON, with a secret or not.
func (m lineMaker) text() string {
	var b strings.Builder
	for range m.IntN(4) {
		b.WriteString(m.pick("word", "größe 完了", "😀", "a/b", "\n", "\t", "=", "it is", "tok_", " ", "PASSWORD=hunter2\n",
			" tok_12345678 ", "[redacted]", "\nBEGIN\nab\ncd\nEND\n", " 4111111111111111.", "\x7f", "\u2028"))
	}
	return strings.NewReplacer("[", " ").Replace(b.String())
}

func (m lineMaker) key() string {
	return m.pick("password", "PassWord", "a", "b", "metadata", "pin", "db.password", "größe", "x", "tok_12345678", "", "event_type", m.text())
}

func (m lineMaker) value(depth, deep int) string {
	kind := m.IntN(12)
	switch {
	case kind < 4 && depth < 4:
		return m.container(depth+1, deep)
	case kind == 4:
		return m.pick("true", "false", "null")
	case kind == 5:
		return m.pick("0", "-1.50e+3", "4111111111111111", "123456789012345", "1e400")
	case kind < 8 && deep < 3:
		return m.quoted(m.space() + m.container(depth, deep+1) + m.space())
	}
	return m.quoted(m.text())
}

func (m lineMaker) container(depth, deep int) string {
	if m.IntN(3) == 0 {
		return "[" + m.list(func() string { return m.value(depth, deep) }) + "]"
	}
	return m.object(depth, deep)
}

func (m lineMaker) object(depth, deep int) string {
	return "{" + m.list(func() string {
		return m.quoted(m.key()) + m.space() + ":" + m.space() + m.value(depth, deep)
	}) + "}"
}

func (m lineMaker) list(item func() string) string {
	var b strings.Builder
	for i := range m.IntN(4) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(m.space() + item() + m.space())
	}
	return b.String() + m.space()
}

func FuzzAppend(f *testing.F) {
	for seed := range uint64(1000) {
		f.Add(seed)
	}
	rules := testRules()
	r := newRedactor(f, redact.Options{Keys: keys("password,metadata.*.b,**.gr*e,a.x", redact.Mask), Rules: rules})
	plain := plainRedactor{[][]string{{"**", "password"}, {"metadata", "*", "b"}, {"**", "gr*e"}, {"a", "x"}}, newSet(f, rules)}
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := lineMaker{rand.New(rand.NewPCG(seed, 1))}
		line := m.space() + m.object(1, 0) + m.space()
		if len(line) > 1500 {
			t.Skip()
		}
		want := plain.line(line)
		got := redacted(t, r, line)
		if got != want {
			t.Fatalf("%d: %s\nis   %s\nwant %s", seed, line, got, want)
		}
		if again, changed := r.Append(nil, []byte(got)); changed {
			t.Errorf("%d: %s\nis redacted to %s\nand that to    %s", seed, line, got, again)
		}
	})
}
