package reconcile

import (
	"bytes"
	"unicode/utf8"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// maxArguments is how many bytes of arguments are compared.
const maxArguments = 256

// appendArguments appends what is compared of the arguments that a preview has, which may be
// JSON or not, and reports whether there was more.
func appendArguments(dst, preview []byte) (out []byte, cut bool) {
	start := len(dst)
	a := arguments{text: bytes.TrimSpace(preview)}
	switch {
	case len(a.text) == 0:
		return dst, false
	case a.text[0] == '{' && a.findCommand(), a.text[0] == '[':
		dst = a.appendCommand(dst)
	case a.text[0] == '{':
		dst = a.appendCompact(dst)
	default:
		dst = append(dst, a.text...)
	}
	cut = a.cut || utf8.RuneCount(preview) >= dialect.PreviewLength
	if len(dst)-start > maxArguments {
		dst, cut = dst[:start+maxArguments], true
	}
	if text := dst[start:]; !cut && (string(text) == "{}" || string(text) == "null") {
		dst = dst[:start]
	}
	return dst, cut
}

// arguments are JSON that may end anywhere.
type arguments struct {
	text []byte
	at   int
	cut  bool // the text ends before the JSON does
}

// findCommand moves to the value of the first key that is a command, and reports whether
// there is one.
func (a *arguments) findCommand() bool {
	for a.at = 1; ; {
		a.skip(" \t\r\n,")
		if a.at == len(a.text) || a.text[a.at] != '"' {
			break
		}
		key := a.text[a.at:]
		a.skipString()
		key = key[:len(key)-len(a.text)+a.at]
		a.skip(" \t\r\n:")
		switch string(key) {
		case `"command"`, `"cmd"`, `"full_command"`:
			if a.at < len(a.text) {
				return true
			}
		}
		a.skipValue()
	}
	a.at, a.cut = 0, false
	return false
}

func (a *arguments) skip(marks string) {
	for a.at < len(a.text) && bytes.IndexByte([]byte(marks), a.text[a.at]) >= 0 {
		a.at++
	}
}

func (a *arguments) skipValue() {
	for depth := 0; a.at < len(a.text); {
		switch a.text[a.at] {
		case '"':
			a.skipString()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth < 0 || depth == 0 && a.text[a.at] == ',' {
			return
		}
		a.at++
	}
	a.cut = true
}

// skipString moves after a string, and returns where what can be read of it ends.
func (a *arguments) skipString() (end int) {
	for a.at++; a.at < len(a.text); {
		switch a.text[a.at] {
		case '"':
			a.at++
			return a.at - 1
		case '\\':
			size := 2
			if a.at+1 < len(a.text) && a.text[a.at+1] == 'u' {
				size = 6
			}
			if a.at+size > len(a.text) {
				end, a.at, a.cut = a.at, len(a.text), true
				return end
			}
			a.at += size
		default:
			a.at++
		}
	}
	a.cut = true
	return a.at
}

// appendString appends the text of a string.
func (a *arguments) appendString(dst []byte) []byte {
	start := a.at + 1
	end := a.skipString()
	text := a.text[start:end]
	if bytes.IndexByte(text, '\\') < 0 {
		return append(dst, text...)
	}
	quoted := append(append([]byte{'"'}, text...), '"')
	return events.Value(quoted).AppendText(dst)
}

// appendCommand appends a command: a text, or the words of an array, of which a shell and its
// option to run the last one do not count.
func (a *arguments) appendCommand(dst []byte) []byte {
	switch a.text[a.at] {
	case '"':
		return a.appendString(dst)
	case '[':
	default:
		return a.appendCompact(dst)
	}
	from, start, words := a.at, len(dst), 0
	for a.at++; ; words++ {
		a.skip(" \t\r\n,")
		switch {
		case a.at == len(a.text):
			a.cut = true
			return dst
		case a.text[a.at] == ']':
			return dst
		case a.text[a.at] != '"': // it is no command
			a.at = from
			return a.appendCompact(dst[:start])
		}
		if words > 0 {
			dst = append(dst, ' ')
		}
		word := len(dst)
		if dst = a.appendString(dst); words == 1 && bytes.HasPrefix(dst[word:], []byte("-")) && bytes.HasSuffix(dst[word:], []byte("c")) {
			dst, words = dst[:start], -1
		}
	}
}

// appendCompact appends the rest without white space, and with the texts of strings.
func (a *arguments) appendCompact(dst []byte) []byte {
	depth := 0
	for a.at < len(a.text) {
		switch c := a.text[a.at]; c {
		case '"':
			dst = append(a.appendString(append(dst, '"')), '"')
			if a.cut {
				dst = dst[:len(dst)-1]
			}
			continue
		case ' ', '\t', '\r', '\n':
			a.at++
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		dst = append(dst, a.text[a.at])
		a.at++
	}
	a.cut = a.cut || depth > 0
	return dst
}

// sameArguments reports whether what is known of the arguments of two calls is the same.
func sameArguments(a, b *call) bool {
	if a.arguments == b.arguments {
		return true
	}
	if len(a.arguments) > len(b.arguments) {
		a, b = b, a
	}
	n := len(a.arguments)
	return a.cut && n >= MinPrefix && b.arguments[:n] == a.arguments
}
