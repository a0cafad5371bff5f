package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"unicode/utf8"
)

// A Mode says what is left of a value.
type Mode int

const (
	Mask   Mode = iota // "[redacted]"
	Drop               // nothing: key and value are gone
	HMAC               // "hmac-sha256:…", the same for the same value
	Length             // how many characters it had, "[redacted: length 12]"
)

const (
	mask         = "[redacted]"
	lengthPrefix = "[redacted: length "
	tagPrefix    = "hmac-sha256:"

	longestLeft = len(tagPrefix) + 2*sha256.Size
)

// A replacer makes what is left of values.
type replacer struct {
	secret []byte
	mac    hash.Hash // under secret, nil until it is needed
	sum    [sha256.Size]byte
}

// appendLeft appends what mode leaves of value.
func (r *replacer) appendLeft(dst []byte, mode Mode, value []byte) []byte {
	switch mode {
	case HMAC:
		if r.mac == nil {
			r.mac = hmac.New(sha256.New, r.secret)
		}
		r.mac.Reset()
		r.mac.Write(value)
		return hex.AppendEncode(append(dst, tagPrefix...), r.mac.Sum(r.sum[:0]))
	case Length:
		dst = strconv.AppendInt(append(dst, lengthPrefix...), int64(utf8.RuneCount(value)), 10)
		return append(dst, ']')
	}
	return append(dst, mask...)
}

// isLeft reports whether value is what mode leaves, or what a stricter one does: it was
// redacted before.
func isLeft(mode Mode, value []byte) bool {
	if mode == Mask {
		return string(value) == mask
	}
	n := markerAt(value)
	return n > 0 && n == len(value)
}

// markerAt returns the length of what a mode left of a value with which text begins, 0 if it
// begins with none.
func markerAt(text []byte) int {
	switch {
	case hasPrefix(text, mask):
		return len(mask)
	case hasPrefix(text, lengthPrefix):
		i := len(lengthPrefix)
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		if i > len(lengthPrefix) && i < len(text) && text[i] == ']' {
			return i + 1
		}
	case hasPrefix(text, tagPrefix) && len(text) >= len(tagPrefix)+2*sha256.Size:
		n := len(tagPrefix) + 2*sha256.Size
		for _, c := range text[len(tagPrefix):n] {
			if c-'0' > 9 && c-'a' > 5 {
				return 0
			}
		}
		return n
	}
	return 0
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}
