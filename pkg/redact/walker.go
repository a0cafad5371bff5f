package redact

import (
	"bytes"
	"unicode/utf8"

	"auditctl/pkg/redact/rule"
)

// A walker goes through a line and notes what is to be replaced.
//
// What it goes through is a text: the line, or what a string in it says, and what strings in
// that say, and so on. A text is JSON, or free text that may have JSON in it, whole or cut
// off, or the same as Python writes it. Edits are of the text that the walker is in.
type walker struct {
	*plan
	replacer
	search bool // by rules, too
	cut    bool // the text may have been cut off at its end

	edits   []edit
	dropped []int           // what found them, of members without edits of their own
	spare   []byte          // what edits put in
	layers  [maxDeep][]byte // of what strings in strings say
	states  []uint64        // of the patterns, for each key on the way down
	key     []byte          // the last one
	lower   []byte          // in lower case
	context []byte
	regions []token // JSON in free texts
	tokens  []token // its strings and numbers
	matches []rule.Match
}

const (
	maxDeep  = 8     // how many strings with escapes may be in each other
	maxDepth = 10000 // how many objects and arrays may be in each other
)

// A token is text[start:end]: JSON, or in JSON a string without escapes, without its quotes,
// or a number or word.
type token struct {
	start, end int
	scalar     bool
}

// A role is what JSON says of a value.
type role struct {
	name   []byte // its key, or the argument before it, as it is spelled between quotes
	joins  []join // how the two are written
	secret naming
}

// A join is how a name and a value are written: between quotes or not.
type join struct{ before, between string }

var (
	members   = []join{{`"`, `": "`}, {"", ": "}}
	arguments = []join{{`"`, `", "`}, {"", " "}}
)

// A naming is how a value is named a secret.
type naming uint8

const (
	unnamed naming = iota
	byKey          // as {"password": "…"}, or in a list
	byPair         // as {"name": "password", "value": "…"}, or anything in there
)

// walk notes edits of a line, which is a JSON object, or of another text.
func (w *walker) walk(text []byte) {
	w.edits, w.dropped, w.spare = w.edits[:0], w.dropped[:0], w.spare[:0]
	w.tokens, w.regions = w.tokens[:0], w.regions[:0]
	w.states = append(w.states[:0], w.first...)
	w.text(text, 0, role{})
}

// text notes edits of a text, which is in so many strings with escapes.
func (w *walker) text(text []byte, deep int, is role) {
	edits, tokens, regions := len(w.edits), len(w.tokens), len(w.regions)
	i := len(text) - len(bytes.TrimLeft(text, "\ufeff \t\r\n"))
	whole := false
	if i < len(text) && (text[i] == '{' || text[i] == '[') {
		p := parser{walker: w, text: text, deep: deep, names: w.options.SecretNames}
		end, _ := p.container(i, 1, role{})
		whole = skipSpace(text, end) == len(text)
		w.regions = append(w.regions, token{start: i, end: end})
		i = end
	} else {
		i = 0
	}
	if whole {
		is = role{}
	} else {
		w.prose(text, i, deep)
	}
	if w.search { // also for what only several members tell
		w.find(text, is, w.regions[regions:], w.tokens[tokens:])
	}
	w.tokens, w.regions = w.tokens[:tokens], w.regions[:regions]
	w.edits = w.edits[:edits+len(normalize(w.edits[edits:]))]
}

// prose notes edits of JSON that is somewhere in text[i:], and of keys with their values that
// are in no object, as where the beginning was cut off.
func (w *walker) prose(text []byte, i, deep int) {
	p := parser{walker: w, text: text, deep: deep}
	gap := i // where what is no JSON begins
	for i < len(text) {
		switch text[i] {
		case '{', '[':
			end, _ := p.container(i, 1, role{})
			if end > i+1 {
				w.gap(text, gap, i, deep)
				w.regions = append(w.regions, token{start: i, end: end})
				gap = end
			}
			i = max(end, i+1)
		case '"', '\'':
			i = p.loneMember(i)
		case '\\':
			i += 2
		default:
			i++
		}
	}
	w.gap(text, min(gap, len(text)), len(text), deep)
}

// gap notes edits of what text[start:end], which is not JSON, would say in a string.
func (w *walker) gap(text []byte, start, end, deep int) {
	if hasEscape(text[start:end]) {
		w.inString(text, start, end, '"', deep, role{})
	}
}

// inString notes edits of a string, text[start:end] between such quotes.
func (w *walker) inString(text []byte, start, end int, quote byte, deep int, is role) {
	quoted := text[start:end]
	first, cut := len(w.edits), w.cut
	switch {
	case hasEscape(quoted):
		if deep == maxDeep {
			w.edits = append(w.edits, edit{start, end, w.left(Mask, nil), w.deepText()})
			return
		}
		w.layers[deep] = appendDecoded(w.layers[deep][:0], quoted)
		w.cut = isPreview(w.layers[deep]) || cut && end == len(text)
		w.text(w.layers[deep], deep+1, is)
		translate(w.edits[first:], quoted)
	case w.search, bytes.IndexByte(quoted, '\'') >= 0: // without a quote it has no key
		w.cut = isPreview(quoted) || cut && end == len(text)
		w.text(quoted, deep, is)
	}
	w.cut = cut
	for i := range w.edits[first:] {
		e := &w.edits[first+i]
		e.start, e.end, e.text = e.start+start, e.end+start, w.quoted(e.text, quote)
	}
}

// Writers of events, the reference writer among them, keep so many characters of a longer
// text, and decoders of other logs of a type.
const previewLength, typeLength = 200, 120

// isPreview reports whether a text may have been cut off.
func isPreview(text []byte) bool {
	if len(text) < typeLength || len(text) > previewLength*utf8.UTFMax {
		return false
	}
	n := utf8.RuneCount(text)
	return n == previewLength || n == typeLength
}

// left returns what mode leaves of value.
func (w *walker) left(mode Mode, value []byte) []byte {
	n := len(w.spare)
	w.spare = w.appendLeft(w.spare, mode, value)
	return w.spare[n:]
}

// quoted returns what spells text in a string with such quotes.
func (w *walker) quoted(text []byte, quote byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 && bytes.IndexByte(text, quote) < 0 {
		return text
	}
	n := len(w.spare)
	for _, c := range text {
		if c == '\\' || c == quote {
			w.spare = append(w.spare, '\\')
		}
		w.spare = append(w.spare, c)
	}
	return w.spare[n:]
}

// enter goes on from the states on top to those after a key, which leave takes away again,
// and returns the pattern that the key completes, -1 if none.
func (w *walker) enter(quoted []byte) (which int) {
	w.key = appendDecoded(w.key[:0], quoted)
	n := len(w.patterns)
	if n == 0 {
		return -1
	}
	w.lower = appendLower(w.lower[:0], w.key)
	w.states = append(w.states, w.states[len(w.states)-n:]...)
	states := w.states[len(w.states)-n:]
	for rest, more := w.lower, true; more; {
		var key []byte
		key, rest, more = bytes.Cut(rest, []byte("."))
		for i := range states {
			states[i] = w.patterns[i].next(states[i], key)
		}
	}
	for i, state := range states {
		if w.patterns[i].all(state) {
			return i
		}
	}
	return -1
}

// finished reports whether no key below the last one can be redacted.
func (w *walker) finished() bool {
	if w.search || w.options.SecretNames {
		return false
	}
	for _, state := range w.states[len(w.states)-len(w.patterns):] {
		if state != 0 {
			return false
		}
	}
	return true
}

func (w *walker) leave() { w.states = w.states[:len(w.states)-len(w.patterns)] }
