package seal_test

import (
	"errors"
	"path/filepath"
	"testing"

	"auditctl/pkg/internal/crashtest"
	"auditctl/pkg/seal"
)

// Whenever the machine crashes, and whatever of what was not synced is there then,
// the next seal goes on. What a seal that came to its end covers is never lost.
func TestCrash(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, c := range []struct {
		name   string
		before func(t *testing.T) seal.Log
		more   string // lines that are not synced yet
	}{
		{"the first", func(t *testing.T) seal.Log { return newLog(t, "") }, numbered(0, 3)},
		{"later", func(t *testing.T) seal.Log { return sealedLog(t, key, 3) }, numbered(3, 2)},
		{"of a tile", func(t *testing.T) seal.Log { return sealedLog(t, key, 255) }, numbered(255, 2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := c.before(t)
			base := filepath.Base(l.Path)
			before := files{base: read(t, l.Path)}
			for name, text := range filesOf(t, l) {
				before[base+".tlog/"+name] = text
			}
			disk := crashtest.New(before)
			disk.Open(base).WriteAt([]byte(c.more), int64(len(before[base])))
			appendTo(t, l.Path, c.more)
			sealed := mustSeal(t, seal.Recorded(l, disk), key)

			done := disk.Mark()
			states := 0
			for crash := range disk.Crashes() {
				states++
				left := seal.Log{Path: filepath.Join(filepath.Dir(l.Path), "left", base)}
				if err := crash.Put(filepath.Dir(left.Path)); err != nil {
					t.Fatal(err)
				}
				if crash.After == done {
					r, err := left.Verify(t.Context(), seal.VerifyOptions{Verifier: key.Verifier})
					if err != nil || r.Verdict != seal.Intact || r.Lines != sealed.N {
						t.Errorf("a seal that came to its end is lost: %v, %+v", err, r)
					}
				} else if _, err := left.Verify(t.Context(), seal.VerifyOptions{}); len(before) > 1 && errors.Is(err, seal.ErrNotSealed) {
					t.Error("an earlier seal is lost")
				}
				if goesOn(t, left, key); t.Failed() {
					t.Fatal(crash.What)
				}
			}
			t.Log(states, "states")
		})
	}
}
