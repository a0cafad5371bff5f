package cmd_test

import (
	"strings"
	"testing"
)

// All messages are escaped, whatever they name.
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
