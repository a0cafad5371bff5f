// Package shapes finds in text what is known by no word but by a sequence of kinds of bytes,
// such as addresses and long numbers: 64 bytes at once, by masks that have a bit for each of
// them.
package shapes

import "math/bits"

// A Kind is a sort of text.
type Kind int

const (
	// Digits are at least ten digits with at most two of " ()-./" between each two.
	Digits Kind = iota

	// Dots are four numbers of up to three digits each with dots between.
	Dots

	// Colons are two colons next to each other, or at least four with one to four other
	// bytes between each two.
	Colons

	// Runs are at least 24 bytes of base64, of either alphabet.
	Runs

	kinds
)

// Set is a set of kinds.
type Set [kinds]bool

// Each calls found with the index of a byte of each text of these kinds in text, until found
// returns false, which Each then returns. Of a run it is the 24th byte. Of others there may be
// several calls.
func Each(text []byte, of *Set, found func(kind Kind, at int) bool) bool {
	var both [2]ends
	for i := 0; i < len(text); i += 64 {
		now, before := &both[i/64&1], &both[i/64&1^1]
		var m masks
		if len(text)-i >= 64 {
			mask(&m, text[i:])
		} else {
			var filled [64]byte
			copy(filled[:], text[i:])
			mask(&m, filled[:])
		}
		now.step(&m, before)
		digits := now.digits8 & up(now.digits2, before.digits2, 8)
		colons := now.colons4 | now.colons1&up(now.colons1, before.colons1, 1)
		runs := now.runs24 &^ up(now.runs24, before.runs24, 1)
		if digits|now.dots3|colons|runs != 0 {
			for kind, all := range [kinds]uint64{digits, now.dots3, colons, runs} {
				if !of[kind] {
					continue
				}
				for ; all != 0; all &= all - 1 {
					at := i + bits.TrailingZeros64(all)
					if (Kind(kind) != Digits || tenDigits(text[:at+1])) && !found(Kind(kind), at) {
						return false
					}
				}
			}
		}
	}
	return true
}

// tenDigits reports whether text ends with ten digits with at most two of " ()-./" between
// each two.
func tenDigits(text []byte) bool {
	digits, others := 0, 0
	for i := len(text) - 1; i >= 0 && others <= 2; i-- {
		switch text[i] {
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			if digits, others = digits+1, 0; digits == 10 {
				return true
			}
		case ' ', '(', ')', '-', '.', '/':
			others++
		default:
			return false
		}
	}
	return false
}

// ends have a bit for each of 64 bytes: whether what is named ends there.
type ends struct {
	digit, dot                         uint64
	digits1, digits2, digits4, digits8 uint64 // so many digits, or what may be between them
	dots1, dots2, dots3                uint64 // so many dots after numbers, and a digit
	colons1, colons2, colons3, colons4 uint64
	runs1, runs2, runs4, runs8, runs24 uint64
}

// up moves the bits of now up by n, and those of before into their places.
func up(now, before uint64, n int) uint64 { return now<<n | before>>(64-n) }

// step fills e for the bytes after those of before.
func (e *ends) step(m *masks, before *ends) {
	e.digit = m.digits
	e.digits1 = m.digits | m.between&(up(m.digits, before.digit, 1)|up(m.digits, before.digit, 2))
	e.digits2 = e.digits1 & up(e.digits1, before.digits1, 1)
	e.digits4 = e.digits2 & up(e.digits2, before.digits2, 2)
	e.digits8 = e.digits4 & up(e.digits4, before.digits4, 4)

	e.dot = m.dots
	e.dots1 = m.digits & up(m.dots, before.dot, 1) & up(m.digits, before.digit, 2)
	number := func(dots, dotsBefore uint64) uint64 { // one of up to three digits is between two dots
		return up(dots, dotsBefore, 2) | up(dots, dotsBefore, 3) | up(dots, dotsBefore, 4)&up(m.digits, before.digit, 3)
	}
	e.dots2 = e.dots1 & number(e.dots1, before.dots1)
	e.dots3 = e.dots1 & number(e.dots2, before.dots2)

	near := func(now, before uint64) uint64 {
		return m.colons & (up(now, before, 2) | up(now, before, 3) | up(now, before, 4) | up(now, before, 5))
	}
	e.colons1 = m.colons
	e.colons2 = near(e.colons1, before.colons1)
	e.colons3 = near(e.colons2, before.colons2)
	e.colons4 = near(e.colons3, before.colons3)

	e.runs1 = m.base64
	e.runs2 = e.runs1 & up(e.runs1, before.runs1, 1)
	e.runs4 = e.runs2 & up(e.runs2, before.runs2, 2)
	e.runs8 = e.runs4 & up(e.runs4, before.runs4, 4)
	e.runs24 = e.runs8 & up(e.runs8, before.runs8, 8) & up(e.runs8, before.runs8, 16)
}
