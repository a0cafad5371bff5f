package records_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"auditctl/pkg/events"
	"auditctl/pkg/records"
)

func TestFirst(t *testing.T) {
	for _, test := range []struct{ in, want, err string }{
		{`{"a":1}`, `{"a":1}`, ""},
		{"\ufeff \r\n{\n\"a\": [{}]\n}\n{", "{\n\"a\": [{}]\n}", ""},
		{`{"a":"}\"{"}}`, `{"a":"}\"{"}`, ""},
		{strings.Repeat(" ", 20_000) + `{}`, `{}`, ""},
		{`{"a":"` + strings.Repeat("x", 92) + `"}`, `{"a":"` + strings.Repeat("x", 92) + `"}`, ""},
		{`{"a":"` + strings.Repeat("x", 93) + `"}`, "", "column 1: line longer than 100 bytes"},
		{``, ``, "EOF"},
		{"\ufeff\n ", ``, "EOF"},
		{`{"a":`, `{"a":`, "unexpected EOF"},
		{`[{}]`, `[`, "column 1: not an object"},
		{`{"a":]`, `{"a":]`, "column 6: unexpected ]"},
	} {
		for _, split := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader, iotest.HalfReader} {
			have, err := records.First(split(strings.NewReader(test.in)), 100)
			said := ""
			if err != nil {
				said = err.Error()
			}
			if said != test.err || !strings.HasPrefix(string(have), test.want) || err == nil && string(have) != test.want {
				t.Errorf("%.50q: have %.50q, %v", test.in, have, err)
			}
		}
	}
	broken := errors.New("broken")
	if have, err := records.First(io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)), events.DefaultMaxLine); err != broken || string(have) != "{" {
		t.Errorf("have %q, %v", have, err)
	}
}
