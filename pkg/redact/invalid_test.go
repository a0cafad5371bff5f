package redact_test

import (
	"testing"

	"auditctl/pkg/redact"
)

// An invalid line leaves its length and hash, however it comes.
func TestInvalidLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		options redact.Options
		want    string
	}{
		{redact.Options{}, `{"invalid_line": {"bytes": 3, "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}`},
		{redact.Options{Secret: []byte("0123456789abcdef")}, `{"invalid_line": {"bytes": 3, "hmac-sha256": "bcaa92843247bc258080d2824bddeba4afb1bd61b4688ca65f60a214e1d9759e"}}`},
		{redact.Options{RawInvalid: true}, "abc"},
	} {
		r, err := redact.New(c.options)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.AppendInvalid(nil, []byte("abc"))); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		if c.options.RawInvalid {
			continue
		}
		l := r.NewInvalid()
		l.Write([]byte("a"))
		l.Write([]byte("bc"))
		if got := string(l.Append(nil)); got != c.want {
			t.Errorf("in pieces: %s, want %s", got, c.want)
		}
	}
}
