package collector_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/compress"
)

// Whenever the machine crashes, no line is lost that should have been synced; and if only
// the process crashes, none that was flushed. What is left can be appended to and rotated
// as usual.
func TestCrash(t *testing.T) {
	line := func(n int) string { return numbered("x", n) + "\n" }
	size := int64(len(line(0)))
	rotating := func(sync collector.Sync, r collector.Rotation) collector.JSONLOptions {
		r.Size = 2 * size
		return collector.JSONLOptions{Sync: sync, Rotate: r}
	}
	for _, test := range []struct {
		name, file string
		opts       collector.JSONLOptions
		runs       int // of four lines each
		kept       int // how many of the last lines must survive; 0 for all
	}{
		{"one file", "a", collector.JSONLOptions{Sync: collector.SyncAlways}, 2, 0},
		{"one file, synced by Close", "a", collector.JSONLOptions{Sync: collector.SyncOnClose}, 2, 0},
		{"rotated", "a", rotating(collector.SyncAlways, collector.Rotation{}), 2, 0},
		{"rotated, synced by Close", "a", rotating(collector.SyncOnClose, collector.Rotation{}), 2, 0},
		{"rotated, not synced", "a", rotating(collector.SyncNever, collector.Rotation{}), 1, 0},
		{"rotated, some kept", "a", rotating(collector.SyncAlways, collector.Rotation{Keep: 1}), 2, 2},
		{"rotated and compressed", "a", rotating(collector.SyncAlways, collector.Rotation{Compress: ".gz"}), 1, 0},
		{"written compressed", "a.gz", rotating(collector.SyncAlways, collector.Rotation{}), 1, 0},
		{"a link to another directory", "link", rotating(collector.SyncAlways, collector.Rotation{}), 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, test.file)
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("sub/a", filepath.Join(dir, "link")); err != nil {
				t.Skip(err)
			}
			disk := newCrashDisk(t)
			var p promise
			for run := range test.runs {
				j, err := collector.OpenJSONL(path, collector.WithDisk(test.opts, disk))
				if err != nil {
					t.Fatal(err)
				}
				for n := range 4 {
					emitLines(t, j, line(4*run+n))
					flush(t, j)
					p.kept += line(4*run + n)
					if test.opts.Sync == collector.SyncAlways {
						p.synced = p.kept
					}
					disk.promise(p)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				if test.opts.Sync != collector.SyncNever {
					p.synced = p.kept
				}
				disk.promise(p)
			}
			disk.check(test.opts, path, test.kept)
		})
	}
}

// If only one of two processes syncs, its lines survive whichever of them rotates.
func TestCrashBesideAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	disk := newCrashDisk(t)
	rotate := collector.Rotation{Size: 100}
	openAt := func(sync collector.Sync) *collector.JSONL {
		j, err := collector.OpenJSONL(path, collector.WithDisk(collector.JSONLOptions{Sync: sync, Rotate: rotate}, disk))
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	other, synced := openAt(collector.SyncNever), openAt(collector.SyncAlways)
	var p promise
	for n := range 3 {
		emitLines(t, other, numbered("other", n)+"\n")
		emitLines(t, other, sized(40)+"\n")
		flush(t, other)
		emitLines(t, synced, numbered("x", n)+"\n")
		flush(t, synced)
		p.synced += numbered("x", n) + "\n"
		disk.promise(p)
	}
	other.Close()
	synced.Close()
	disk.check(collector.JSONLOptions{Rotate: rotate}, path, 0)
}

// A rotated file that is compressed already is removed only once the compressed one is
// sure to survive a crash.
func TestCrashBesideACompressedForm(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	path := filepath.Join(t.TempDir(), "a")
	disk := newCrashDisk(t)
	older, old := numbered("x", 0)+"\n", numbered("x", 1)+"\n"
	for name, content := range map[string]string{"": old, ".1": older, ".1.gz": compressed(t, ".gz", older)} {
		f, err := disk.Open(path+name, os.O_RDWR|os.O_CREATE)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
		if name != ".1.gz" {
			f.Sync()
		}
		f.Close()
	}
	disk.SyncDir(filepath.Dir(path))
	disk.promise(promise{older + old, older + old})
	opts := collector.JSONLOptions{Rotate: collector.Rotation{Size: int64(len(old)), Compress: ".gz"}}
	j, err := collector.OpenJSONL(path, collector.WithDisk(opts, disk))
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, numbered("new", 0)+"\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, filepath.Dir(path)), []string{"a", "a.1.gz", "a.2.gz"}; !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	disk.check(opts, path, 0)
}

// check checks that every state has the promised lines, or the last of them, and still
// has them after another run.
func (d *crashDisk) check(opts collector.JSONLOptions, path string, last int) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		d.t.Fatal(err)
	}
	seen := make(map[string]string)
	d.states(func(s state, p promise, crashed bool) {
		promised := p.kept
		if crashed {
			promised = p.synced
		}
		lines := strings.SplitAfter(promised, "\n")
		if last > 0 && len(lines) > last {
			promised = strings.Join(lines[len(lines)-last-1:], "")
		}
		key := fmt.Sprint(s)
		if before, ok := seen[key]; ok && strings.HasSuffix(before, promised) {
			return
		}
		seen[key] = promised
		if missing := s.missing(path, promised); missing != "" {
			d.t.Fatalf("crashed %t, with %q: there is no %s", crashed, s, missing)
		}
		dir := d.t.TempDir()
		again := state{}
		for name, content := range s {
			name = filepath.Join(dir, filepath.Base(name))
			if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
				d.t.Fatal(err)
			}
		}
		j, err := collector.OpenJSONL(filepath.Join(dir, filepath.Base(path)), collector.WithDisk(opts, carelessDisk{}))
		if err != nil {
			d.t.Fatal(err)
		}
		more := "{\"event_type\": \"more\"}\n"
		err = errors.Join(j.EmitLines([]byte(more)), j.Close())
		if err != nil && !errors.Is(err, fs.ErrExist) { // an incomplete compressed file may be in the way
			d.t.Fatalf("with %q: then %v", s, err)
		}
		for _, name := range names(d.t, dir) {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				d.t.Fatal(err)
			}
			again[filepath.Join(filepath.Dir(path), name)] = string(content)
		}
		if last > 0 {
			promised = "" // it may have rotated again
		}
		if missing := again.missing(path, promised+more); missing != "" {
			d.t.Fatalf("crashed %t, with %q, and then %q: there is no %s", crashed, s, again, missing)
		}
	})
	d.t.Logf("%d changes, %d states", len(d.changes), len(seen))
}

// A carelessDisk does not sync, which is faster: no test makes it crash.
type carelessDisk struct{ collector.RealDisk }

func (d carelessDisk) Open(path string, flag int) (collector.Handle, error) {
	h, err := d.RealDisk.Open(path, flag)
	if err != nil {
		return nil, err
	}
	return carelessFile{h}, nil
}

func (carelessDisk) SyncDir(string) error { return nil }

type carelessFile struct{ collector.Handle }

func (carelessFile) Sync() error { return nil }

// missing returns the first of the lines that is in none of the files of a log.
func (s state) missing(path, lines string) string {
	have := make(map[string]bool)
	for name, content := range s {
		if strings.HasPrefix(name, path) && !strings.HasSuffix(name, ".compressing") {
			for line := range strings.SplitAfterSeq(decompressed(content), "\n") {
				have[line] = true
			}
		}
	}
	all := strings.SplitAfter(lines, "\n")
	if i := slices.IndexFunc(all, func(line string) bool { return line != "" && !have[line] }); i >= 0 {
		return all[i]
	}
	return ""
}

// decompressed returns as much of a content as can be decompressed.
func decompressed(content string) string {
	r := compress.NewReader(strings.NewReader(content))
	defer r.Close()
	text, _ := io.ReadAll(r)
	return string(text)
}
