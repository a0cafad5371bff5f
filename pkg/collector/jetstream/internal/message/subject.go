package message

import (
	"crypto/sha256"
	"encoding/base64"

	"auditctl/pkg/events"
)

// maxToken is how long a token may be: subjects should be shorter than 256 bytes.
const maxToken = 96

const (
	absent = "-" // the token for an absent id, and for lines that are not events
	empty  = "%" // the token for an empty text
)

// Token is jetstream.Token.
func Token(text string) string { return string(appendToken(nil, text)) }

func appendToken(dst []byte, text string) []byte {
	switch text {
	case "":
		return append(dst, empty...)
	case absent:
		return append(dst, "%2D"...)
	}
	const hash, hex = 1 + 22, "0123456789ABCDEF"
	start, cut := len(dst), len(dst)
	for i := range len(text) {
		c := text[i]
		if plainInToken(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
		if len(dst)-start <= maxToken-hash {
			cut = len(dst)
		}
		if len(dst)-start > maxToken {
			sum := sha256.Sum256([]byte(text))
			return base64.RawURLEncoding.AppendEncode(append(dst[:cut], '~'), sum[:16])
		}
	}
	return dst
}

func plainInToken(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// appendSubject appends the subject of an event with a session and type.
func appendSubject(dst []byte, prefix string, session events.Value, eventType string) []byte {
	dst = append(append(dst, prefix...), '.')
	if session.NonNull() == nil {
		dst = append(dst, absent...)
	} else {
		dst = appendToken(dst, session.String())
	}
	return appendToken(append(dst, '.'), eventType)
}

// subjectOfOthers returns the subject of lines that are not events.
func subjectOfOthers(prefix string) string { return prefix + "." + absent + "." + absent }

// Filters returns the subjects of events with one of the sessions and one of the types.
// An empty list means all.
func Filters(prefix string, sessions, types []string) []string {
	tokens := func(texts []string) []string {
		if len(texts) == 0 {
			return []string{"*"}
		}
		tokens, seen := []string{}, map[string]bool{}
		for _, text := range texts {
			if token := Token(text); !seen[token] {
				seen[token] = true
				tokens = append(tokens, token)
			}
		}
		return tokens
	}
	if len(sessions) == 0 && len(types) == 0 {
		return []string{prefix + ".>"}
	}
	var subjects []string
	for _, session := range tokens(sessions) {
		for _, eventType := range tokens(types) {
			subjects = append(subjects, prefix+"."+session+"."+eventType)
		}
	}
	return subjects
}
