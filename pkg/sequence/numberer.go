package sequence

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"

	"auditctl/pkg/events"
)

// A Numberer sets numbers in lines. Of a line it changes only the values of seq and
// seq_epoch in metadata, which it adds if they are not there. The zero Numberer is ready
// to use; it is for one goroutine.
type Numberer struct {
	// MaxLine is how long a line may be that gets a number, in bytes; 0 is no limit.
	MaxLine int

	scanner events.Scanner
}

// Append appends lines, each of which ends with a line feed, to dst, and gives each event
// the number after that of the one before it, the first one the number after last. It
// returns the last number given. What is no event, or has metadata that is neither an
// object nor null, is appended as it is.
func (n *Numberer) Append(dst, lines []byte, last Number) ([]byte, Number) {
	for len(lines) > 0 {
		err := n.scanner.ScanFirst(lines)
		line := n.scanner.Line()
		end := min(len(line)+1, len(lines))
		next := Number{last.Epoch, last.Seq + 1}
		if err == nil && (n.MaxLine == 0 || len(line) <= n.MaxLine) {
			if numbered, ok := n.number(dst, next); ok {
				dst, last = append(numbered, lines[len(line):end]...), next
				lines = lines[end:]
				continue
			}
		}
		dst = append(dst, lines[:end]...)
		lines = lines[end:]
	}
	return dst, last
}

// number appends the line that was scanned with a number in it, if it is an event that can
// have one.
func (n *Numberer) number(dst []byte, number Number) ([]byte, bool) {
	s := &n.scanner
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
		return append(appendNumber(append(dst, '{'), number, comma, colon, '}'), line[at:]...), true
	case kind == events.Null:
		return append(appendNumber(append(append(dst, line[:start]...), '{'), number, comma, colon, '}'), line[end:]...), true
	case kind != events.Object:
		return dst, false
	case mayHave(metadata):
		return append(appendRenumbered(append(dst, line[:start]...), metadata, number, comma, colon), line[end:]...), true
	}
	at := start + endOf(metadata)
	dst = append(dst, line[:at]...)
	if line[at-1] != '{' {
		dst = append(dst, comma...)
	}
	return append(appendNumber(dst, number, comma, colon), line[at:]...), true
}

// endOf returns where a member that is added to an object goes: after the last value.
func endOf(object []byte) int {
	return len(bytes.TrimRight(object[:bytes.LastIndexByte(object, '}')], " \t\r\n"))
}

// mayHave reports whether metadata may have a number already.
func mayHave(metadata []byte) bool {
	return bytes.Contains(metadata, []byte(`"`+SeqKey)) || bytes.IndexByte(metadata, '\\') >= 0
}

// appendNumber appends the members of a number, and then more.
func appendNumber(dst []byte, n Number, comma, colon string, more ...byte) []byte {
	dst = append(append(dst, `"`+SeqKey+`"`...), colon...)
	dst = append(strconv.AppendInt(dst, n.Seq, 10), comma...)
	dst = append(append(dst, `"`+EpochKey+`"`...), colon...)
	return append(append(append(append(dst, '"'), n.Epoch[:]...), '"'), more...)
}

// appendRenumbered appends metadata with a number in place of what it has as such.
func appendRenumbered(dst []byte, metadata events.Value, n Number, comma, colon string) []byte {
	type edit struct {
		start, end int
		text       string
	}
	var edits []edit
	at := endOf(metadata)
	if metadata[at-1] == '{' {
		comma = ""
	}
	for _, member := range [...]struct{ key, value string }{
		{SeqKey, strconv.FormatInt(n.Seq, 10)},
		{EpochKey, `"` + n.Epoch.String() + `"`},
	} {
		if start, end, ok := metadata.Span(member.key); ok {
			edits = append(edits, edit{start, end, member.value})
		} else {
			edits = append(edits, edit{at, at, comma + `"` + member.key + `"` + colon + member.value})
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	done := 0
	for _, e := range edits {
		dst = append(append(dst, metadata[done:e.start]...), e.text...)
		done = e.end
	}
	return append(dst, metadata[done:]...)
}
