package redact_test

import (
	"testing"
	"unicode/utf8"

	"auditctl/pkg/events"
	"auditctl/pkg/redact"
)

// What is redacted of any line is valid if the line is, and an event if the line is one. Any
// text can be redacted.
func FuzzAnything(f *testing.F) {
	for _, line := range []string{
		`{"event_type": "x", "x": 1, "y": {"tok_12345678": [4111111111111111]}, "metadata": {"x": 2}}`,
		`{"a": "{\"x\": 1, 'x': [tok_12345678", "event_type": "y"}`,
		"\ufeff{\"event\\u005ftype\": \"\", \"y\": \"\\ud83d\\ude00 \\ud83d PASSWORD=x\"}\r",
		`{"a": "say \"{\\\"x\\\": \\\"y\\\"}\" {'y': 1, 'x': None} C:\\new\\d", "password": ["z"], "y":2 }`,
		`{"metadata": {"redacted": {"x": 1}}, "event_type": "a", "a.*.b": "\u0022y\u0022: 1, \\u0022y\\u0022:"}`,
	} {
		f.Add([]byte(line))
	}
	o := redact.Options{Keys: append(keys("x,a.*.b", redact.Mask), keys("y,event_type", redact.Drop)...), Rules: testRules(), SecretNames: true, Mark: true}
	r := newRedactor(f, o)
	f.Fuzz(func(t *testing.T, text []byte) {
		var s events.Scanner
		valid := s.Scan(text) == nil
		_, err := s.Event()
		got, changed := r.Append(nil, text)
		if valid && changed {
			if bad := s.Scan(got); bad != nil {
				t.Fatalf("%q\nis %q: %v", text, got, bad)
			}
			if _, after := s.Event(); err == nil && after != nil {
				t.Fatalf("%q\nis %q, which is no event: %v", text, got, after)
			}
		}
		if out := r.AppendText(nil, text); utf8.Valid(text) && !utf8.Valid(out) {
			t.Fatalf("%q is %q", text, out)
		}
	})
}
