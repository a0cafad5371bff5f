package rule

import (
	"encoding/binary"
	"math/bits"
)

// eachShape calls found with a byte of each text in text that has a shape, until found
// returns false, which eachShape then returns. It may call it more than once for one.
func eachShape(text []byte, found func(shape Shape, at int) bool) bool {
	var before, now shapes
	for i := 0; i < len(text); i += 64 {
		var m masks
		if len(text)-i >= 64 {
			m = maskWord(text[i:])
		} else {
			var filled [64]byte
			copy(filled[:], text[i:])
			m = maskWord(filled[:])
		}
		now.step(&m, &before)
		for ends := now.digits8 & up(now.digits2, before.digits2, 8); ends != 0; ends &= ends - 1 {
			at := i + bits.TrailingZeros64(ends)
			if tenDigits(text[:at+1]) && !found(Digits, at) {
				return false
			}
		}
		for ends := now.dots3; ends != 0; ends &= ends - 1 {
			if !found(Dots, i+bits.TrailingZeros64(ends)) {
				return false
			}
		}
		for ends := now.colons4 | m.colons&up(m.colons, before.colons1, 1); ends != 0; ends &= ends - 1 {
			if !found(Colons, i+bits.TrailingZeros64(ends)) {
				return false
			}
		}
		before = now
	}
	return true
}

// tenDigits reports whether text ends with ten digits with at most two others between each
// two, of which it is known that they may be there.
func tenDigits(text []byte) bool {
	digits, others := 0, 0
	for i := len(text) - 1; i >= 0 && others <= 2; i-- {
		if others++; '0' <= text[i] && text[i] <= '9' {
			if digits, others = digits+1, 0; digits == 10 {
				return true
			}
		}
	}
	return false
}

// masks are a bit for each of 64 bytes.
type masks struct {
	digits, between, dots, colons uint64 // between are those of " ()-./"
}

// shapes are a bit for each of 64 bytes: whether what is named ends there.
type shapes struct {
	digit                              uint64
	digits1, digits2, digits4, digits8 uint64 // so many digits, or what may be between them
	dots1, dots2, dots3                uint64 // so many dots after digits, and a digit
	dot                                uint64
	colons1, colons2, colons3, colons4 uint64
}

// up moves the bits of now up by n, and those of before into their places.
func up(now, before uint64, n int) uint64 { return now<<n | before>>(64-n) }

// step fills s for the bytes after those of before.
func (s *shapes) step(m *masks, before *shapes) {
	s.digit = m.digits
	s.digits1 = m.digits | m.between&(up(m.digits, before.digit, 1)|up(m.digits, before.digit, 2))
	s.digits2 = s.digits1 & up(s.digits1, before.digits1, 1)
	s.digits4 = s.digits2 & up(s.digits2, before.digits2, 2)
	s.digits8 = s.digits4 & up(s.digits4, before.digits4, 4)

	s.dot = m.dots
	s.dots1 = m.digits & up(m.dots, before.dot, 1) & up(m.digits, before.digit, 2)
	s.dots2 = s.dots1 & (up(s.dots1, before.dots1, 2) | up(s.dots1, before.dots1, 3) | up(s.dots1, before.dots1, 4))
	s.dots3 = s.dots1 & (up(s.dots2, before.dots2, 2) | up(s.dots2, before.dots2, 3) | up(s.dots2, before.dots2, 4))

	near := func(now, before uint64) uint64 {
		return m.colons & (up(now, before, 2) | up(now, before, 3) | up(now, before, 4) | up(now, before, 5))
	}
	s.colons1 = m.colons
	s.colons2 = near(s.colons1, before.colons1)
	s.colons3 = near(s.colons2, before.colons2)
	s.colons4 = near(s.colons3, before.colons3)
}

const (
	ones  = 0x0101010101010101
	lows  = 0x7f7f7f7f7f7f7f7f
	highs = 0x8080808080808080
)

// maskWord returns the masks of the first 64 bytes of b.
func maskWord(b []byte) (m masks) {
	_ = b[63]
	for i := 0; i < 64; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		seven := x & lows
		digits := (seven + ones*(0x80-'0')) &^ (seven + ones*(0x80-'9'-1)) &^ x & highs
		dots := zeros(x ^ ones*'.')
		between := dots | zeros(x^ones*' ') | zeros(x&(ones*0xfe)^ones*'(') | zeros(x^ones*'-') | zeros(x^ones*'/')
		m.digits |= gather(digits) << i
		m.between |= gather(between) << i
		m.dots |= gather(dots) << i
		m.colons |= gather(zeros(x^ones*':')) << i
	}
	return m
}

// zeros sets the high bit of each byte of x that is zero, and clears the others.
func zeros(x uint64) uint64 { return ^(x&lows + lows | x) & highs }

// gather puts the high bits of the bytes of x, whose other bits are clear, next to each
// other.
func gather(x uint64) uint64 { return x >> 7 * 0x0102040810204080 >> 56 }
