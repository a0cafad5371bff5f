package selection

import (
	"fmt"
	"strconv"
	"strings"

	"auditctl/pkg/events"
)

// A Key says where in an event a value stands: the steps from the top down.
type Key []string

// ParseKey reads a key. Dots reach into objects, and by number into arrays, as
// in metadata.regions.0; a backslash before a dot makes it part of the key.
func ParseKey(text string) (Key, error) {
	k, _ := cutKey(text, "")
	if k[0] == "" {
		return nil, fmt.Errorf("key %q: want a key, as in tool_name or metadata.region", text)
	}
	return k, nil
}

// ParseKeys reads keys separated by commas. A comma behind a backslash belongs to
// the key.
func ParseKeys(list string) ([]Key, error) {
	var keys []Key
	for {
		k, rest := cutKey(list, ",")
		if k[0] == "" {
			return nil, fmt.Errorf("an empty key in %q", list)
		}
		keys = append(keys, k)
		if rest == "" {
			return keys, nil
		}
		list = rest[1:]
	}
}

// String returns k as ParseKeys reads it.
func (k Key) String() string {
	steps := make([]string, len(k))
	for i, step := range k {
		steps[i] = keyEscapes.Replace(step)
	}
	return strings.Join(steps, ".")
}

var keyEscapes = strings.NewReplacer(`\`, `\\`, ".", `\.`, ",", `\,`)

// cutKey reads a key up to one of the characters of end, and returns what
// begins there.
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
		default:
			step.WriteByte(c)
		}
	}
	return append(k, step.String()), ""
}

// Value returns the value that stands at k in the event that s scanned, nil if
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
