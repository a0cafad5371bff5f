package cmd

import (
	"fmt"
	"strings"

	"auditctl/cmd/internal/match"
)

// notOneOf says which of some words was meant, or that it must be one of them.
func notOneOf(typed string, words ...string) error {
	if like := likeWord(typed, words); like != "" {
		return remedyf("did you mean %s?", like)
	}
	return fmt.Errorf("want %s", list(words, "or"))
}

// wrongWord is the error about the value of a flag, which may be one of these words or
// what err says.
func wrongWord(flag, typed string, words []string, err error) error {
	for part := range strings.SplitSeq(typed, "..") { // of severities
		if like := likeWord(strings.ToLower(part), words); like != "" {
			return remedyf("--%s %q: did you mean %s?", flag, part, like)
		}
	}
	return remedyf("--%s: %w", flag, err)
}

// likeWord returns the word that is spelled nearly like one that was typed, or that alone
// begins like it.
func likeWord(typed string, words []string) string {
	if like := match.Similar(typed, words); like != "" || typed == "" {
		return like
	}
	begin := ""
	for _, word := range words {
		switch {
		case !strings.HasPrefix(word, typed) || word == typed:
		case begin != "":
			return ""
		default:
			begin = word
		}
	}
	return begin
}

// list lists words, with a conjunction before the last: a, b or c.
func list(words []string, conjunction string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}
