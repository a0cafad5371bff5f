package keywords_test

import (
	"slices"
	"testing"

	"auditctl/pkg/internal/keywords"
)

func TestFind(t *testing.T) {
	f := keywords.New([]string{"ghp_", "Key", "ey"})
	for text, want := range map[string][]int{
		"":             nil,
		"GHP":          nil,
		"xghp_":        {0},
		"GhP_ KEY":     {0, 1, 2},
		"they\xffkeep": {2},
	} {
		if got := f.Find([]byte(text)); !slices.Equal(got, want) {
			t.Errorf("found %v in %q, want %v", got, text, want)
		}
		if got := f.In([]byte(text)); got != (want != nil) {
			t.Errorf("a keyword is in %q: %v", text, got)
		}
	}
}
