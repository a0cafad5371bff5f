package seal_test

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/seal"
)

// Random changes to a large log and its sidecar are detected, each with its line.
func TestChangesToLargeLog(t *testing.T) {
	long(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	key := newKey(t, "example.com/audit")
	l := seal.Log{Path: filepath.Join(tempDir(t), "audit.jsonl")}
	text := mixedLines(r, 20_000)
	write(t, l.Path, text)
	mustSeal(t, l, key)
	more := mixedLines(r, 40_000)
	appendTo(t, l.Path, more)
	text += more
	if sealed := mustSeal(t, l, key); sealed.Lines() != 60_000 {
		t.Fatalf("%+v", sealed)
	}
	if report, err, ok := detected(l, key); err != nil || ok {
		t.Fatalf("unchanged: %v, %+v", err, report)
	}
	const tries = 3
	for _, kind := range []struct {
		name   string
		change func() string
	}{
		{"one byte", func() string {
			i := r.IntN(len(text))
			return text[:i] + string([]byte{text[i] ^ byte(1+r.IntN(255))}) + text[i+1:]
		}},
		{"a line feed", func() string {
			i := r.IntN(len(text))
			return text[:i] + "\n" + text[i:]
		}},
		{"a missing byte", func() string {
			i := r.IntN(len(text))
			return text[:i] + text[i+1:]
		}},
		{"a missing line", func() string {
			from, to := aLine(r, text)
			return text[:from] + text[to:]
		}},
		{"a duplicated line", func() string {
			from, to := aLine(r, text)
			return text[:to] + text[from:]
		}},
		{"a moved line", func() string {
			from, to := aLine(r, text)
			rest := text[:from] + text[to:]
			at, _ := aLine(r, rest)
			return rest[:at] + text[from:to] + rest[at:]
		}},
		{"two lines swapped", func() string {
			from, to := aLine(r, text)
			from2, to2 := aLine(r, text)
			if from > from2 {
				from, to, from2, to2 = from2, to2, from, to
			}
			if from == from2 {
				return text
			}
			return text[:from] + text[from2:to2] + text[to:from2] + text[from:to] + text[to2:]
		}},
		{"cut off", func() string { return text[:r.IntN(len(text))] }},
	} {
		for range tries {
			changed := kind.change()
			if strings.HasPrefix(changed, text) {
				continue // unchanged, or only appended to
			}
			write(t, l.Path, changed)
			report, err, ok := detected(l, key)
			if want := firstChange(text, changed); err != nil || !ok || report.Line != want {
				t.Errorf("%s, line %d: %v, %+v", kind.name, want, err, report)
			}
		}
	}
	write(t, l.Path, text)
	changeFiles(t, r, l, key)
	if report, err, ok := detected(l, key); err != nil || ok {
		t.Errorf("restored: %v, %+v", err, report)
	}
}

// changeFiles changes a byte of up to 20 files of a sidecar.
func changeFiles(t *testing.T, r *rand.Rand, l seal.Log, key keyPair) {
	var paths []string
	err := filepath.WalkDir(l.Path+".tlog", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	for _, name := range []string{"checkpoint", "checkpoints", "manifest"} {
		paths = append([]string{filepath.Join(l.Path+".tlog", name)}, paths...)
	}
	for _, path := range paths[:20] {
		was := []byte(read(t, path))
		changed := bytes.Clone(was)
		i := r.IntN(len(was))
		changed[i] ^= byte(1 + r.IntN(255))
		write(t, path, string(changed))
		if report, err, ok := detected(l, key); !ok {
			t.Errorf("byte %d of %s: %v, %+v", i, path, err, report)
		}
		write(t, path, string(was))
	}
}

// mixedLines returns n lines: most have less than 120 bytes, some are empty, and some are
// larger than 1 MiB.
func mixedLines(r *rand.Rand, n int) string {
	var text strings.Builder
	for i := range n {
		size := r.IntN(120)
		switch {
		case i%(n/2) == n/4:
			size = 1<<20 + r.IntN(1<<20)
		case r.IntN(50) == 0:
			size = 0
		}
		for range size {
			b := byte(r.Uint32())
			if b == '\n' {
				b = ' '
			}
			text.WriteByte(b)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// aLine returns where a random line of a text begins and ends.
func aLine(r *rand.Rand, text string) (from, to int) {
	i := r.IntN(len(text))
	from = strings.LastIndexByte(text[:i], '\n') + 1
	return from, i + strings.IndexByte(text[i:], '\n') + 1
}
