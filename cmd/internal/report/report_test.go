package report_test

import (
	"errors"
	"strings"
	"testing"

	"auditctl/cmd/internal/report"
)

// A message is one line without hidden characters and passwords.
func TestMessages(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := report.New("auditctl", &out)
	r.Printf("open %s: %v", "a\u202e\nb", errors.New("no such file"))
	r.Printf("open nats:/me:secret@host/S and https://me:secret@host/")
	if r.Failed() {
		t.Error("failed without an error")
	}
	r.Errorf("%d", 1)
	if !r.Failed() {
		t.Error("not failed after an error")
	}
	want := `auditctl: open a\u202e\nb: no such file` + "\n" +
		"auditctl: open nats:/xxxxx@host/S and https://xxxxx@host/\n" +
		"auditctl: 1\n"
	if out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
}

// A log record of the library is a message of one line, with its attributes.
func TestLogger(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	r := report.New("auditctl", &out)
	r.Logger("a.jsonl").Warn("gone: waiting for another")
	r.Logger("").Warn("a.gz is damaged at its end")
	r.Logger("x").With("k", 1).Info("m", "text", "a\nb")
	r.Logger("x").Debug("no message")
	want := "auditctl: a.jsonl: gone: waiting for another\n" +
		"auditctl: a.gz is damaged at its end\n" +
		`auditctl: x: m k=1 text=a\nb` + "\n"
	if out.String() != want || r.Failed() {
		t.Errorf("%q, failed %t, want %q", &out, r.Failed(), want)
	}
}

// What may be secret in an address is left out.
func TestRedacted(t *testing.T) {
	t.Parallel()
	for dest, want := range map[string]string{
		"nats://host/S":                           "nats://host/S",
		"nats://me:pass@host/S":                   "nats://xxxxx@host/S",
		"nats://me:p@ss@host/S":                   "nats://xxxxx@host/S",
		"nats://me:p?ss@host/S":                   "nats://xxxxx",
		"nats://host/S?creds=a.creds&key=b.pem":   "nats://host/S?creds=a.creds&key=b.pem",
		"otlp+http://host/?key=abc&gzip=no":       "otlp+http://host/?key=xxxxx&gzip=no",
		"otlp+http://host/?api%54oken=abc&x&%=1&": "otlp+http://host/?api%54oken=xxxxx&xxxxx&xxxxx&",
	} {
		if got := report.Redacted(dest); got != want {
			t.Errorf("%s: %s, want %s", dest, got, want)
		}
	}
}

// A name from a log is one word, in quotes if need be, and not long.
func TestReadable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"rm":                     "rm",
		"":                       `""`,
		"a b":                    `"a b"`,
		`a "b"`:                  `'a "b"'`,
		strings.Repeat("é", 400): strings.Repeat("é", 150) + "…",
	} {
		if got := report.Readable(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
