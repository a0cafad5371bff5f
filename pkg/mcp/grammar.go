package mcp

import "unicode/utf8"

// A grammar reads JSON text piece by piece, and notices where it breaks the rules that
// events.Scanner checks. It tells an outline what it finds.
type grammar struct {
	open   []byte // objects and arrays, { and [
	reason string // why the text is wrong; empty: so far it is not
	state  state
	isKey  bool   // the string is a key
	rest   string // of a literal
	carry  []byte // the beginning of an escape or of a character
	at     int64  // how much was read
}

type state uint8

const (
	beforeValue   state = iota
	beforeElement       // after [: a value or ]
	beforeMember        // after {: a key or }
	beforeKey
	beforeColon
	afterValue
	inString
	inEscape
	inCharacter // of several bytes
	inLiteral
	inMinus // numbers, by what was read
	inZero
	inInteger
	inPoint
	inFraction
	inE
	inSign
	inExponent
)

// maxDepth is how deep objects and arrays may be nested, as for events.Scanner.
const maxDepth = 10_000

// read reads more text.
func (g *grammar) read(p []byte, o *outline) {
	before := g.at
	for i := 0; i < len(p) && g.reason == ""; {
		g.at = before + int64(i)
		switch g.state {
		case inString:
			i += g.readString(p[i:], o)
		case inEscape:
			g.readEscape(p[i], o)
			i++
		case inCharacter:
			i += g.readCharacter(p[i:], o)
		case inLiteral:
			if p[i] != g.rest[0] {
				g.reason = "not a value"
				return
			}
			o.takesWhole(p[i])
			i++
			if g.rest = g.rest[1:]; g.rest == "" {
				g.ended(o)
			}
		case inMinus, inZero, inInteger, inPoint, inFraction, inE, inSign, inExponent:
			if g.readNumber(p[i], o) {
				i++
			}
		default:
			if c := p[i]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
				g.readMark(c, o)
			}
			i++
		}
	}
	g.at = before + int64(len(p))
}

// end ends the text, which may have been blank.
func (g *grammar) end() {
	if len(g.open) > 0 && g.reason == "" {
		g.reason = "the line ends within a message"
	}
}

// readMark reads a character outside strings, numbers and literals.
func (g *grammar) readMark(c byte, o *outline) {
	switch g.state {
	case beforeValue, beforeElement:
		if c == ']' && g.state == beforeElement {
			g.close(c, o)
			return
		}
		g.readValue(c, o)
	case beforeMember, beforeKey:
		switch {
		case c == '"':
			g.state, g.isKey = inString, true
			o.keyed(nil)
			o.takesWhole(c)
		case c == '}' && g.state == beforeMember:
			g.close(c, o)
		default:
			g.reason = "no key where one should be"
		}
	case beforeColon:
		if c != ':' {
			g.reason = "no ':' after a key"
			return
		}
		g.state = beforeValue
		o.takesWhole(c)
	case afterValue:
		switch {
		case len(g.open) == 0:
			g.reason = "text after the end of the message"
		case c == ',':
			g.state = beforeValue
			if g.open[len(g.open)-1] == '{' {
				g.state = beforeKey
			}
			o.takesWhole(c)
		default:
			g.close(c, o)
		}
	}
}

// readValue reads the first character of a value.
func (g *grammar) readValue(c byte, o *outline) {
	if len(g.open) == 0 && c != '{' && c != '[' {
		g.reason = "not a JSON object"
		return
	}
	if (c == '{' || c == '[') && len(g.open) == maxDepth {
		g.reason = "nested deeper than 10000 levels"
		return
	}
	o.opens(c)
	switch {
	case c == '{':
		g.open, g.state = append(g.open, c), beforeMember
	case c == '[':
		g.open, g.state = append(g.open, c), beforeElement
	case c == '"':
		g.state, g.isKey = inString, false
	case c == '-':
		g.state = inMinus
	case c == '0':
		g.state = inZero
	case '1' <= c && c <= '9':
		g.state = inInteger
	case c == 't':
		g.state, g.rest = inLiteral, "rue"
	case c == 'f':
		g.state, g.rest = inLiteral, "alse"
	case c == 'n':
		g.state, g.rest = inLiteral, "ull"
	default:
		g.reason = "not a value"
		return
	}
	o.takesWhole(c)
}

// close reads the end of an object or array.
func (g *grammar) close(c byte, o *outline) {
	if c != g.open[len(g.open)-1]+2 { // ] and }
		g.reason = "neither ',' nor the end of an object or array after a value"
		return
	}
	o.takesWhole(c)
	g.open = g.open[:len(g.open)-1]
	g.ended(o)
}

// ended notes that a value has ended.
func (g *grammar) ended(o *outline) {
	g.state = afterValue
	o.closes()
}

// readString reads what needs no closer look in a string, and the first byte that does.
func (g *grammar) readString(p []byte, o *outline) (n int) {
	for n < len(p) && p[n] >= ' ' && p[n] < utf8.RuneSelf && p[n] != '"' && p[n] != '\\' {
		n++
	}
	if n > 0 {
		if g.isKey {
			o.keyed(p[:n])
		}
		o.takes(p[:n])
		g.pause(o)
	}
	if n == len(p) {
		return n
	}
	switch c := p[n]; {
	case c == '"':
		o.takesWhole(c)
		if g.isKey {
			g.state = beforeColon
		} else {
			g.ended(o)
		}
	case c == '\\':
		g.state, g.carry = inEscape, append(g.carry[:0], c)
	case c < ' ':
		g.reason = "a control character in a string"
	default:
		g.state, g.carry = inCharacter, g.carry[:0]
		return n
	}
	return n + 1
}

// pause notes a place where a string can be cut.
func (g *grammar) pause(o *outline) {
	if g.isKey {
		o.pauses(`":null`)
	} else {
		o.pauses(`"`)
	}
}

// carried ends an escape or a character.
func (g *grammar) carried(o *outline) {
	if g.isKey {
		o.keyed(g.carry)
	}
	o.takesWhole(g.carry...)
	g.pause(o)
	g.state = inString
}

func (g *grammar) readEscape(c byte, o *outline) {
	g.carry = append(g.carry, c)
	switch n := len(g.carry); {
	case n == 2:
		switch c {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			g.carried(o)
		case 'u':
		default:
			g.reason = "an invalid escape in a string"
		}
	case c-'0' > 9 && c|0x20-'a' > 5:
		g.reason = "an invalid escape in a string"
	case n == 6:
		g.carried(o)
	}
}

// readCharacter reads more of a character of several bytes.
func (g *grammar) readCharacter(p []byte, o *outline) (n int) {
	for n < len(p) && !utf8.FullRune(g.carry) {
		g.carry = append(g.carry, p[n])
		n++
	}
	if !utf8.FullRune(g.carry) {
		return n
	}
	if r, size := utf8.DecodeRune(g.carry); r == utf8.RuneError && size == 1 {
		g.reason = "invalid UTF-8"
		return n
	}
	g.carried(o)
	return n
}

// readNumber reads the next character of a number, and reports false if the number ended
// before it.
func (g *grammar) readNumber(c byte, o *outline) bool {
	next := g.state
	isDigit := c-'0' <= 9
	switch g.state {
	case inMinus:
		if next = inInteger; c == '0' {
			next = inZero
		}
	case inPoint:
		next = inFraction
	case inE:
		if next = inExponent; c == '+' || c == '-' {
			next, isDigit = inSign, true
		}
	case inSign:
		next = inExponent
	default: // it may end
		switch {
		case isDigit && g.state == inZero:
			g.reason = "a number with a leading zero"
			return true
		case isDigit:
		case c == '.' && (g.state == inZero || g.state == inInteger):
			next, isDigit = inPoint, true
		case c|0x20 == 'e' && g.state != inExponent:
			next, isDigit = inE, true
		default:
			g.ended(o)
			return false
		}
	}
	if !isDigit {
		g.reason = "an invalid number"
		return true
	}
	g.state = next
	o.takesWhole(c)
	switch next {
	case inZero, inInteger, inFraction, inExponent:
		o.pauses("")
	}
	return true
}
