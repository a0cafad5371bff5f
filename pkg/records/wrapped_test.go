package records_test

import (
	"strings"
	"testing"

	"auditctl/pkg/records"
)

func TestWrapped(t *testing.T) {
	for _, test := range []struct {
		text      string
		is, known bool
	}{
		{"", false, false},
		{" \n", false, false},
		{"[", false, true},
		{"{", false, false},
		{`{"Rec`, false, false},
		{`{"Records"`, false, false},
		{`{"Records":`, false, false},
		{`{"Records":[`, true, true},
		{"\ufeff \n{ \"records\" :\n[ {", true, true},
		{`{"Records":{`, false, true},
		{`{"Records",`, false, true},
		{`{"Recorded":[`, false, true},
		{`{"a":1,"Records":[`, false, true},
		{"{" + strings.Repeat(" ", 2<<10), false, true},
		{"{" + strings.Repeat(" ", 2<<10) + `"Records":`, false, true},
	} {
		for n := range test.text {
			if is, known := records.Wrapped([]byte(test.text[:n])); known && (is != test.is || !test.known) {
				t.Errorf("%.20q: known to be %t after %d bytes", test.text, is, n)
			}
		}
		if is, known := records.Wrapped([]byte(test.text)); is != test.is || known != test.known {
			t.Errorf("%.20q: have %t, %t, want %t, %t", test.text, is, known, test.is, test.known)
		}
	}
}
