package cmd_test

import (
	"runtime"
	"strings"
	"testing"
)

// What messages name is shown as the views show it: nothing of it drives the
// terminal, hides or turns the text around, and different names are shown differently.
func TestMessagesEscaped(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no file can have such a name")
	}
	for name, want := range map[string]string{
		"rlo\u202elnosj.jsonl":   `rlo\u202elnosj.jsonl`,
		"isolate\u2066.jsonl":    `isolate\u2066.jsonl`,
		"csi\u009b1m.jsonl":      `csi\u009b1m.jsonl`,
		"esc\x1b[1m\r\n.jsonl":   `esc\x1b[1m\r\n.jsonl`,
		"zero\u200bwidth.jsonl":  `zero\u200bwidth.jsonl`,
		"join\u200der.jsonl":     `join\u200der.jsonl`,
		"\u200cfirst.jsonl":      `\u200cfirst.jsonl`,
		"style\ufe0f.jsonl":      `style\ufe0f.jsonl`,
		"mark\ufeff.jsonl":       `mark\ufeff.jsonl`,
		"line\u2028\u2029.jsonl": `line\u2028\u2029.jsonl`,
		"tag\U000e0041.jsonl":    `tag\U000e0041.jsonl`,
		"invalid\xff.jsonl":      `invalid\xff.jsonl`,
		"surrogate\xed\xa0\x80":  `surrogate\xed\xa0\x80`,
		"replaced\ufffd.jsonl":   `replaced\ufffd.jsonl`,
		"Ünï\u0308 完 👩‍👧 1️⃣ ❤️": "Ünï\u0308 完 👩‍👧 1️⃣ ❤️",
		"می\u200cخواهم":          "می\u200cخواهم",
	} {
		status, _, stderr := run(nil, "filter", name)
		if message := "auditctl: open " + want + ": no such file or directory\n"; status != 2 || stderr != message {
			t.Errorf("status %d, %+q, want %+q", status, stderr, message)
		}
	}
}

// There is no other way for a message.
func TestEveryMessageEscaped(t *testing.T) {
	const rlo = "\u202e"
	for _, args := range [][]string{
		{"no" + rlo},
		{"filter", "--no" + rlo},
		{"filter", "-" + rlo},
		{"filter", "--jobs", rlo},
		{"filter", "--since", rlo},
		{"filter", "-F", rlo},
		{"filter", "-w", rlo},
		{"filter", "-w", `error("` + rlo + `")`},
		{"filter", "--rejects", rlo + "/x"},
		{"tee", "x" + rlo + "://y"},
		{"tee", rlo + "/x"},
		{"tee", "nats://h/" + rlo},
		{"emit", "no" + rlo},
		{"emit", "base", "--print", rlo},
		{"completion", "no" + rlo},
		{"verify", "no" + rlo},
		{"seal", "--key", "no" + rlo, "x"},
		{"prove", "--line=1", "no" + rlo},
		{"keygen", "-o", rlo + "/x", "key"},
		{"repair", "--in-place", "no" + rlo},
	} {
		_, stdout, stderr := run(strings.NewReader(lineA), args...)
		if strings.Contains(stdout+stderr, rlo) || !strings.Contains(stderr, `\u202e`) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%+q: %+q %+q", args, stdout, stderr)
		}
	}
}
