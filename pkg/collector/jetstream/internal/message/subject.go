package message

import (
	"crypto/sha256"
	"encoding/base64"

	"auditctl/pkg/events"
)

// maxToken is how long a token may become: subjects should stay below 256 bytes.
const maxToken = 96

const (
	absent = "-" // the token of an id that an event lacks, and of lines that are no events
	empty  = "%" // the token of a text of no characters
)

// Token returns text as one token of a subject. ASCII letters, digits and _ stay;
// - stays, but for a text that is nothing else; any other byte is written as
// %XX. The empty text is %. A token of more than 96 bytes is cut, and ends with ~
// and a hash of the whole text, so that two texts never share a token.
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

// appendSubject appends the subject of an event of a session and type.
func appendSubject(dst []byte, prefix string, session events.Value, eventType string) []byte {
	dst = append(append(dst, prefix...), '.')
	if session.NonNull() == nil {
		dst = append(dst, absent...)
	} else {
		dst = appendToken(dst, session.String())
	}
	return appendToken(append(dst, '.'), eventType)
}

// subjectOfOthers is the subject of lines that are no events.
func subjectOfOthers(prefix string) string { return prefix + "." + absent + "." + absent }

// Filters returns the subjects of events that have one of the sessions
// and one of the types; none of the one or the other stands for all.
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
