package seal_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"auditctl/pkg/seal"
)

// Several goroutines and processes seal a log while others append to it and verify it: it
// is always intact.
func TestAllAtOnce(t *testing.T) {
	secret, verifier, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		t.Fatal(err)
	}
	key := parseKeys(t, secret, verifier)
	l := seal.Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	write(t, l.Path, numbered(0, 200))
	mustSeal(t, l, key)

	var done atomic.Bool
	var others, ours sync.WaitGroup
	for range 2 {
		cmd := sealingProcess(t, l, secret, 8)
		others.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	for range 2 {
		ours.Go(func() {
			for !done.Load() {
				if _, err := l.Seal(context.Background(), key.Key, seal.Options{}); err != nil {
					t.Errorf("seal: %v", err)
					return
				}
			}
		})
	}
	ours.Go(func() {
		for last := int64(0); !done.Load(); {
			r, err := l.Verify(context.Background(), seal.VerifyOptions{Verifier: key.Verifier})
			if err != nil || r.Verdict != seal.Intact || r.Lines < last {
				t.Errorf("verify, after %d lines: %v, %+v", last, err, r)
				return
			}
			last = r.Lines
		}
	})
	for i := range 100 {
		appendTo(t, l.Path, numbered(1000*i, 37))
	}
	others.Wait()
	done.Store(true)
	ours.Wait()
	r, err := l.Verify(context.Background(), seal.VerifyOptions{Verifier: key.Verifier})
	if err != nil || r.Verdict != seal.Intact {
		t.Errorf("verify at the end: %v, %+v", err, r)
	}
	goesOn(t, l, key)
}
