package terminal_test

import (
	"bytes"
	"testing"

	"auditctl/cmd/internal/terminal"
)

// What is remembered of characters changes nothing: texts of any two or three of them are
// taken apart as by Cluster.
func FuzzClusters(f *testing.F) {
	chars := []string{"a", "1", `"`, "\x00", "\n", "\xff", "é", "e\u0301", "\u0301", "—", "→", "█", "完", "한", "\u1100", "\u1161", "\u11a8", "각",
		"😀", "🏽", "👩", "\u200d", "\ufe0f", "🇩", "🇪", "ก", "ำ", "\u0600", "\u0e33", "क", "\u094d", "ष", "\u202e", "\ufffd", "\u00ad", "\u0085", "©", "⃣"}
	for _, a := range chars {
		for _, b := range chars {
			f.Add([]byte(a+b+a), byte('"'))
		}
	}
	var c terminal.Clusters
	f.Fuzz(func(t *testing.T, text []byte, quote byte) {
		rest, state, remembered := text, -1, -1
		for len(rest) > 0 {
			wantShown, wantRest, wantColumns, wantState := terminal.Cluster(rest, quote, state)
			shown, after, columns, newState := c.First(rest, quote, remembered)
			if !bytes.Equal(shown, wantShown) || !bytes.Equal(after, wantRest) || columns != wantColumns {
				t.Fatalf("%q of %q: %q in %d columns, want %q in %d", rest, text, shown, columns, wantShown, wantColumns)
			}
			rest, state, remembered = after, wantState, newState
		}
	})
}
