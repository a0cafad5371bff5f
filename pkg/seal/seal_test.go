package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal"
)

// A keyPair is a secret key and its verifier key.
type keyPair struct {
	*seal.Key
	note.Verifier
}

func newKey(t testing.TB, name string) keyPair {
	t.Helper()
	secret, verifier, err := seal.GenerateKey(name)
	if err != nil {
		t.Fatal(err)
	}
	return parseKeys(t, secret, verifier)
}

func parseKeys(t testing.TB, secret, verifier string) keyPair {
	t.Helper()
	key, err := seal.ParseKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(verifier)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{key, v}
}

// tempDir returns a temporary directory, in memory if possible: thousands of seals would
// wait for a disk for long.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "seal")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// newLog returns a new log with some text.
func newLog(t testing.TB, text string) seal.Log {
	t.Helper()
	l := seal.Log{Path: filepath.Join(tempDir(t), "audit.jsonl")}
	write(t, l.Path, text)
	return l
}

// write writes a new file in the place of any old one: truncating makes some file systems
// wait for the disk.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func appendTo(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func mustSeal(t testing.TB, l seal.Log, key keyPair) seal.Sealed {
	t.Helper()
	sealed, err := l.Seal(context.Background(), key.Key, seal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// mustAdopt seals a log whose sidecar another tool may have made.
func mustAdopt(t testing.TB, l seal.Log, key keyPair) seal.Sealed {
	t.Helper()
	sealed, err := l.Seal(context.Background(), key.Key, seal.Options{Adopt: true})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func verify(t testing.TB, l seal.Log, o seal.VerifyOptions) seal.Report {
	t.Helper()
	r, err := l.Verify(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sealedLog returns a sealed log of n lines.
func sealedLog(t testing.TB, key keyPair, n int) seal.Log {
	t.Helper()
	l := newLog(t, numbered(0, n))
	mustSeal(t, l, key)
	return l
}

// rotate rotates a log as logrotate does.
func rotate(t testing.TB, l seal.Log) {
	t.Helper()
	last := 1
	for exists(fmt.Sprintf("%s.%d", l.Path, last)) {
		last++
	}
	for n := last; n > 1; n-- {
		move(t, fmt.Sprintf("%s.%d", l.Path, n-1), fmt.Sprintf("%s.%d", l.Path, n))
	}
	move(t, l.Path, l.Path+".1")
	write(t, l.Path, "")
}

func move(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// textOf returns the content of all files of a log.
func textOf(t testing.TB, l seal.Log) string {
	t.Helper()
	text := read(t, l.Path)
	for n := 1; exists(fmt.Sprintf("%s.%d", l.Path, n)); n++ {
		text = read(t, fmt.Sprintf("%s.%d", l.Path, n)) + text
	}
	return text
}

// numbered returns n different lines, beginning with the i-th.
func numbered(i, n int) string {
	var text strings.Builder
	for j := range n {
		fmt.Fprintf(&text, `{"event_type": "turn_start", "n": %d}`+"\n", i+j)
	}
	return text.String()
}

// A plainTree is a naive implementation of the tree of a text, with all earlier trees.
type plainTree struct {
	n      int64
	hashes []tlog.Hash // in the order of tlog
}

var _ tlog.HashReader = (*plainTree)(nil)

func newPlainTree(t testing.TB, text string) *plainTree {
	t.Helper()
	p := new(plainTree)
	for line := range strings.Lines(text) {
		line, ended := strings.CutSuffix(line, "\n")
		if !ended {
			break
		}
		more, err := tlog.StoredHashes(p.n, []byte(line), p)
		if err != nil {
			t.Fatal(err)
		}
		p.hashes = append(p.hashes, more...)
		p.n++
	}
	return p
}

func (p *plainTree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		list[i] = p.hashes[index]
	}
	return list, nil
}

// root returns the root of the first n lines.
func (p *plainTree) root(t testing.TB, n int64) tlog.Hash {
	t.Helper()
	root, err := tlog.TreeHash(n, p)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// plainRoot returns the tree of a text by the naive implementation.
func plainRoot(t testing.TB, text string) tlog.Tree {
	t.Helper()
	p := newPlainTree(t, text)
	return tlog.Tree{N: p.n, Hash: p.root(t, p.n)}
}

// A tree that grew in steps is the same as that of the naive implementation.
func TestSealRoot(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for _, steps := range [][]string{
		{""},
		{"{}\n"},
		{"{}\n", "{}\n"},
		{"no end"},
		{"{}\nno end", " now\n"},
		{"\n\n\r\n \n", "\x00\xff\n"},
		{numbered(0, 255), numbered(255, 1), numbered(256, 1)},
		{numbered(0, 256)},
		{numbered(0, 1000), numbered(1000, 1), numbered(1001, 2000)},
		{numbered(0, 65537), numbered(65537, 100)},
		{strings.Repeat("\n", 40000), strings.Repeat("\n", 300)},
		{long + "\n", numbered(0, 300), numbered(0, 3) + long + "\n{}\n" + long},
		{numbered(0, 30000) + long + "\n" + long + "\n" + numbered(0, 30000)},
	} {
		l, key := newLog(t, ""), newKey(t, "example.com/audit")
		text := ""
		for _, step := range steps {
			appendTo(t, l.Path, step)
			text += step
			sealed := mustSeal(t, l, key)
			if want := plainRoot(t, text); sealed.Tree() != want {
				t.Fatalf("after %d bytes: %v, want %v", len(text), sealed.Tree(), want)
			}
			r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier})
			if r.Verdict != seal.Intact || r.Lines != sealed.Lines() || r.Unsealed != 0 || r.Unended == (text == "" || strings.HasSuffix(text, "\n")) {
				t.Fatalf("after %d bytes: %+v", len(text), r)
			}
		}
	}
}

func TestLeafOfEmptyObject(t *testing.T) {
	l := newLog(t, "{}\n")
	if sealed := mustSeal(t, l, newKey(t, "a")); sealed.Tree().Hash.String() != "KKOhj2zWQGsIbp/9ofm4oT289EsPPzLLkDGhH9BTrPk=" {
		t.Errorf("got %v", sealed.Root())
	}
}

// long skips a slow test in short mode. It runs in one goroutine, so the race detector has
// nothing to find.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow")
	}
}

// smallLog returns a log of n+7 lines that was sealed three times.
func smallLog(t testing.TB, key keyPair, n int) seal.Log {
	text := ""
	for i := range n {
		text += strconv.Itoa(i) + "\n"
	}
	l := newLog(t, text[:6])
	mustSeal(t, l, key)
	appendTo(t, l.Path, text[6:])
	mustSeal(t, l, key)
	appendTo(t, l.Path, numbered(0, 4)+"\n\r\nx\n")
	mustSeal(t, l, key)
	return l
}

// clone returns a copy of a log and its sidecar.
func clone(t testing.TB, l seal.Log) seal.Log {
	t.Helper()
	dir := tempDir(t)
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(l.Path))); err != nil {
		t.Fatal(err)
	}
	return seal.Log{Path: filepath.Join(dir, filepath.Base(l.Path))}
}

// detected reports whether a change was detected. An error counts, too.
func detected(l seal.Log, key keyPair) (seal.Report, error, bool) {
	r, err := l.Verify(context.Background(), seal.VerifyOptions{Verifier: key.Verifier})
	return r, err, err != nil || !r.Verdict.OK()
}

// Every byte that is changed, removed or added is detected, with its line.
func TestEveryByteOfTheLog(t *testing.T) {
	long(t)
	key := newKey(t, "example.com/audit")
	l := smallLog(t, key, 20)
	text := read(t, l.Path)
	line := int64(1)
	for i := range text {
		var changes []string
		for _, b := range []byte{text[i] ^ 1, '\n'} {
			if b != text[i] {
				changes = append(changes, text[:i]+string([]byte{b})+text[i+1:])
			}
		}
		changes = append(changes, text[:i]+text[i+1:], text[:i]+"\n"+text[i:], text[:i])
		for _, changed := range changes {
			if strings.HasPrefix(changed, text) {
				continue
			}
			write(t, l.Path, changed)
			r, err, ok := detected(l, key)
			if err != nil || !ok {
				t.Fatalf("byte %d of line %d: %v, %+v", i, line, err, r)
			}
			// A byte added before an equal one changes only what follows.
			if first := firstChange(text, changed); r.Line != first {
				t.Fatalf("byte %d of line %d: line %d is reported, want %d (%s)", i, line, r.Line, first, r.Reason)
			}
		}
		if text[i] == '\n' {
			line++
		}
	}
}

// firstChange returns the number of the first line of a text that is different or missing
// in the changed text.
func firstChange(text, changed string) int64 {
	was, is := strings.SplitAfter(text, "\n"), strings.SplitAfter(changed, "\n")
	for i, line := range was {
		if i == len(is) || is[i] != line {
			return int64(i + 1)
		}
	}
	return 0
}

func TestEveryLineOfTheLog(t *testing.T) {
	long(t)
	key := newKey(t, "example.com/audit")
	l := smallLog(t, key, 258)
	text := read(t, l.Path)
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	for i := range lines {
		without := strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "")
		twice := strings.Join(lines[:i+1], "") + strings.Join(lines[i:], "")
		changes := []string{without, twice}
		for j := i + 1; j < len(lines); j += 101 {
			swapped := append([]string{}, lines...)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			changes = append(changes, strings.Join(swapped, ""))
		}
		for _, changed := range changes {
			if strings.HasPrefix(changed, text) {
				continue // a line was added
			}
			write(t, l.Path, changed)
			r, err, ok := detected(l, key)
			if want := firstChange(text, changed); err != nil || !ok || r.Line != want {
				t.Fatalf("line %d: %v, %+v, want line %d", i+1, err, r, want)
			}
		}
	}
}

// Every change to a file of the sidecar is detected, as is a missing file.
func TestEveryByteOfTheSidecar(t *testing.T) {
	long(t)
	key := newKey(t, "example.com/audit")
	l := smallLog(t, key, 20)
	count := changeSidecar(t, l, key, 1)
	if size := 27 * 32; count < size+size/5 {
		t.Errorf("only %d changes were tried", count)
	}
	if r, err, ok := detected(l, key); ok {
		t.Errorf("restored: %v, %+v", err, r)
	}
}

func TestSidecarWithFullTile(t *testing.T) {
	long(t)
	key := newKey(t, "example.com/audit")
	changeSidecar(t, smallLog(t, key, 258), key, 101)
}

// changeSidecar changes every step-th byte of each file of a sidecar, some of them in
// several ways, and returns how many changes it made.
func changeSidecar(t *testing.T, l seal.Log, key keyPair, step int) (count int) {
	err := filepath.WalkDir(l.Path+".tlog", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text := read(t, path)
		must := func(what string) {
			t.Helper()
			count++
			if r, err, ok := detected(l, key); !ok {
				t.Errorf("%s: %s: %v, %+v", filepath.Base(path), what, err, r)
			}
		}
		for i := 0; i < len(text); i += step {
			write(t, path, text[:i]+string([]byte{text[i] ^ 1})+text[i+1:])
			must(fmt.Sprintf("byte %d is changed", i))
			if i/step%5 != 0 {
				continue
			}
			if text[i] != '\n' {
				write(t, path, text[:i]+"\n"+text[i+1:])
				must(fmt.Sprintf("byte %d is a line feed", i))
			}
			write(t, path, text[:i])
			must(fmt.Sprintf("%d bytes are left", i))
			write(t, path, text[:i]+text[i+1:])
			must(fmt.Sprintf("byte %d is missing", i))
		}
		write(t, path, text+"\n")
		must("an extra line feed")
		write(t, path, text+text)
		must("twice")
		if err := os.Remove(path); err != nil {
			return err
		}
		must("missing")
		write(t, path, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// Checkpoints cannot be removed from the list or reordered, and an old checkpoint cannot be
// restored alone.
func TestCheckpoints(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := smallLog(t, key, 20)
	path := l.Path + ".tlog/checkpoints"
	text := read(t, path)
	starts := []int{0}
	for i := range text {
		if i > 0 && strings.HasPrefix(text[i:], "example.com/audit\n") {
			starts = append(starts, i)
		}
	}
	if len(starts) != 3 {
		t.Fatalf("%d checkpoints: %s", len(starts), text)
	}
	a, b, c := text[:starts[1]], text[starts[1]:starts[2]], text[starts[2]:]
	for _, changed := range []string{a + b, a + c, b + c, a, b, c, b + a + c, a + c + b, a + b + c + c, a + a + b + c} {
		write(t, path, changed)
		if r, err, ok := detected(l, key); !ok {
			t.Errorf("%q: %v, %+v", changed, err, r)
		}
	}
	write(t, path, text)
	for _, old := range []string{a, b} {
		write(t, l.Path+".tlog/checkpoint", old)
		if r, err, ok := detected(l, key); !ok {
			t.Errorf("old checkpoint: %v, %+v", err, r)
		}
	}
}

// A manipulated sidecar cannot make Seal sign changed lines.
func TestSealManipulated(t *testing.T) {
	key := newKey(t, "example.com/audit")
	sidecar := func(l seal.Log, name string) string { return l.Path + ".tlog/" + name }
	for name, mislead := range map[string]func(t *testing.T, l seal.Log, early string){
		"an old checkpoint appended": func(t *testing.T, l seal.Log, early string) {
			appendTo(t, sidecar(l, "checkpoints"), early)
		},
		"an old checkpoint instead of the newest": func(t *testing.T, l seal.Log, early string) {
			all := read(t, sidecar(l, "checkpoints"))
			write(t, sidecar(l, "checkpoints"), all[:len(all)-len(early)]+early)
		},
		"only an old checkpoint": func(t *testing.T, l seal.Log, early string) {
			os.Remove(sidecar(l, "manifest"))
			os.Remove(sidecar(l, "checkpoints"))
			write(t, sidecar(l, "checkpoint"), early)
		},
		"an old checkpoint, and no manifest": func(t *testing.T, l seal.Log, early string) {
			os.Remove(sidecar(l, "manifest"))
			write(t, sidecar(l, "checkpoints"), early)
			write(t, sidecar(l, "checkpoint"), early)
		},
	} {
		l := newLog(t, numbered(100, 90))
		mustSeal(t, l, key)
		early := read(t, sidecar(l, "checkpoint"))
		appendTo(t, l.Path, numbered(190, 10))
		mustSeal(t, l, key)
		write(t, l.Path, strings.Replace(read(t, l.Path), `"n": 195}`, `"n": 999}`, 1))
		mislead(t, l, early)
		if sealed, err := l.Seal(context.Background(), key.Key, seal.Options{}); err == nil {
			t.Errorf("%s: sealed %+v", name, sealed)
		}
	}
}

// A log that was restored to an older state is valid, but not if a newer checkpoint is
// known.
func TestSealAfter(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := newLog(t, numbered(0, 300))
	mustSeal(t, l, key)
	old := clone(t, l)
	appendTo(t, l.Path, numbered(300, 10))
	after := mustSeal(t, l, key).Checkpoint
	if _, err := old.Seal(context.Background(), key.Key, seal.Options{After: after}); err == nil {
		t.Error("an older log was sealed")
	}
	if _, err := l.Seal(context.Background(), key.Key, seal.Options{After: after}); err != nil {
		t.Error(err)
	}
}

func TestVerdicts(t *testing.T) {
	key, other := newKey(t, "example.com/audit"), newKey(t, "example.com/audit")
	l := smallLog(t, key, 258)
	if r := verify(t, l, seal.VerifyOptions{}); r.Verdict != seal.Unanchored || r.Anchored != 0 {
		t.Errorf("without a key: %+v", r)
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: other.Verifier}); r.Verdict != seal.OtherKey {
		t.Errorf("with another key: %+v", r)
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier, Origin: "example.com/other"}); r.Verdict != seal.Changed {
		t.Errorf("with another origin: %+v", r)
	}
	appendTo(t, l.Path, "{}\n{}\n{")
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Unsealed != 2 || !r.Unended || r.Time.IsZero() {
		t.Errorf("with unsealed lines: %+v", r)
	}
	if _, err := (seal.Log{Path: l.Path + ".tlog/checkpoint"}).Verify(context.Background(), seal.VerifyOptions{}); !errors.Is(err, seal.ErrNotSealed) {
		t.Errorf("not sealed: %v", err)
	}
}

// A checkpoint that was kept elsewhere reveals that log and sidecar were rolled back, or
// that the log was rewritten and sealed with the same key.
func TestAgainst(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := newLog(t, numbered(0, 300))
	mustSeal(t, l, key)
	old := clone(t, l)
	early := []byte(read(t, l.Path+".tlog/checkpoint"))
	appendTo(t, l.Path, numbered(300, 300))
	mustSeal(t, l, key)
	late := []byte(read(t, l.Path+".tlog/checkpoint"))
	rewritten := newLog(t, strings.Replace(read(t, l.Path), `"n": 7`, `"n": 8`, 1))
	mustSeal(t, rewritten, key)
	for _, c := range []struct {
		name    string
		log     seal.Log
		against []byte
		key     note.Verifier
		want    seal.Verdict
		up      int64
	}{
		{"an earlier one", l, early, key.Verifier, seal.Intact, 600},
		{"the newest", l, late, key.Verifier, seal.Intact, 600},
		{"an earlier one, without a key", l, early, nil, seal.Intact, 300},
		{"rolled back", old, late, key.Verifier, seal.Truncated, 300},
		{"rolled back, without a key", old, late, nil, seal.Truncated, 0},
		{"rewritten", rewritten, early, key.Verifier, seal.Changed, 600},
	} {
		r := verify(t, c.log, seal.VerifyOptions{Verifier: c.key, Against: c.against})
		if r.Verdict != c.want || r.Anchored != c.up {
			t.Errorf("%s: %+v, want %s", c.name, r, c.want)
		}
	}
}

// Sealing never hides a change to an old line, and refuses one to the last lines.
func TestSealAfterChange(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, c := range []struct {
		line    int
		refused bool // without Full
	}{{3, false}, {255, false}, {257, true}, {300, true}} {
		l := newLog(t, numbered(1, 300))
		mustSeal(t, l, key)
		text := read(t, l.Path)
		write(t, l.Path, strings.Replace(text, fmt.Sprintf(`"n": %d}`, c.line), fmt.Sprintf(`"n": %d}`, c.line+1), 1)+numbered(301, 10))
		_, err := l.Seal(context.Background(), key.Key, seal.Options{Full: true})
		if changed := new(seal.ChangedError); !errors.As(err, &changed) || !strings.Contains(err.Error(), fmt.Sprintf("line %d ", c.line)) {
			t.Errorf("line %d: full: %v", c.line, err)
		}
		_, err = l.Seal(context.Background(), key.Key, seal.Options{})
		if changed := new(seal.ChangedError); errors.As(err, &changed) != c.refused {
			t.Errorf("line %d: %v", c.line, err)
		}
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Changed || r.Line != int64(c.line) {
			t.Errorf("line %d: %+v", c.line, r)
		}
	}
}

// Seal does not continue a log that another key signed or that was cut off.
func TestSealRefuses(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := smallLog(t, key, 258)
	text := read(t, l.Path)
	if _, err := l.Seal(context.Background(), newKey(t, "example.com/audit").Key, seal.Options{}); !errors.Is(err, seal.ErrOtherKey) {
		t.Errorf("another key: %v", err)
	}
	if _, err := l.Seal(context.Background(), key.Key, seal.Options{Origin: "x"}); err == nil {
		t.Error("another origin was accepted")
	}
	for _, n := range []int{len(text) - 1, len(text) - 20, 100, 0} {
		write(t, l.Path, text[:n])
		_, err := l.Seal(context.Background(), key.Key, seal.Options{})
		if changed := new(seal.ChangedError); !errors.As(err, &changed) || !changed.Short {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Truncated {
		t.Errorf("%+v", r)
	}
}

// Nothing is signed if there are no new lines.
func TestSealAgain(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := smallLog(t, key, 258)
	before := read(t, l.Path+".tlog/checkpoints")
	if sealed := mustSeal(t, l, key); sealed.New != 0 || sealed.Lines() != 265 {
		t.Errorf("%+v", sealed)
	}
	if after := read(t, l.Path+".tlog/checkpoints"); after != before {
		t.Errorf("signed again: %s", after)
	}
}

func TestOrigin(t *testing.T) {
	key := newKey(t, "example.com/key")
	l := newLog(t, "{}\n")
	for _, origin := range []string{"example.com/log", "example.com/log", ""} {
		sealed, err := l.Seal(context.Background(), key.Key, seal.Options{Origin: origin})
		if err != nil || sealed.Origin() != "example.com/log" {
			t.Errorf("%q: %+v, %v", origin, sealed, err)
		}
		appendTo(t, l.Path, "{}\n")
	}
}

// Proofs can be verified without the log.
func TestProofs(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := smallLog(t, key, 258)
	lines := strings.SplitAfter(read(t, l.Path), "\n")
	early := []byte(read(t, l.Path+".tlog/checkpoint"))
	appendTo(t, l.Path, numbered(1000, 1000))
	mustSeal(t, l, key)
	for i, line := range lines[:265] {
		line := []byte(strings.TrimSuffix(line, "\n"))
		proof, err := l.ProveLine(int64(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		if n, c, err := seal.VerifyLine(line, proof, key.Verifier); err != nil || n != int64(i+1) || c.Lines() != 1265 {
			t.Fatalf("line %d: %d, %v", i+1, n, err)
		}
		if _, _, err := seal.VerifyLine(append(line, 'x'), proof, nil); err == nil {
			t.Fatalf("line %d: another line was proven", i+1)
		}
	}
	for _, line := range []int64{0, -1, 1266} {
		if _, err := l.ProveLine(line); err == nil {
			t.Errorf("line %d was proven", line)
		}
	}
	proof, err := l.ProveGrowth(early)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := seal.VerifyGrowth(early, proof, key.Verifier); err != nil || c.Lines() != 1265 {
		t.Errorf("%v", err)
	}
	other := newLog(t, numbered(1, 265))
	mustSeal(t, other, key)
	wrong := []byte(read(t, other.Path+".tlog/checkpoint"))
	if _, err := seal.VerifyGrowth(wrong, proof, key.Verifier); err == nil {
		t.Error("growth from another log was proven")
	}
	if _, err := l.ProveGrowth(wrong); err == nil {
		t.Error("growth from another log can be proven")
	}
	for i := range proof {
		changed := bytes.Clone(proof)
		changed[i] ^= 1
		if _, err := seal.VerifyGrowth(early, changed, key.Verifier); err == nil {
			t.Errorf("proof with byte %d changed: %q", i, changed[max(0, i-5):i+1])
		}
	}
}

// The verifier key of a secret key is the one that was generated with it.
func TestVerifierKey(t *testing.T) {
	secret, verifier, err := seal.GenerateKey("example.com/audit")
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.ParseKey(secret + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := key.VerifierKey(); got != verifier {
		t.Errorf("the verifier key is %s, was %s", got, verifier)
	}
}
