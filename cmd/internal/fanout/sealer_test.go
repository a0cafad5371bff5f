package fanout_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/seal"
)

// Files are sealed at the start, at intervals, and at the end. A failure is reported
// once, and so is its end.
func TestSealer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		old, fresh := filepath.Join(t.TempDir(), "old"), filepath.Join(t.TempDir(), "new")
		if err := os.WriteFile(old, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		var said, sealed buffer
		start := time.Now()
		opts := options(&said)
		opts.Seal = &fanout.Seal{
			Files: []string{old, fresh, os.DevNull},
			Every: 10 * time.Second,
			Seal: func(_ context.Context, path string, o seal.Options) (seal.Sealed, error) {
				sealed.Write([]byte(filepath.Base(path) + " " + time.Since(start).String() + "\n"))
				if at := time.Since(start); path == old && at > 15*time.Second && at < 35*time.Second {
					return seal.Sealed{}, errors.New("old: no")
				}
				return seal.Sealed{Unended: path == fresh}, nil
			},
		}
		set := fanout.New(opts)
		_, err := set.Add(fanout.Role{}, old, fresh, os.DevNull)
		if err := errors.Join(err, set.Open(t.Context())); err != nil {
			t.Fatal(err)
		}
		time.Sleep(45 * time.Second)
		set.Close()
		want := "old 0s\n"
		for _, at := range []string{"10s", "20s", "30s", "40s", "45s"} {
			want += "old " + at + "\nnew " + at + "\n"
		}
		if sealed.String() != want {
			t.Errorf("sealed %q, want %q", &sealed, want)
		}
		want = "test: old: no\ntest: " + old + " is sealed again\ntest: " + fresh + ": " + fanout.NotSealedYet + "\n"
		if said.String() != want || !opts.Reports.Failed() || strings.Contains(sealed.String(), "null") {
			t.Errorf("said %q, want %q; failed: %t", &said, want, opts.Reports.Failed())
		}
	})
}
