// Package marks finds the bytes of a line at which a JSON string may end or break.
//
// Most bytes of a log are inside strings and mean only themselves. So a scanner goes
// from mark to mark, of which a [Window] has 64 in one word. They come from vector
// instructions where there are some (a file for each [Set]), else from the words of this
// file; the plain twin in the tests makes them byte by byte.
package marks

import (
	"encoding/binary"
	"math/bits"
)

// maxWords is how many words a window has at most.
const maxWords = 64

// A Window marks the special bytes in a part of a line: those that end, escape
// or break a JSON string or are not ASCII, which are quotes, backslashes, control
// characters and bytes above 0x7f.
type Window struct {
	start int                  // of the window in the line, a multiple of 64
	words int                  // that are filled
	marks [maxWords + 1]uint64 // the one after those filled is all ones

	// Needless is set where AfterEscapes passes a character of ASCII that need not be
	// escaped.
	Needless bool
}

// Index returns the index of the first special byte of line at or after i, or
// len(line) if there is none.
func (w *Window) Index(line []byte, i int) int {
	for {
		word := uint(i-w.start) / 64
		if word >= uint(w.words) {
			if i >= len(line) {
				return len(line)
			}
			w.Fill(line, i)
			continue
		}
		if marks := w.marks[word] >> (uint(i) % 64); marks != 0 {
			return i + bits.TrailingZeros64(marks)
		}
		i = i&^63 + 64
	}
}

// Near is Index without moving the window or looking further than 64 bytes:
// where it stops need not be special.
func (w *Window) Near(i int) int {
	word := uint(i-w.start) / 64
	if word >= uint(w.words) {
		return i
	}
	return i + bits.TrailingZeros64(w.marks[word]>>(uint(i)%64)|w.marks[word+1]<<1<<(^uint(i)%64))
}

// Fill moves the window to i, up to the end of line or the next line feed. It
// returns the index of that, or -1 if it is not in the window.
func (w *Window) Fill(line []byte, i int) (lineFeed int) {
	w.start = i &^ 63
	rest := line[w.start:]
	words, feeds := 0, uint64(0)
	if whole := min(len(rest)/64, maxWords); whole > 0 {
		words, feeds = mark(w.marks[:], rest, whole)
	}
	if last := rest[words*64:]; feeds == 0 && words < maxWords && len(last) > 0 {
		var filled [64]byte // zeros after the text, which are special
		copy(filled[:], last)
		_, feeds = mark(w.marks[words:], filled[:], 1)
		words++
	}
	w.words = words
	w.marks[w.words] = ^uint64(0)
	if feeds == 0 {
		return -1
	}
	return w.start + (w.words-1)*64 + bits.TrailingZeros64(feeds)
}

// End returns where the window ends, or the line that it was filled with does.
func (w *Window) End(line []byte) int { return min(w.start+w.words*64, len(line)) }

// Bits returns the first word of the marks, which is about the 64 bytes at start, and where
// the window ends. One more word than the window has is there, all ones.
func (w *Window) Bits() (first *uint64, start, end int) {
	return &w.marks[0], w.start, w.start + w.words*64
}

// mark sets marks, a word for each 64 bytes of b and a bit for each special byte.
// It fills one word at least and as many as asked for at most, and stops after
// the first that has a line feed. It returns how many it filled and the line
// feeds of the last.
func mark(marks []uint64, b []byte, words int) (done int, feeds uint64) {
	if set == Words {
		return markWords(marks, b, words)
	}
	_, _ = marks[words-1], b[words*64-1] // markVectors does not check
	return markVectors(&marks[0], &b[0], words)
}

const (
	ones  = 0x0101010101010101
	lows  = 0x7f7f7f7f7f7f7f7f
	highs = 0x8080808080808080
)

// markWords is mark for any machine.
func markWords(marks []uint64, b []byte, words int) (done int, feeds uint64) {
	for done < words && feeds == 0 {
		marks[done], feeds = markWord(b[done*64:])
		done++
	}
	return done, feeds
}

// markWord returns a bit for each special byte, and for each line feed, of the
// first 64 of b.
func markWord(b []byte) (special, feeds uint64) {
	for i := 0; i < 64; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		m := x | zeros(x^ones*'"') | zeros(x^ones*'\\') | zeros(x&(ones*0xe0))
		special |= gather(m) << i
		feeds |= gather(zeros(x^ones*'\n')) << i
	}
	return special, feeds
}

// zeros sets the high bit of each byte of x that is zero, and clears it in the
// others.
func zeros(x uint64) uint64 { return ^(x&lows + lows | x) & highs }

// gather puts the high bits of the bytes of x next to each other.
func gather(x uint64) uint64 { return x & highs >> 7 * 0x0102040810204080 >> 56 }
