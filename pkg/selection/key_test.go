package selection_test

import (
	"fmt"
	"slices"
	"testing"

	"auditctl/pkg/selection"
)

func TestParseKeys(t *testing.T) {
	for _, test := range []struct {
		list string
		want []selection.Key
		text string // of the first
	}{
		{"a", []selection.Key{{"a"}}, "a"},
		{"a,b", []selection.Key{{"a"}, {"b"}}, "a"},
		{" a,  b", []selection.Key{{"a"}, {"b"}}, "a"},
		{"a.b.0,c", []selection.Key{{"a", "b", "0"}, {"c"}}, "a.b.0"},
		{`a\.b`, []selection.Key{{"a.b"}}, `a\.b`},
		{`a\,b,c`, []selection.Key{{"a,b"}, {"c"}}, `a\,b`},
		{`a\\,b`, []selection.Key{{`a\`}, {"b"}}, `a\\`},
		{`\a=b`, []selection.Key{{"a=b"}}, "a=b"},
		{"a.", []selection.Key{{"a", ""}}, "a."},
		{"a , b ", []selection.Key{{"a"}, {"b"}}, "a"},
		{`a\ ,b`, []selection.Key{{"a "}, {"b"}}, `a\ `},
		{`\  ,b`, []selection.Key{{" "}, {"b"}}, `\ `},
		{`\ \ a  \ `, []selection.Key{{"  a   "}}, `\  a  \ `},
		{`a\\\ `, []selection.Key{{`a\ `}}, `a\\\ `},
		{`a\\ `, []selection.Key{{`a\`}}, `a\\`},
		{"é. b", []selection.Key{{"é", " b"}}, "é. b"},
	} {
		keys, err := selection.ParseKeys(test.list)
		if fmt.Sprintf("%q", keys) != fmt.Sprintf("%q", test.want) || err != nil {
			t.Errorf("%s: %q, %v, want %q", test.list, keys, err, test.want)
			continue
		}
		text := keys[0].String()
		again, err := selection.ParseKeys(text)
		if text != test.text || err != nil || len(again) != 1 || !slices.Equal(again[0], keys[0]) {
			t.Errorf("%q is spelled %q, which is %q, %v", keys[0], text, again, err)
		}
	}
	for _, list := range []string{"", ",", "a,", ",a", "a,,b", ".a", "a,.b"} {
		if keys, err := selection.ParseKeys(list); err == nil {
			t.Errorf("%q was taken for %q", list, keys)
		}
	}
}
