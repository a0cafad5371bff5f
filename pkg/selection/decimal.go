package selection

import "cmp"

// A decimal is a JSON number as it is spelled, to be compared exactly: audit
// logs hold nanoseconds and ids that a float64 would round.
type decimal struct {
	negative  bool
	digits    []byte // from the first that is not zero; may hold a point; empty for zero
	magnitude int64  // the value is 0.DIGITS × 10^magnitude
}

// maxExponent bounds exponents: numbers beyond it compare as if they were at
// it.
const maxExponent = 1 << 40

// parseDecimal reads a JSON number. It keeps a part of text.
func parseDecimal(text []byte) (d decimal, ok bool) {
	i := 0
	if i < len(text) && text[i] == '-' {
		d.negative = true
		i++
	}
	start := i
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	whole := i - start
	if whole == 0 || whole > 1 && text[start] == '0' {
		return decimal{}, false
	}
	if i < len(text) && text[i] == '.' {
		fraction := i + 1
		for i = fraction; i < len(text) && isDigit(text[i]); {
			i++
		}
		if i == fraction {
			return decimal{}, false
		}
	}
	d.digits, d.magnitude = text[start:i], int64(whole)
	exponent, ok := parseExponent(text[i:])
	if !ok {
		return decimal{}, false
	}
	d.magnitude += exponent

	// The magnitude is that of the first digit that is not zero.
	for len(d.digits) > 0 && !('1' <= d.digits[0] && d.digits[0] <= '9') {
		if d.digits[0] == '0' {
			d.magnitude--
		}
		d.digits = d.digits[1:]
	}
	return d, true
}

// parseExponent reads what follows the digits of a number: nothing, or an
// exponent.
func parseExponent(text []byte) (exponent int64, ok bool) {
	if len(text) == 0 {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, false
	}
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		exponent = min(exponent*10+int64(c-'0'), maxExponent)
	}
	if negative {
		exponent = -exponent
	}
	return exponent, true
}

// compare returns -1, 0 or 1 as d is less than, equal to or greater than e.
func (d decimal) compare(e decimal) int {
	switch {
	case len(d.digits) == 0 && len(e.digits) == 0: // however they are spelled
		return 0
	case d.sign() != e.sign():
		return cmp.Compare(d.sign(), e.sign())
	case d.negative:
		return e.compareSize(d)
	}
	return d.compareSize(e)
}

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareSize compares without the signs.
func (d decimal) compareSize(e decimal) int {
	if c := cmp.Compare(d.magnitude, e.magnitude); c != 0 {
		return c
	}
	for len(d.digits) > 0 || len(e.digits) > 0 {
		if c := cmp.Compare(d.next(), e.next()); c != 0 {
			return c
		}
	}
	return 0
}

// next takes the next digit; after the last one come zeros.
func (d *decimal) next() byte {
	for len(d.digits) > 0 {
		c := d.digits[0]
		d.digits = d.digits[1:]
		if c != '.' {
			return c
		}
	}
	return '0'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
