package redact

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"
)

// An edit replaces text[start:end]. Edits of strings refer to what the strings say, until
// they are translated.
type edit struct {
	start, end int
	text       []byte
	what       int // found it, -1 if that is noted elsewhere
}

// normalize sorts edits and makes one of those that overlap: the first, but longer.
func normalize(edits []edit) []edit {
	sorted := slices.IsSortedFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	if !sorted {
		slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	}
	n := 0
	for _, e := range edits {
		if n == 0 || edits[n-1].end <= e.start {
			edits[n] = e
			n++
			continue
		}
		edits[n-1].end = max(edits[n-1].end, e.end)
	}
	return edits[:n]
}

// translate makes edits of what a string says, which are normal, edits of the text between
// its quotes.
func translate(edits []edit, quoted []byte) {
	at, said := 0, 0 // of the next byte, in quoted and in what it says
	for i := range edits {
		e := &edits[i]
		at, said = advance(quoted, at, said, e.start)
		start := at
		at, said = advance(quoted, at, said, e.end)
		e.start, e.end = start, at
	}
}

// advance goes on to where so many bytes are said.
func advance(quoted []byte, at, said, target int) (newAt, newSaid int) {
	for said < target {
		if quoted[at] != '\\' {
			n := bytes.IndexByte(quoted[at:], '\\')
			if n < 0 {
				n = len(quoted) - at
			}
			n = min(n, target-said)
			at, said = at+n, said+n
			continue
		}
		r, size := decodeEscape(quoted[at:])
		n := utf8.RuneLen(r)
		if n < 0 {
			n = len(string(utf8.RuneError))
		}
		at, said = at+size, said+n
	}
	return at, said
}

// appendEdited appends text with edits, which are normal.
func appendEdited(dst, text []byte, edits []edit) []byte {
	at := 0
	for _, e := range edits {
		dst = append(append(dst, text[at:e.start]...), e.text...)
		at = e.end
	}
	return append(dst, text[at:]...)
}
