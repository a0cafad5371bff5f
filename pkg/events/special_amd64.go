package events

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// indexSpecialAVX2 returns the index of the first special byte among the n
// bytes at p, or n. It looks at 32 bytes at a time; n is a multiple of that and
// not zero.
//
//go:noescape
func indexSpecialAVX2(p *byte, n int) int

// indexSpecial returns the index of the first byte at or after b[i] that ends,
// escapes or breaks a JSON string or is not ASCII: a quote, a backslash, a
// control character or a byte above 0x7f. It returns len(b) if there is none.
//
// Most strings are shorter than 32 bytes and of lengths that no processor
// foresees, so one step without a loop is worth most. To make it also for the
// last string of a line, it looks beyond len(b), but never beyond cap(b).
func indexSpecial(b []byte, i int) int {
	n := (cap(b) - i) &^ 31
	if n == 0 || !hasAVX2 {
		return indexSpecialWords(b, i)
	}
	found := i + indexSpecialAVX2(&b[:cap(b)][i], n)
	switch {
	case found >= len(b):
		return len(b)
	case found == i+n:
		return indexSpecialWords(b, found)
	}
	return found
}
