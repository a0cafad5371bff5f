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

// A rotation waits for its file to be sealed, but not longer than it may.
func TestSealerRotationTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(log, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		var said buffer
		opts := options(&said)
		opts.Files.Rotate.Size = int64(len(line))
		opts.Seal = &fanout.Seal{
			Files:        []string{log},
			Late:         true,
			RotationTime: time.Second,
			Seal: func(ctx context.Context, _ string, o seal.Options) (seal.Sealed, error) {
				if o.Closing {
					select {
					case <-ctx.Done():
					case <-time.After(time.Hour):
					}
				}
				return seal.Sealed{}, ctx.Err()
			},
		}
		start := time.Now()
		set := fanout.New(opts)
		to, err := set.Add(fanout.Role{}, log)
		if err := errors.Join(err, set.Open(t.Context()), set.Send([]fanout.Delivery{{To: to, Lines: []byte(line)}})); err != nil {
			t.Fatal(err)
		}
		set.Close()
		if took := time.Since(start); took != time.Second || said.String() != "" {
			t.Errorf("after %v, said %q", took, &said)
		}
		if have, err := os.ReadFile(log + ".1"); string(have) != line {
			t.Errorf("rotated %q, %v", have, err)
		}
	})
}
