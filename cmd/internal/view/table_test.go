package view_test

import (
	"strings"
	"testing"

	"auditctl/cmd/internal/view"
	"auditctl/pkg/selection"
)

// Columns share the width of the terminal: the widest become narrower, of equal ones the
// first one first. Later values may be wider.
func TestTable(t *testing.T) {
	t.Parallel()
	keys, err := selection.ParseKeys("a,b,n")
	if err != nil {
		t.Fatal(err)
	}
	for width, want := range map[int]string{
		0: "a         b         n\n" +
			"12345678  12345678  1\n" +
			"1234567890  -         10\n",
		10: "a   b    n\n" + // 5 are left for a and b, then 4
			"1…  12…  1\n" +
			"1…  -   10\n",
		17: "a       b       n\n" + // 12 are left, then 11
			"12345…  12345…  1\n" +
			"1234…  -       10\n",
	} {
		v := view.NewTable(view.Options{Width: width}, keys)
		var shown []byte
		shown = v.Arrange(shown, []byte(`{"event_type": "x", "a": "12345678", "b": "12345678", "n": 1}`+"\n"))
		shown = v.Arrange(shown, nil)
		shown = v.Arrange(shown, []byte(`{"event_type": "x", "a": "1234567890", "n": 10}`+"\n"))
		if got := string(v.Rest(shown)); got != want {
			t.Errorf("%d columns:\n%s\nwant\n%s", width, strings.ReplaceAll(got, " ", "·"), want)
		}
	}
}
