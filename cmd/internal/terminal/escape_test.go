package terminal_test

import (
	"testing"

	"auditctl/cmd/internal/terminal"
)

// What is shown does not control the terminal, hide, or reverse text, and different
// texts look different.
func TestEscape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                  "",
		"a \\ \"b\" = 'c'":  "a \\ \"b\" = 'c'",
		"rlo\u202elnosj":    `rlo\u202elnosj`,
		"isolate\u2066":     `isolate\u2066`,
		"csi\u009b1m":       `csi\u009b1m`,
		"esc\x1b[1m\r\n\t":  `esc\x1b[1m\r\n\t`,
		"zero\u200bwidth":   `zero\u200bwidth`,
		"join\u200der":      `join\u200der`,
		"\u200cfirst":       `\u200cfirst`,
		"style\ufe0f":       `style\ufe0f`,
		"mark\ufeff":        `mark\ufeff`,
		"line\u2028\u2029":  `line\u2028\u2029`,
		"tag\U000e0041":     `tag\U000e0041`,
		"invalid\xff":       `invalid\xff`,
		"surrogate\xed\xa0": `surrogate\xed\xa0`,
		"replaced\ufffd":    `replaced\ufffd`,
		"tone\U0001f3fb":    `tone\U0001f3fb`,

		"Ünï\u0308 完 👩‍👧 1️⃣ ❤️": "Ünï\u0308 完 👩‍👧 1️⃣ ❤️",
		"می\u200cخواهم":          "می\u200cخواهم",
	} {
		if shown := terminal.Escape(text); shown != want {
			t.Errorf("%+q is shown as %+q, want %+q", text, shown, want)
		}
	}
}
