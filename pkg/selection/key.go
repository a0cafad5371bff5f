package selection

import (
	"fmt"
	"strconv"
	"strings"

	"auditctl/pkg/events"
)

// A Key says where in an event a value is: the steps from the top down.
type Key []string

// ParseKeys reads keys separated by commas, with blanks around them or not. Dots
// reach into objects, and by number into arrays, as in metadata.regions.0; a
// backslash before a dot or comma makes it part of the key.
func ParseKeys(list string) ([]Key, error) {
	var keys []Key
	for text := list; ; {
		k, rest := cutKey(strings.TrimLeft(text, " "), ",")
		if k[0] == "" {
			return nil, fmt.Errorf("an empty key in %q: want keys as tool_name or metadata.region", list)
		}
		keys = append(keys, k)
		if rest == "" {
			return keys, nil
		}
		text = rest[1:]
	}
}

// String returns k as ParseKeys reads it.
func (k Key) String() string {
	steps := make([]string, len(k))
	for i, step := range k {
		steps[i] = keyEscapes.Replace(step)
	}
	text := strings.Join(steps, ".")
	if rest, blank := strings.CutSuffix(text, " "); blank {
		text = rest + `\ `
	}
	if strings.HasPrefix(text, " ") {
		text = `\` + text
	}
	return text
}

var keyEscapes = strings.NewReplacer(`\`, `\\`, ".", `\.`, ",", `\,`)

// cutKey reads a key up to one of the characters of end, and the blanks before that,
// and returns what begins there. Blanks after a backslash are part of the key.
func cutKey(text, end string) (k Key, rest string) {
	var step strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			if i++; i < len(text) {
				step.WriteByte(text[i])
			}
		case c == '.':
			k = append(k, step.String())
			step.Reset()
		case strings.IndexByte(end, c) >= 0:
			return append(k, step.String()), text[i:]
		case c == ' ':
			if after := strings.TrimLeft(text[i:], " "); after == "" || strings.IndexByte(end, after[0]) >= 0 {
				return append(k, step.String()), after
			}
			step.WriteByte(c)
		default:
			step.WriteByte(c)
		}
	}
	return append(k, step.String()), ""
}

// Value returns the value at k in the event that s scanned, nil if
// there is none.
func (k Key) Value(s *events.Scanner) events.Value {
	v := s.Lookup(k[0])
	for _, step := range k[1:] {
		v = within(v, step)
	}
	return v
}

// within returns the value of a key of an object or the element of an array.
func within(v events.Value, step string) events.Value {
	if v.Kind() != events.Array {
		return v.Lookup(step)
	}
	index, err := strconv.ParseUint(step, 10, 32)
	if err != nil {
		return nil
	}
	for elem := range v.Elements() {
		if index == 0 {
			return elem
		}
		index--
	}
	return nil
}
