package records

import "bytes"

// A cutter finds the end of an object. It notices brackets that do not match, objects and
// arrays where there can be none, and strings that do not end on their line, which is what
// damage usually leads to; the rest is left to those who read the object.
type cutter struct {
	open   []byte // brackets
	quoted bool   // in a string
	escape bool   // after a backslash in one
	before byte   // the last character outside strings that is no white space
}

// ended reports whether the end of the object was found.
func (c *cutter) ended() bool { return c.before == '}' && len(c.open) == 0 }

// cut looks at more text, which begins with the object the first time. It returns how many
// bytes are known to be part of the object, and what is wrong with the next one if
// something is.
func (c *cutter) cut(text []byte) (n int, wrong string) {
	for i := 0; i < len(text); i++ {
		if c.quoted {
			i += c.skipString(text[i:])
			if i == len(text) {
				break
			}
			if c.quoted {
				return i, "the string does not end on this line"
			}
			continue
		}
		switch b := text[i]; b {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			c.quoted = true
		case '{', '[':
			if !c.canOpen() || len(c.open) == maxDepth {
				return i, "unexpected " + string(b)
			}
			c.open = append(c.open, b)
		case '}', ']':
			if c.open[len(c.open)-1] != b-2 { // [ and {
				return i, "unexpected " + string(b)
			}
			c.open = c.open[:len(c.open)-1]
		}
		if c.before = text[i]; c.ended() {
			return i + 1, ""
		}
	}
	return len(text), ""
}

// maxDepth is how deep objects and arrays may be nested; Scanner takes fewer.
const maxDepth = 10_000

// canOpen reports whether an object or array can begin here.
func (c *cutter) canOpen() bool {
	switch c.before {
	case 0, ':', '[':
		return true
	case ',':
		return c.open[len(c.open)-1] == '['
	}
	return false
}

// skipString returns where the string ends: at its closing quote, or else at a line feed or
// the end of the text.
func (c *cutter) skipString(text []byte) int {
	for i, b := range text {
		switch {
		case b == '\n':
			return i
		case c.escape:
			c.escape = false
		case b == '\\':
			c.escape = true
		case b == '"':
			c.quoted = false
			return i
		}
	}
	return len(text)
}

// opening returns how many bytes of an object come before the records in it, if it begins
// with an array of them, see [Wrapped]. It is not known before there is enough text.
func opening(text []byte) (n int, known bool) {
	const most = 1 << 10
	i := 1
	blanks := func() {
		for i < len(text) && (isBlank(text[i]) || text[i] == '\n') {
			i++
		}
	}
	blanks()
	rest := text[i:]
	for _, name := range names {
		if len(rest) < len(name) && bytes.HasPrefix([]byte(name), rest) {
			return 0, len(text) > most
		}
		if !bytes.HasPrefix(rest, []byte(name)) {
			continue
		}
		i += len(name)
		for _, c := range []byte(":[") {
			blanks()
			if i == len(text) {
				return 0, len(text) > most
			}
			if text[i] != c {
				return 0, true
			}
			i++
		}
		return i, true
	}
	return 0, true
}

// names are those of the first member of an object that holds records.
var names = [...]string{`"Records"`, `"records"`}

// Wrapped reports whether text begins with an object whose first member is an array of
// records. known is false if that may change with more text.
func Wrapped(text []byte) (is, known bool) {
	text = bytes.TrimLeft(text, " \t\r\n"+byteOrderMark)
	if len(text) == 0 || text[0] != '{' {
		return false, len(text) > 0
	}
	n, known := opening(text)
	return n > 0, known
}
