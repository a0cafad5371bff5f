// Package metadata sets members in the metadata of events, and changes no other byte of
// their lines.
package metadata

import (
	"bytes"
	"cmp"
	"slices"

	"auditctl/pkg/events"
)

// A Member is a key, which needs no escaping, and its value in JSON.
type Member struct {
	Key   string
	Value []byte
}

// Append appends the line that s scanned with members in its metadata: in place of the
// values that their keys have there, or else after its last member, and with white space as
// the line has it. It reports false, and appends nothing, if the line is no event or its
// metadata is neither an object nor null.
func Append(dst []byte, s *events.Scanner, members ...Member) ([]byte, bool) {
	if _, err := s.Event(); err != nil {
		return dst, false
	}
	line := s.Line()
	comma, colon := ",", ":"
	if at, _, _ := s.Span("event_type"); line[at-1] == ' ' {
		comma, colon = ", ", ": "
	}
	start, end, found := s.Span("metadata")
	metadata := events.Value(line[start:end])
	switch kind := metadata.Kind(); {
	case !found:
		at := endOf(line)
		dst = append(append(append(append(dst, line[:at]...), comma...), `"metadata"`...), colon...)
		return append(append(appendMembers(append(dst, '{'), members, comma, colon), '}'), line[at:]...), true
	case kind == events.Null:
		return append(append(appendMembers(append(append(dst, line[:start]...), '{'), members, comma, colon), '}'), line[end:]...), true
	case kind != events.Object:
		return dst, false
	case mayHave(metadata, members):
		return append(appendReplaced(append(dst, line[:start]...), metadata, members, comma, colon), line[end:]...), true
	}
	at := start + endOf(metadata)
	dst = append(dst, line[:at]...)
	if line[at-1] != '{' {
		dst = append(dst, comma...)
	}
	return append(appendMembers(dst, members, comma, colon), line[at:]...), true
}

// endOf returns where a member that is added to an object goes: after the last value.
func endOf(object []byte) int {
	return len(bytes.TrimRight(object[:bytes.LastIndexByte(object, '}')], " \t\r\n"))
}

// mayHave reports whether an object may have one of the members' keys.
func mayHave(object []byte, members []Member) bool {
	return bytes.IndexByte(object, '\\') >= 0 || slices.ContainsFunc(members, func(m Member) bool { return hasQuoted(object, m.Key) })
}

// hasQuoted reports whether key follows a quotation mark somewhere.
func hasQuoted(object []byte, key string) bool {
	for {
		i := bytes.Index(object, []byte(key))
		if i < 0 || i > 0 && object[i-1] == '"' {
			return i >= 0
		}
		object = object[i+1:]
	}
}

func appendMembers(dst []byte, members []Member, comma, colon string) []byte {
	for i, m := range members {
		if i > 0 {
			dst = append(dst, comma...)
		}
		dst = append(append(append(append(append(dst, '"'), m.Key...), '"'), colon...), m.Value...)
	}
	return dst
}

// appendReplaced appends an object with members in place of those it has.
func appendReplaced(dst []byte, object events.Value, members []Member, comma, colon string) []byte {
	type edit struct {
		start, end int
		Member
	}
	var edits []edit
	at := endOf(object)
	for _, m := range members {
		start, end, ok := object.Span(m.Key)
		if !ok {
			start, end = at, at
		}
		edits = append(edits, edit{start, end, m})
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	done, first := 0, object[at-1] == '{'
	for _, e := range edits {
		dst = append(dst, object[done:e.start]...)
		switch {
		case e.start < e.end:
			dst = append(dst, e.Value...)
		case first:
			dst, first = appendMembers(dst, []Member{e.Member}, comma, colon), false
		default:
			dst = appendMembers(append(dst, comma...), []Member{e.Member}, comma, colon)
		}
		done = e.end
	}
	return append(dst, object[done:]...)
}
