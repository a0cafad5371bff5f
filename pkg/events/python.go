package events

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// This file spells JSON as Python's json.dumps does by default: ", " and ": "
// between tokens, ASCII only, floats as repr prints them.

const hexDigits = "0123456789abcdef"

// appendString appends s in quotes. Bytes that are not valid UTF-8 become
// U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if isVerbatim[c] {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if c < utf8.RuneSelf {
			dst = appendUnit(dst, rune(c))
			i++
		} else {
			r, size := utf8.DecodeRuneInString(s[i:])
			dst = appendRune(dst, r)
			i += size
		}
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// isVerbatim holds the characters that Python writes in a string as they are.
var isVerbatim = func() (verbatim [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		verbatim[c] = c != '"' && c != '\\'
	}
	return verbatim
}()

func appendRune(dst []byte, r rune) []byte {
	if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
		return appendUnit(appendUnit(dst, hi), lo)
	}
	return appendUnit(dst, r)
}

// appendUnit appends one UTF-16 unit of a string as Python spells it.
func appendUnit(dst []byte, u rune) []byte {
	if u < utf8.RuneSelf && isVerbatim[byte(u)] {
		return append(dst, byte(u))
	}
	switch u {
	case '"', '\\':
		return append(dst, '\\', byte(u))
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', hexDigits[u>>12], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}

// appendFloat appends f as Python's repr prints it: with a point or an
// exponent, the exponent where it is below -4 or at least 16.
func appendFloat(dst []byte, f float64) []byte {
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// widened returns the float64 that is spelled as f is: 0.1 and not
// 0.10000000149011612.
func widened(f float32) float64 {
	wide, _ := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	return wide
}

// appendRespelled appends the checked JSON value raw with Python's white space
// and escapes. Numbers and the order of keys stay as they are.
func appendRespelled(dst []byte, raw Value) []byte {
	for i := 0; i < len(raw); {
		switch c := raw[i]; c {
		case '"':
			end := raw.skip(i)
			dst = appendRespelledString(dst, raw[i+1:end-1])
			i = end
		case ',':
			dst = append(dst, ", "...)
			i++
		case ':':
			dst = append(dst, ": "...)
			i++
		default:
			if !isSpace(c) {
				dst = append(dst, c)
			}
			i++
		}
	}
	return dst
}

// appendRespelledString appends the string whose bytes between the quotes are
// given. It goes unit by unit, so that half a surrogate pair stays what it is.
func appendRespelledString(dst, quoted []byte) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(quoted); {
		start := i
		for i < len(quoted) && isVerbatim[quoted[i]] {
			i++
		}
		dst = append(dst, quoted[start:i]...)
		if i == len(quoted) {
			break
		}
		switch c := quoted[i]; {
		case c == '\\':
			unit, size := unescape(quoted[i:])
			dst = appendUnit(dst, unit)
			i += size
		case c < utf8.RuneSelf:
			dst = appendUnit(dst, rune(c))
			i++
		default:
			r, size := utf8.DecodeRune(quoted[i:])
			dst = appendRune(dst, r)
			i += size
		}
	}
	return append(dst, '"')
}
