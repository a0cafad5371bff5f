package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// An InvalidLine is a line that is not valid and comes in pieces.
type InvalidLine struct {
	kind  string
	hash  hash.Hash
	bytes int64
}

// NewInvalid returns an InvalidLine without bytes.
func (r *Redactor) NewInvalid() *InvalidLine {
	if len(r.options.Secret) > 0 {
		return &InvalidLine{kind: "hmac-sha256", hash: hmac.New(sha256.New, r.options.Secret)}
	}
	return &InvalidLine{kind: "sha256", hash: sha256.New()}
}

// Write adds the next piece of the line. It never fails.
func (l *InvalidLine) Write(piece []byte) (int, error) {
	l.bytes += int64(len(piece))
	return l.hash.Write(piece)
}

// Append appends what is left of the line, as [Redactor.AppendInvalid] does.
func (l *InvalidLine) Append(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"invalid_line": {"bytes": `...), l.bytes, 10)
	dst = append(append(append(dst, `, "`...), l.kind...), `": "`...)
	return append(hex.AppendEncode(dst, l.hash.Sum(nil)), `"}}`...)
}
