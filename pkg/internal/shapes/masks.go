package shapes

import "encoding/binary"

// masks have a bit for each of 64 bytes: whether it is of a kind.
type masks struct {
	digits  uint64
	between uint64 // " ()-./"
	dots    uint64
	colons  uint64
	base64  uint64
}

// Kinds of bytes, each a bit. Bytes of a kind are those with one of some high and one of
// some low halves (masks_amd64.s, masks_arm64.s), which is why letters have two.
const (
	isDigit = 1 << iota
	isColon
	isBetween
	isDot
	isLetter      // the first fifteen of them
	isOtherLetter // the others
	isUnderscore
	isSign // "+-/"

	isBase64 = isDigit | isLetter | isOtherLetter | isUnderscore | isSign
)

// kindsOf has the kinds of each byte.
var kindsOf = [256]uint8{
	' ': isBetween, '(': isBetween, ')': isBetween, '+': isSign, '-': isBetween | isSign, '.': isBetween | isDot,
	'/': isBetween | isSign, ':': isColon, '_': isUnderscore,
	'0': isDigit, '1': isDigit, '2': isDigit, '3': isDigit, '4': isDigit,
	'5': isDigit, '6': isDigit, '7': isDigit, '8': isDigit, '9': isDigit,
	'A': isLetter, 'B': isLetter, 'C': isLetter, 'D': isLetter, 'E': isLetter, 'F': isLetter, 'G': isLetter,
	'H': isLetter, 'I': isLetter, 'J': isLetter, 'K': isLetter, 'L': isLetter, 'M': isLetter, 'N': isLetter, 'O': isLetter,
	'P': isOtherLetter, 'Q': isOtherLetter, 'R': isOtherLetter, 'S': isOtherLetter, 'T': isOtherLetter, 'U': isOtherLetter,
	'V': isOtherLetter, 'W': isOtherLetter, 'X': isOtherLetter, 'Y': isOtherLetter, 'Z': isOtherLetter,
	'a': isLetter, 'b': isLetter, 'c': isLetter, 'd': isLetter, 'e': isLetter, 'f': isLetter, 'g': isLetter,
	'h': isLetter, 'i': isLetter, 'j': isLetter, 'k': isLetter, 'l': isLetter, 'm': isLetter, 'n': isLetter, 'o': isLetter,
	'p': isOtherLetter, 'q': isOtherLetter, 'r': isOtherLetter, 's': isOtherLetter, 't': isOtherLetter, 'u': isOtherLetter,
	'v': isOtherLetter, 'w': isOtherLetter, 'x': isOtherLetter, 'y': isOtherLetter, 'z': isOtherLetter,
}

// IsBase64 reports whether c is of an alphabet of base64.
func IsBase64(c byte) bool { return kindsOf[c]&isBase64 != 0 }

// mask fills m for the first 64 bytes of b.
func mask(m *masks, b []byte) {
	_ = b[63]
	if hasVectors {
		maskVectors(m, &b[0])
	} else {
		maskWords(m, b)
	}
}

const ones = 0x0101010101010101

// maskWords is mask for any machine.
func maskWords(m *masks, b []byte) {
	*m = masks{}
	for i := 0; i < 64; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		k := uint64(kindsOf[byte(x)]) | uint64(kindsOf[byte(x>>8)])<<8 |
			uint64(kindsOf[byte(x>>16)])<<16 | uint64(kindsOf[byte(x>>24)])<<24 |
			uint64(kindsOf[byte(x>>32)])<<32 | uint64(kindsOf[byte(x>>40)])<<40 |
			uint64(kindsOf[byte(x>>48)])<<48 | uint64(kindsOf[byte(x>>56)])<<56
		m.digits |= gather(k) << i
		m.colons |= gather(k>>1) << i
		m.between |= gather(k>>2) << i
		m.dots |= gather(k>>3) << i
		m.base64 |= gather(k|k>>4|k>>5|k>>6|k>>7) << i
	}
}

// gather puts the low bits of the bytes of x next to each other.
func gather(x uint64) uint64 { return x & ones * 0x0102040810204080 >> 56 }
