//go:build unix

package collector_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/index"
)

// indexOf returns how many lines the index of a file knows of, and whether it holds.
func indexOf(t *testing.T, path string) (lines int64, holds bool) {
	t.Helper()
	log, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ix, err := index.Open(log, index.Name(path))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Log(err)
		}
		return 0, false
	}
	defer ix.Close()
	for i := range ix.Blocks() {
		lines += ix.Blocks()[i].Lines
	}
	return lines, !ix.Grown()
}

// The index of a file holds however the file is synced and after all that a collector does
// with it, and moves with it.
func TestIndex(t *testing.T) {
	batch := strings.Repeat(numbered("x", 1)+"\n", 1<<20/len(numbered("x", 1))+100) // more than a block
	for name, opts := range map[string]collector.JSONLOptions{
		"not synced":                {},
		"synced by Close":           {Sync: collector.SyncOnClose},
		"always synced":             {Sync: collector.SyncAlways},
		"rotated":                   {Rotate: collector.Rotation{Size: int64(len(batch)) + 10}},
		"rotated, and synced":       {Rotate: collector.Rotation{Size: int64(len(batch)) + 10}, Sync: collector.SyncAlways},
		"rotated, and one kept":     {Rotate: collector.Rotation{Size: int64(len(batch)) + 10, Keep: 1}},
		"with a header":             {Header: []byte("{}\n")},
		"rotated, with compressing": {Rotate: collector.Rotation{Size: int64(len(batch)) + 10, Compress: ".gz"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "a.jsonl")
			var said strings.Builder
			opts.Index, opts.Logger = true, slog.New(slog.NewTextHandler(&said, nil))
			for range 3 {
				j, err := collector.OpenJSONL(path, &opts)
				if err != nil {
					t.Fatal(err)
				}
				emitLines(t, j, batch)
				flush(t, j)
				emitLines(t, j, `{"event_type":"unended"`) // which Close removes
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				if lines, holds := indexOf(t, path); !holds || lines == 0 && opts.Rotate.Size == 0 {
					t.Errorf("of %d lines, holds: %t", lines, holds)
				}
			}
			names, err := filepath.Glob(path + ".*")
			if err != nil {
				t.Fatal(err)
			}
			for n := 1; ; n++ {
				rotated := fmt.Sprintf("%s.%d", path, n)
				if _, err := os.Stat(rotated); err != nil {
					break
				}
				if lines, holds := indexOf(t, rotated); !holds || lines == 0 {
					t.Errorf("%s: of %d lines, holds: %t", rotated, lines, holds)
				}
			}
			for _, name := range names {
				log, isIndex := strings.CutSuffix(name, ".idx")
				if _, err := os.Stat(log); isIndex && err != nil {
					t.Errorf("%s is left: %v", name, err)
				}
			}
			if said.Len() > 0 {
				t.Errorf("said %s", said.String())
			}
		})
	}
}

// Without the option there is no index, and none of a compressed file.
func TestNoIndex(t *testing.T) {
	for path, opts := range map[string]collector.JSONLOptions{"a.jsonl": {}, "a.jsonl.gz": {Index: true}} {
		path := filepath.Join(t.TempDir(), path)
		j, err := collector.OpenJSONL(path, &opts)
		if err != nil {
			t.Fatal(err)
		}
		emitLines(t, j, numbered("x", 1)+"\n")
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(index.Name(path)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A file that is rotated right after its last line was ended keeps an index that holds.
func TestIndexOfEndedLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(path, []byte(numbered("x", 1)+"\n"+numbered("x", 2)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := index.Prepare(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	j, err := collector.OpenJSONL(path, &collector.JSONLOptions{Index: true, Rotate: collector.Rotation{Size: 10}})
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, numbered("x", 3)+"\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int64{path + ".1": 1, path: 0} {
		if lines, holds := indexOf(t, path); !holds || lines != want {
			t.Errorf("%s: of %d lines, holds: %t", path, lines, holds)
		}
	}
}
