package seal_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/seal"
)

// files is the content of the files below a directory, by path.
type files map[string]string

// filesOf returns the files of a sidecar, none if it does not exist.
func filesOf(t *testing.T, l seal.Log) files {
	t.Helper()
	all := make(files)
	dir := os.DirFS(l.Path + ".tlog")
	fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[path] = read(t, filepath.Join(l.Path+".tlog", filepath.FromSlash(path)))
		}
		return nil
	})
	return all
}

// with returns the files with one added or replaced.
func (f files) with(name, text string) files {
	f = maps.Clone(f)
	f[name] = text
	return f
}

// without returns the files without one.
func (f files) without(name string) files {
	f = maps.Clone(f)
	delete(f, name)
	return f
}

// put replaces the sidecar of a log with these files.
func (f files) put(t *testing.T, l seal.Log) {
	t.Helper()
	if err := os.RemoveAll(l.Path + ".tlog"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(l.Path+".tlog", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range f {
		path := filepath.Join(l.Path+".tlog", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, path, text)
	}
}

// A moment is the state of a sidecar when a seal is killed.
type moment struct {
	what string
	files
}

// momentsBetween returns the states of a sidecar during a seal, given those before and
// after it: tiles are written in any order, and may be incomplete, then the manifest is replaced, then the new
// checkpoint is appended to the others, where it may be cut off at every step-th byte, then
// the checkpoint is replaced, then partial tiles that are full now are removed. Of a
// replaced file, an incomplete temporary file may be left.
func momentsBetween(before, after files, step int) (list []moment) {
	add := func(f files, what string, args ...any) {
		list = append(list, moment{fmt.Sprintf(what, args...), f})
	}
	parts := func(f files, name string) {
		text := after[name]
		for _, n := range []int{0, len(text) / 2, len(text)} {
			add(f.with(name+".part", text[:n]), "%s.part with %d bytes", name, n)
		}
	}
	var tiles []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if strings.HasPrefix(name, "tile/") && before[name] != after[name] {
			tiles = append(tiles, name)
		}
	}
	add(before, "nothing")
	now := before
	for _, name := range tiles {
		add(before.with(name, after[name]), "only %s", name)
		for _, n := range []int{0, len(after[name]) / 2} {
			add(now.with(name, after[name][:n]), "%d bytes of %s", n, name)
		}
		now = now.with(name, after[name])
		add(now, "tiles up to %s", name)
	}
	add(now, "before manifest")
	parts(now, "manifest")
	now = now.with("manifest", after["manifest"])
	const name = "checkpoints"
	for n := len(before[name]); n < len(after[name]); n += step {
		if n > len(before[name]) || before[name] != "" {
			add(now.with(name, after[name][:n]), "%d bytes of %s", n, name)
		}
	}
	now = now.with(name, after[name])
	add(now, "before checkpoint")
	parts(now, "checkpoint")
	now = now.with("checkpoint", after["checkpoint"])
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[name]; !ok {
			add(now, "before %s is removed", name)
			now = now.without(name)
		}
	}
	add(now, "everything")
	return list
}

// Wherever a seal was interrupted, the next one continues.
func TestInterruptedAnywhere(t *testing.T) {
	long(t)
	signer, key := foreignKey(t, "example.com/audit")
	empty := func(t *testing.T) seal.Log { return newLog(t, "") }
	sealed := func(n int) func(t *testing.T) seal.Log {
		return func(t *testing.T) seal.Log { return sealedLog(t, key, n) }
	}
	rotated := func(t *testing.T) seal.Log {
		l := sealedLog(t, key, 300)
		rotate(t, l)
		return l
	}
	foreign := func(t *testing.T) seal.Log {
		return foreignLog(t, numbered(0, 300), "example.com/audit", signer)
	}
	for _, c := range []struct {
		name  string
		log   func(t *testing.T) seal.Log
		seals []string // what is appended before each
		step  int
	}{
		{"the first", empty, []string{numbered(0, 300)}, 9},
		{"the first, without lines", empty, []string{""}, 9},
		{"later", sealed(200), []string{numbered(200, 400)}, 1},
		{"within a tile", sealed(200), []string{"{}\n"}, 9},
		{"that completes a tile", sealed(256), []string{numbered(256, 256)}, 9},
		{"rotated", rotated, []string{""}, 9},
		{"rotated with more", rotated, []string{numbered(300, 300)}, 9},
		{"of another tool", foreign, []string{""}, 9},
		// Two checkpoints are added, one after the other.
		{"of another tool, with more", foreign, []string{"", numbered(300, 300)}, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := c.log(t)
			var moments []moment
			before := filesOf(t, l)
			for _, more := range c.seals {
				appendTo(t, l.Path, more)
				mustAdopt(t, l, key)
				after := filesOf(t, l)
				moments = append(moments, momentsBetween(before, after, c.step)...)
				before = after
			}
			for _, m := range moments {
				m.put(t, l)
				if goesOn(t, l, key); t.Failed() {
					t.Fatalf("interrupted with %s", m.what)
				}
			}
		})
	}
}

// A seal that is interrupted several times, while lines come, is completed in the end. It
// is interrupted by something in the place of a file.
func TestInterruptedRepeatedly(t *testing.T) {
	long(t)
	signer, key := foreignKey(t, "example.com/audit")
	blocks := []string{"checkpoint.part", "manifest.part", "checkpoint.part", "tile/0/001.part", "manifest.part", "tile/0/002.part"}
	for _, c := range []struct {
		name string
		log  func(t *testing.T) seal.Log
	}{
		{"new", func(t *testing.T) seal.Log { return newLog(t, numbered(0, 10)) }},
		{"later", func(t *testing.T) seal.Log { return sealedLog(t, key, 200) }},
		{"of another tool", func(t *testing.T) seal.Log {
			return foreignLog(t, numbered(0, 200), "example.com/audit", signer)
		}},
	} {
		for first := range blocks {
			for times := 1; first+times <= len(blocks); times++ {
				t.Run(fmt.Sprint(c.name, first, times), func(t *testing.T) {
					l := c.log(t)
					for _, name := range blocks[first : first+times] {
						appendTo(t, l.Path, numbered(0, 100))
						unblock := block(t, l, name)
						l.Seal(context.Background(), key.Key, seal.Options{Adopt: true})
						unblock()
					}
					appendTo(t, l.Path, numbered(0, 100))
					goesOn(t, l, key)
				})
			}
		}
	}
}

// block puts a directory where a file is to be written.
func block(t *testing.T, l seal.Log, name string) (unblock func()) {
	t.Helper()
	path := filepath.Join(l.Path+".tlog", filepath.FromSlash(name))
	// If it is not empty, it cannot be removed as a file would be.
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}

// goesOn checks that a log whose seal was interrupted is reported as interrupted or intact,
// can be sealed again, and has only checkpoints then that it grew from.
func goesOn(t *testing.T, l seal.Log, key keyPair) {
	t.Helper()
	o := seal.VerifyOptions{Verifier: key.Verifier}
	r, err := l.Verify(context.Background(), o)
	switch {
	case errors.Is(err, seal.ErrNotSealed): // the first seal was interrupted
	case err != nil:
		if !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("verify: %v", err)
		}
	case r.Verdict != seal.Intact:
		t.Errorf("verify: %+v", r)
	}
	sealed, err := l.Seal(context.Background(), key.Key, seal.Options{Adopt: true})
	if err != nil {
		t.Errorf("seal: %v", err)
		return
	}
	text := textOf(t, l)
	tree := newPlainTree(t, text)
	if sealed.Lines() != tree.n {
		t.Errorf("%d of %d lines are sealed", sealed.Lines(), tree.n)
	}
	if r := verify(t, l, o); r.Verdict != seal.Intact || r.Lines != sealed.Lines() || r.Time.IsZero() {
		t.Errorf("verify after sealing again: %+v", r)
	}
	last := ""
	for _, c := range checkpoints(t, l) {
		parsed, err := seal.ParseCheckpoint([]byte(c), key.Verifier)
		if err != nil || parsed.Lines() > tree.n || parsed.Root() != tree.root(t, parsed.Lines()) {
			t.Errorf("does not lead to the log of %d lines: %v: %s", tree.n, err, c)
		}
		last = c
	}
	if c := read(t, l.Path+".tlog/checkpoint"); c != last {
		t.Errorf("the checkpoint is %s, the last of all is %s", c, last)
	}
}

// checkpoints returns all checkpoints that were ever signed.
func checkpoints(t *testing.T, l seal.Log) (list []string) {
	t.Helper()
	rest := read(t, l.Path+".tlog/checkpoints")
	for rest != "" {
		text, signatures, _ := strings.Cut(rest, "\n\n")
		n := 0
		for strings.HasPrefix(signatures[n:], "— ") {
			n += strings.IndexByte(signatures[n:], '\n') + 1
		}
		if n == 0 {
			t.Fatalf("no checkpoint: %s", rest)
		}
		list = append(list, text+"\n\n"+signatures[:n])
		rest = signatures[n:]
	}
	return list
}
