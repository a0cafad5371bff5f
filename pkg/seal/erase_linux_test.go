package seal_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"auditctl/pkg/collector"
	"auditctl/pkg/seal"
)

// Nothing is erased while somebody has a file of the log open, also to read it.
func TestEraseWhileOpen(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 3)
	text := read(t, l.Path)
	f, err := os.Open(l.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := l.Erase(t.Context(), key.Key, erasing(t, "2")); !errors.Is(err, seal.ErrOpen) || read(t, l.Path) != text {
		t.Errorf("%v, the log is %s", err, read(t, l.Path))
	}
	o := erasing(t, "2")
	o.Offline = true
	mustErase(t, l, key, o)
}

// Collectors that write while lines are erased lose none: they write to the new file.
func TestEraseWhileWritten(t *testing.T) {
	key := newKey(t, "example.com/audit")
	const writers, lines = 3, 100
	text := numbered(0, lines)
	l := newLog(t, text)
	mustSeal(t, l, key)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range lines {
				j, err := collector.OpenJSONL(l.Path, nil)
				if err != nil {
					t.Error(err)
					return
				}
				err = j.EmitLines(fmt.Appendf(nil, `{"event_type": "x", "by": "%d-%d"}`+"\n", w, i))
				if err := errors.Join(err, j.Close()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	erased := 0
	for line := 1; line <= lines; line++ {
		switch _, err := l.Erase(t.Context(), key.Key, erasing(t, fmt.Sprint(line))); {
		case err == nil:
			erased++
		case !errors.Is(err, seal.ErrOpen): // they may have it open again and again
			t.Fatal(err)
		}
		select {
		case <-done:
			line = lines
		default:
		}
	}
	<-done
	got := read(t, l.Path)
	if n := strings.Count(got, "\n"); n != (writers+1)*lines {
		t.Errorf("%d lines, want %d", n, (writers+1)*lines)
	}
	for w := range writers {
		for i := range lines {
			if by := fmt.Sprintf(`"%d-%d"`, w, i); strings.Count(got, by) != 1 {
				t.Errorf("%s is there %d times", by, strings.Count(got, by))
			}
		}
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Erased() != int64(erased) {
		t.Errorf("erased %d: %+v", erased, r)
	}
}

// Who is about to open the file when it is replaced loses nothing: neither a collector, nor
// another program, which does not look where its file is.
func TestEraseWhileOpened(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for name, write := range map[string]func(path string){
		"a collector": func(path string) {
			j, err := collector.OpenJSONL(path, nil)
			if err == nil {
				err = errors.Join(j.EmitLines([]byte("late\n")), j.Close())
			}
			if err != nil {
				t.Error(err)
			}
		},
		"another program": func(path string) { appendTo(t, path, "late\n") },
	} {
		l := sealedLog(t, key, 3)
		var all sync.WaitGroup
		path := l.Path
		l = seal.WithRenaming(l, func() {
			all.Go(func() { write(path) })
			await(t, "the lease to be broken", func() bool { return isBreaking(t, path) })
		})
		mustErase(t, l, key, erasing(t, "2"))
		all.Wait()
		if got := read(t, path); got != withErased(t, numbered(0, 3), "2")+"late\n" {
			t.Errorf("%s: the log is %s", name, got)
		}
	}
}

// isBreaking reports whether somebody waits for a lease on a file.
func isBreaking(t *testing.T, path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	inode := fmt.Sprintf(":%d ", st.Sys().(*syscall.Stat_t).Ino)
	for line := range strings.Lines(read(t, "/proc/locks")) {
		if strings.Contains(line, inode) && strings.Contains(line, "BREAKING") {
			return true
		}
	}
	return false
}

// await waits for a condition.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Fatal("waited in vain for ", what)
		}
	}
}
