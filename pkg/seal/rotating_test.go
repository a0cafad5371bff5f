package seal_test

import (
	"testing"

	"auditctl/pkg/seal"
)

// rotatedAt returns a log that is rotated and appended to just before its n-th file is
// opened. The function that it returns reports whether that happened.
func rotatedAt(t *testing.T, l seal.Log, n int, lines string) (seal.Log, func() bool) {
	opened := 0
	reading := seal.WithOpening(l, func() {
		if opened == n {
			rotate(t, l)
			appendTo(t, l.Path, lines)
		}
		opened++
	})
	return reading, func() bool { return opened > n }
}

// A log that is rotated while it is sealed is sealed completely: no file is missed because
// its name has changed.
func TestRotatedWhileSealed(t *testing.T) {
	key := newKey(t, "example.com/audit")
	n := 0
	for came := true; came; n++ {
		l := rotatedLog(t, key)
		for i := range 2 {
			rotate(t, l)
			appendTo(t, l.Path, numbered(500+100*i, 100))
		}
		reading, rotated := rotatedAt(t, l, n, numbered(700, 100))
		mustSeal(t, reading, key)
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact {
			t.Errorf("rotated before file %d: %+v", n, r)
		}
		if sealed := mustSeal(t, l, key); sealed.Tree() != plainRoot(t, textOf(t, l)) {
			t.Errorf("rotated before file %d: %v, want %v", n, sealed, plainRoot(t, textOf(t, l)))
		}
		came = rotated()
	}
	if n < 5 {
		t.Errorf("only %d files were opened", n)
	}
}

// A rotation while a log is verified is not reported as a change.
func TestRotatedWhileVerified(t *testing.T) {
	key := newKey(t, "example.com/audit")
	n := 0
	for came := true; came; n++ {
		l := rotatedLog(t, key)
		reading, rotated := rotatedAt(t, l, n, numbered(500, 50))
		r := verify(t, reading, seal.VerifyOptions{Verifier: key.Verifier})
		came = rotated()
		if r.Verdict != seal.Intact || r.Unsealed != 0 && !(came && r.Unsealed == 50) {
			t.Errorf("rotated before file %d: %+v", n, r)
		}
	}
	if n < 10 {
		t.Errorf("only %d files were opened", n)
	}
}
