package redact_test

import (
	"testing"

	"auditctl/pkg/redact"
)

// What a value has by its name is found beside what it has by its shape.
func TestNamedBesideShape(t *testing.T) {
	r := builtin(t, redact.Options{SecretNames: true})
	key := "AK" + "IAZ7Q2XN4RT5WKLM3P"
	got := redacted(t, r, `{"x-token": "q7Zr93kLmVt4bN0s `+key+`"}`)
	if want := `{"x-token": "[redacted]"}`; got != want {
		t.Errorf("is %s, want %s", got, want)
	}
}
