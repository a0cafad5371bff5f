package events

import (
	"encoding/binary"
	"math/bits"
)

// Most bytes of a log stand inside strings and mean only themselves. This file
// passes over them eight at a time, special_amd64.s 32 at a time; the plain twin
// in the tests does the same byte by byte.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// indexSpecialWords is indexSpecial for any machine.
func indexSpecialWords(b []byte, i int) int {
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:])
		quote := x ^ ones*'"'
		backslash := x ^ ones*'\\'
		// A subtraction sets the high bit of an ASCII byte that is below a
		// space, or that became zero because it is a quote or a backslash.
		// Its borrow can set the next byte's bit wrongly, but only above a
		// special byte, so the lowest bit set is always right.
		m := ((x - ones*' ') | (quote - ones) | (backslash - ones) | x) & highs
		if m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(b) && isPlain(b[i]) {
		i++
	}
	return i
}

func isPlain(c byte) bool { return ' ' <= c && c <= 0x7f && c != '"' && c != '\\' }
