package redact_test

import (
	"testing"

	"auditctl/pkg/redact"
)

func FuzzText(f *testing.F) {
	f.Add([]byte(`{"a": "{\"x\": 1, 'x': [tok_12345678`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := newRedactor(t, redact.Options{Keys: append(keys("x,a.*.b", redact.Mask), keys("y", redact.Drop)...), Rules: testRules(t), SecretNames: true})
		r.Append(nil, text)
		r.AppendText(nil, text)
	})
}
