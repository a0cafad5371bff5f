package seal_test

import (
	"testing"

	"auditctl/pkg/seal"
)

// Lines are parsed in any order, and are written back in one.
func TestParseLines(t *testing.T) {
	for text, want := range map[string]string{
		"3":                   "3",
		"3,17-20":             "3,17-20",
		"17-20, 3":            "3,17-20",
		"3,3,4,2":             "2-4",
		"1-5,2-3,6":           "1-6",
		"5-5":                 "5",
		"9223372036854775807": "9223372036854775807",
	} {
		lines, err := seal.ParseLines(text)
		if err != nil || lines.String() != want {
			t.Errorf("%q: %v, %v; want %s", text, lines, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                    `"": want numbers of lines, counted from 1, and ranges of them, such as 3,17-20`,
		"0":                   `"0": want numbers of lines, counted from 1, and ranges of them, such as 3,17-20`,
		"3,":                  `"3,": want numbers of lines, counted from 1, and ranges of them, such as 3,17-20`,
		"-3":                  `"-3": want numbers of lines, counted from 1, and ranges of them, such as 3,17-20`,
		"3-":                  `"3-": want numbers of lines, counted from 1, and ranges of them, such as 3,17-20`,
		"+3":                  `"+3": want numbers of lines, counted from 1, and ranges of them, such as 3,17-20`,
		"5-3":                 "5-3: the range ends before it begins",
		"5-4":                 "5-4: the range ends before it begins",
		"9223372036854775808": "9223372036854775808: no log has that many lines",
	} {
		if lines, err := seal.ParseLines(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, %v; want %s", text, lines, err, want)
		}
	}
	lines, _ := seal.ParseLines("3,17-20")
	if lines.Count() != 5 || lines.Has(2) || !lines.Has(3) || lines.Has(4) || !lines.Has(18) || lines.Has(21) {
		t.Errorf("%v: %d lines", lines, lines.Count())
	}
}
