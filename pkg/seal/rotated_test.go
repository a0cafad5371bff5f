package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"auditctl/pkg/collector"
	"auditctl/pkg/compress"
	"auditctl/pkg/seal"
)

// emit appends lines to a log as a collector that rotates it.
func emit(t *testing.T, l seal.Log, rotation collector.Rotation, lines string) {
	t.Helper()
	j, err := collector.OpenJSONL(l.Path, &collector.JSONLOptions{Sync: collector.SyncNever, Rotate: rotation})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(lines) {
		if err := j.EmitLines([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// A log that its collector rotates and compresses is one log, and can be verified by its
// path alone.
func TestRotatedByCollector(t *testing.T) {
	key := newKey(t, "example.com/audit")
	o := seal.VerifyOptions{Verifier: key.Verifier}
	for _, format := range []compress.Format{compress.None, compress.Gzip, compress.Zstd} {
		t.Run("compressed"+string(format), func(t *testing.T) {
			// Not in /dev/shm: collectors do not rotate below /dev.
			l := seal.Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
			write(t, l.Path, numbered(0, 10))
			mustSeal(t, l, key)
			text := read(t, l.Path)
			for i, n := range []int{0, 5, 100, 300, 0, 1000, 1, 100} {
				more := numbered(len(text), n)
				text += more
				emit(t, l, collector.Rotation{Size: 8000, Compress: format}, more)
				sealed := mustSeal(t, l, key)
				if want := plainRoot(t, text); sealed.Tree() != want || sealed.New != int64(n) {
					t.Fatalf("step %d: %+v, want %v", i, sealed, want)
				}
				if r := verify(t, l, o); r.Verdict != seal.Intact || r.Lines != sealed.Lines() || r.Unsealed != 0 {
					t.Fatalf("step %d: %+v", i, r)
				}
				isManifestOf(t, l, key.Verifier)
			}
			if !exists(l.Path + ".7" + string(format)) {
				t.Error("the log was rotated less often")
			}
			more := numbered(len(text), 1000)
			emit(t, l, collector.Rotation{Size: 8000, Compress: format}, more)
			if r := verify(t, l, o); r.Verdict != seal.Intact || r.Unsealed != 1000 {
				t.Errorf("with unsealed files: %+v", r)
			}
		})
	}
}

// isManifestOf checks the files in the manifest of a log.
func isManifestOf(t *testing.T, l seal.Log, v note.Verifier) {
	t.Helper()
	n, err := note.Open([]byte(read(t, l.Path+".tlog/manifest")), note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(n.Text, "\n")[5:] {
		if line == "" {
			break
		}
		var lines, size int
		var name string
		if _, err := fmt.Sscanf(line, "file %d %d %q", &lines, &size, &name); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		path := filepath.Join(filepath.Dir(l.Path), name)
		for _, suffix := range []string{"", ".gz", ".zst"} {
			if exists(path + suffix) {
				path += suffix
				break
			}
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(compress.NewReader(f))
		f.Close()
		if err != nil || len(text) != size || bytes.Count(text, []byte("\n")) != lines {
			t.Errorf("%s has %d lines in %d bytes, the manifest says %q: %v", path, bytes.Count(text, []byte("\n")), len(text), line, err)
		}
	}
}

// copyTruncate rotates a log as logrotate does with copytruncate.
func copyTruncate(t testing.TB, l seal.Log) {
	t.Helper()
	text := read(t, l.Path)
	rotate(t, l)
	write(t, l.Path+".1", text)
}

func TestRotatedByOthers(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, c := range []struct {
		name   string
		rotate func(t testing.TB, l seal.Log)
	}{{"renamed", rotate}, {"copied", copyTruncate}} {
		t.Run(c.name, func(t *testing.T) {
			l := sealedLog(t, key, 300)
			text := read(t, l.Path)
			for i, pieces := range [][]int{{0}, {0, 0}, {100, 0}, {0, 100}, {1, 500, 300}, {255, 1, 256, 0}, {7}} {
				for j, n := range pieces {
					if j > 0 {
						c.rotate(t, l)
					}
					more := numbered(len(text), n)
					text += more
					appendTo(t, l.Path, more)
				}
				sealed := mustSeal(t, l, key)
				if want := plainRoot(t, text); sealed.Tree() != want {
					t.Fatalf("step %d: %+v, want %v", i, sealed, want)
				}
				if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Unsealed != 0 {
					t.Fatalf("step %d: %+v", i, r)
				}
			}
		})
	}
}

// A log that was just rotated and not yet recreated can be sealed.
func TestRotatedNotRecreated(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 300)
	appendTo(t, l.Path, numbered(300, 10))
	move(t, l.Path, l.Path+".1")
	if sealed := mustSeal(t, l, key); sealed.Lines() != 310 {
		t.Errorf("%+v", sealed)
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Lines != 310 {
		t.Errorf("%+v", r)
	}
	write(t, l.Path, numbered(310, 10))
	if sealed := mustSeal(t, l, key); sealed.Lines() != 320 || sealed.New != 10 {
		t.Errorf("%+v", sealed)
	}
}

// Files with the same lines are not confused, even if the log was sealed while it was
// empty.
func TestRotatedSameLines(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for name, o := range map[string]seal.Options{"closing": {Closing: true}, "not closing": {}} {
		l := sealedLog(t, key, 0)
		const lines = "a\nb\n"
		for i := range 4 {
			appendTo(t, l.Path, lines)
			if _, err := l.Seal(t.Context(), key.Key, o); err != nil {
				t.Fatal(err)
			}
			rotate(t, l)
			mustSeal(t, l, key)
			r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier})
			if want := int64(2*i + 2); r.Verdict != seal.Intact || r.Lines != want {
				t.Errorf("%s, file %d: %+v", name, i, r)
			}
		}
	}
}

// rotatedLog returns a sealed log of 5 files with 100 lines each.
func rotatedLog(t *testing.T, key keyPair) seal.Log {
	t.Helper()
	l := sealedLog(t, key, 100)
	for i := range 4 {
		rotate(t, l)
		appendTo(t, l.Path, numbered(100*(i+1), 100))
		if i%2 == 0 {
			mustSeal(t, l, key)
		}
	}
	mustSeal(t, l, key)
	isManifestOf(t, l, key.Verifier)
	return l
}

// Only the oldest files of a log may be gone, and only if that is allowed.
func TestRotatedFilesGone(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, c := range []struct {
		gone   string
		line   int64 // the first missing line
		pruned int64 // how many lines may be gone; 0 if that is not allowed
	}{
		{"4", 1, 100},
		{"4 3", 1, 200},
		{"4 3 2 1", 1, 400},
		{"3", 101, 0},
		{"1", 301, 0},
		{"4 2", 1, 0},
		{"0", 401, 0},
		{"4 0", 1, 0},
	} {
		t.Run(c.gone, func(t *testing.T) {
			l := rotatedLog(t, key)
			for _, n := range strings.Fields(c.gone) {
				path := strings.TrimSuffix(l.Path+"."+n, ".0")
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			}
			o := seal.VerifyOptions{Verifier: key.Verifier}
			if r := verify(t, l, o); r.Verdict != seal.Truncated || r.Line != c.line || r.Pruned != 0 {
				t.Errorf("%+v", r)
			}
			o.AllowPruned = true
			r := verify(t, l, o)
			if c.pruned == 0 {
				if r.Verdict != seal.Truncated {
					t.Errorf("pruned: %+v", r)
				}
				return
			}
			if r.Verdict != seal.Intact || r.Pruned != c.pruned || r.Line != 0 || r.Lines != 500 {
				t.Errorf("pruned: %+v", r)
			}

			// What is left is still protected, and can be continued.
			appendTo(t, l.Path, numbered(500, 100))
			if sealed := mustSeal(t, l, key); sealed.Tree() != plainRoot(t, numbered(0, 600)) {
				t.Errorf("%+v", sealed)
			}
			if _, err := l.Seal(context.Background(), key.Key, seal.Options{Full: true}); err != nil {
				t.Errorf("full: %v", err)
			}
			if r := verify(t, l, o); r.Verdict != seal.Intact || r.Lines != 600 {
				t.Errorf("with more: %+v", r)
			}
			write(t, l.Path, strings.Replace(read(t, l.Path), `"n": 455}`, `"n": 456}`, 1))
			if r := verify(t, l, o); r.Verdict != seal.Changed || r.Line != 456 {
				t.Errorf("with a changed line: %+v", r)
			}
		})
	}
}

// A changed line in any of the files is reported by its number in the whole log.
func TestRotatedFilesChanged(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := rotatedLog(t, key)
	for file := range 5 {
		path := l.Path
		if file < 4 {
			path = fmt.Sprintf("%s.%d", l.Path, 4-file)
		}
		text := read(t, path)
		for _, i := range []int{0, 1, 50, 99} {
			n := 100*file + i
			line := numbered(n, 1)
			for _, by := range []string{numbered(7777, 1), "", line + "\n", line[:5] + "\n" + line[5:]} {
				changed := strings.Replace(text, line, by, 1)
				if strings.HasPrefix(changed, text) {
					// At the end of the newest file it is one more line.
					if file == 4 {
						continue
					}
				}
				write(t, path, changed)
				r, err, ok := detected(l, key)
				if want := int64(100*file) + firstChange(text, changed); err != nil || !ok {
					t.Errorf("line %d of %s: %v, %+v", i+1, filepath.Base(path), err, r)
				} else if !strings.HasPrefix(changed, text) && r.Line != want {
					t.Errorf("line %d of %s by %q: %+v, want line %d", i+1, filepath.Base(path), by, r, want)
				}
			}
		}
		write(t, path, text)
	}
	// Two files whose names were swapped.
	move(t, l.Path+".2", l.Path+".x")
	move(t, l.Path+".3", l.Path+".2")
	move(t, l.Path+".x", l.Path+".3")
	if r, err, ok := detected(l, key); err != nil || !ok {
		t.Errorf("with two files swapped: %v, %+v", err, r)
	}
}

// Lines that a process appends to a rotated file before it opens the new one come before
// those of the new one. Once these are sealed, it is too late.
func TestRotatedFilesAppended(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 300)
	rotate(t, l)
	appendTo(t, l.Path+".1", numbered(300, 20))
	mustSeal(t, l, key)
	appendTo(t, l.Path+".1", numbered(320, 20))
	appendTo(t, l.Path, numbered(340, 20))
	if sealed := mustSeal(t, l, key); sealed.Tree() != plainRoot(t, numbered(0, 360)) {
		t.Errorf("%+v", sealed)
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact {
		t.Errorf("%+v", r)
	}
	whole := read(t, l.Path+".1")
	for _, more := range []string{"{}\n", "{}"} {
		write(t, l.Path+".1", whole+more)
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Changed || !strings.Contains(r.Reason, "audit.jsonl.1 has more lines than were sealed") {
			t.Errorf("%q: %+v", more, r)
		}
	}
}

// The format of a file is that of its name, even if its first line looks compressed.
func TestLinesLookCompressed(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, magic := range []string{"\x1f\x8b", "\x28\xb5\x2f\xfd"} {
		l := seal.Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
		for i := range 2 {
			write(t, l.Path, fmt.Sprintf("%s %d\n", magic, i))
			if sealed := mustSeal(t, l, key); sealed.New != 1 {
				t.Errorf("%q: %+v", magic, sealed)
			}
			rotate(t, l)
		}
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Lines != 2 {
			t.Errorf("%q: %+v", magic, r)
		}
	}
}

// Files that begin with the same lines are not confused.
func TestRotatedFilesBeginAlike(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, head := range []string{"\n", "{}\n", "\n\n\n"} {
		l := newLog(t, head+numbered(0, 10))
		mustSeal(t, l, key)
		text := read(t, l.Path)
		for i := range 4 {
			rotate(t, l)
			more := head + numbered(10*(i+1), 10)
			appendTo(t, l.Path, more)
			text += more
			if i == 1 {
				continue // two rotations before a seal
			}
			sealed, err := l.Seal(context.Background(), key.Key, seal.Options{})
			if err != nil || sealed.Tree() != plainRoot(t, text) {
				t.Fatalf("%q, %d: %+v, %v", head, i, sealed, err)
			}
			if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact {
				t.Fatalf("%q, %d: %+v", head, i, r)
			}
		}
	}
}

// If the newest sealed file is gone or was changed, nothing is sealed.
func TestRotatedSealRefuses(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for name, change := range map[string]func(l seal.Log){
		"gone":      func(l seal.Log) { os.Remove(l.Path + ".1") },
		"truncated": func(l seal.Log) { write(t, l.Path+".1", "") },
		"shorter":   func(l seal.Log) { write(t, l.Path+".1", numbered(400, 99)) },
		"changed":   func(l seal.Log) { write(t, l.Path+".1", numbered(400, 99)+numbered(600, 1)) },
	} {
		l := rotatedLog(t, key)
		rotate(t, l)
		appendTo(t, l.Path, numbered(500, 100))
		change(l)
		_, err := l.Seal(context.Background(), key.Key, seal.Options{})
		if changed := new(seal.ChangedError); !errors.As(err, &changed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A log that another tool sealed may be rotated before it is sealed again.
func TestRotatedWithoutManifest(t *testing.T) {
	signer, key := foreignKey(t, "example.com/audit")
	l := foreignLog(t, numbered(0, 300), "example.com/audit", signer)
	appendTo(t, l.Path, numbered(300, 10))
	for i := range 2 {
		rotate(t, l)
		appendTo(t, l.Path, numbered(310+10*i, 10))
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Unsealed != 30 {
		t.Errorf("%+v", r)
	}
	goesOn(t, l, key)
}

// A log that was sealed while empty may be rotated before it is sealed again. Older rotated
// files do not belong to it.
func TestRotatedAfterEmpty(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := newLog(t, "")
	write(t, l.Path+".1", numbered(0, 5))
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(l.Path+".1", old, old); err != nil {
		t.Fatal(err)
	}
	mustSeal(t, l, key)
	appendTo(t, l.Path, numbered(10, 3))
	rotate(t, l)
	appendTo(t, l.Path, numbered(13, 2))
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Unsealed != 5 {
		t.Errorf("%+v", r)
	}
	if sealed := mustSeal(t, l, key); sealed.Tree() != plainRoot(t, numbered(10, 5)) {
		t.Errorf("%+v", sealed)
	}
}

// If only the sidecar of a log is left, it is not sealed.
func TestOnlySidecarLeft(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, n := range []int{0, 300} {
		l := sealedLog(t, key, n)
		if err := os.Remove(l.Path); err != nil {
			t.Fatal(err)
		}
		if sealed, err := l.Seal(context.Background(), key.Key, seal.Options{}); err == nil {
			t.Errorf("%d lines: sealed as %+v", n, sealed)
		}
		// If no lines were sealed, none are missing.
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); (r.Verdict == seal.Truncated) != (n > 0) {
			t.Errorf("%d lines: %+v", n, r)
		}
	}
}

// A last line without a line feed is sealed once the log continues in another file, whether
// it is complete then or not. What is added to it later is detected.
func TestRotatedWithinALine(t *testing.T) {
	long(t)
	key := newKey(t, "example.com/audit")
	o := seal.VerifyOptions{Verifier: key.Verifier}
	for _, before := range []string{"", "{}\n", numbered(0, 300)} {
		for _, long := range []int{1, 100, 2 << 20} {
			tail := strings.Repeat("x", long)
			l := newLog(t, before)
			lines := mustSeal(t, l, key).Lines()
			check := func(lines, more int64, unended bool) {
				t.Helper()
				if got := mustSeal(t, l, key); got.Lines() != lines || got.New != more || got.Unended != unended {
					t.Errorf("sealed %d, %d new, unended %t; want %d, %d, %t", got.Lines(), got.New, got.Unended, lines, more, unended)
				}
				if r := verify(t, l, o); r.Verdict != seal.Intact || r.Lines != lines || r.Unended != unended || r.Unsealed != 0 {
					t.Errorf("verify: %+v", r)
				}
			}
			appendTo(t, l.Path, tail)
			check(lines, 0, true)
			rotate(t, l)
			check(lines, 0, true)
			appendTo(t, l.Path, "unfinished")
			check(lines, 0, true)
			appendTo(t, l.Path, "\n")
			if r := verify(t, l, o); r.Unsealed != 2 || r.Unended {
				t.Errorf("not sealed yet: %+v", r)
			}
			check(lines+2, 2, false)
			appendTo(t, l.Path, numbered(0, 1))
			check(lines+3, 1, false)
			appendTo(t, l.Path+".1", "\n")
			check(lines+3, 0, false)
			appendTo(t, l.Path+".1", "unsealed")
			if r := verify(t, l, o); r.Verdict != seal.Changed {
				t.Errorf("with more than was sealed: %+v", r)
			}
		}
	}
}
