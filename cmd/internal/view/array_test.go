package view_test

import (
	"testing"

	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
)

// An array is valid however many elements it has and however they come, and an element is
// passed on with its event.
func TestArray(t *testing.T) {
	t.Parallel()
	const a, b, c = `{"n":1.0}`, `{"n": 2}`, `{"n":3}`
	for _, test := range []struct {
		blocks [][]string
		want   []string
	}{
		{nil, []string{"[]\n"}},
		{[][]string{{}, {}}, []string{"", "", "[]\n"}},
		{[][]string{{a}}, []string{"[\n" + a, "\n]\n"}},
		{[][]string{{a, b}, {}, {c}}, []string{"[\n" + a + ",\n" + b, "", ",\n" + c, "\n]\n"}},
		{[][]string{{}, {a}, {b}}, []string{"", "[\n" + a, ",\n" + b, "\n]\n"}},
		{[][]string{{"\ufeff \t" + a + " \r"}}, []string{"[\n" + a, "\n]\n"}},
	} {
		var v view.Array
		var have []string
		for _, lines := range test.blocks {
			var elements []byte
			for _, line := range lines {
				var s events.Scanner
				if err := s.Scan([]byte(line)); err != nil {
					t.Fatal(err)
				}
				elements = v.AppendElement(elements, &s)
			}
			have = append(have, string(v.Arrange(nil, elements)))
		}
		have = append(have, string(v.Rest(nil)))
		if rest := v.Rest(nil); len(rest) > 0 {
			t.Errorf("%q: goes on with %q", test.blocks, rest)
		}
		for i := range have {
			if have[i] != test.want[i] {
				t.Errorf("%q: have %q, want %q", test.blocks, have, test.want)
				break
			}
		}
	}
}
