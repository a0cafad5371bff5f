//go:build unix

package index_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"auditctl/pkg/index"
)

// A kept log is one that is appended to with a Keeper.
type kept struct {
	*testing.T
	path   string
	log    *os.File
	keeper *index.Keeper
	said   []string
}

// keep appends to the log at a path, which is created if there is none.
func keep(t *testing.T, path string) *kept {
	t.Helper()
	k := &kept{T: t, path: path}
	log, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	k.log = log
	k.keeper = index.NewKeeper(path, func(message string) { k.said = append(k.said, message) })
	t.Cleanup(func() {
		k.keeper.Close()
		log.Close()
	})
	return k
}

func (k *kept) append(text string) {
	k.Helper()
	k.keeper.Begin(k.log)
	if _, err := k.log.WriteString(text); err != nil {
		k.Fatal(err)
	}
	k.keeper.End(k.log)
}

// holds checks that the index holds and has so many blocks at least.
func (k *kept) holds(blocks int) {
	k.Helper()
	ix, err := open(k.T, k.path)
	if err != nil {
		k.Error(err)
		return
	}
	if ix.Grown() || len(ix.Blocks()) < blocks {
		k.Errorf("grown: %t, %d blocks, want %d", ix.Grown(), len(ix.Blocks()), blocks)
	}
	honest(k.T, k.path, ix)
}

// honest checks that what the blocks of an index say is so.
func honest(t *testing.T, path string, ix *index.Index) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ix.Blocks() {
		b := &ix.Blocks()[i]
		if b.End > int64(len(data)) {
			t.Fatalf("block %d ends at %d, and the log at %d", i, b.End, len(data))
		}
		text := string(data[b.Start:b.End])
		if lines := int64(strings.Count(text, "\n")); lines != b.Lines {
			t.Errorf("block %d has %d lines and says %d", i, lines, b.Lines)
		}
		for _, typ := range []string{"error", "rare", "other"} {
			if strings.Contains(text, `"event_type":"`+typ+`"`) && !b.May("event_type", typ) {
				t.Errorf("block %d has the type %s and says it has not", i, typ)
			}
		}
	}
}

func TestKeeper(t *testing.T) {
	path := t.TempDir() + "/audit.jsonl"
	k := keep(t, path)
	for range 3 {
		k.append(lines(10, 3))
		k.holds(0)
	}
	for range 3 {
		k.append(lines(8_000, 3))
		k.holds(0)
	}
	k.append(line("other", "a", "1"))
	k.holds(1)

	// Another process goes on, and so does this one after it.
	other := keep(t, path)
	other.append(lines(12_000, 3))
	other.holds(2)
	k.append(lines(12_000, 3))
	k.holds(3)
	mustMake(t, path)
	k.append(line("other", "a", "2"))
	k.holds(4)
	if len(k.said)+len(other.said) > 0 {
		t.Errorf("said %q, %q", k.said, other.said)
	}

	// It was emptied: another index begins.
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	k.append(lines(10, 3))
	k.holds(0)
}

// Whoever writes past the Keeper is noticed: it does not vouch for the log any more.
func TestKeeperVouchesForItself(t *testing.T) {
	big := lines(20_000, 3)
	for _, test := range []struct {
		name    string
		do      func(path string) error
		said    string
		grown   bool
		changed bool // and that is found
		void    bool
	}{
		{"nothing", func(string) error { return nil }, "", false, false, false},
		{"others append", func(path string) error { appendTo(t, path, line("other", "a", "1")); return nil }, "since others write to that", true, false, false},
		{"others change it in place", func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			_, writeErr := f.WriteAt([]byte("x"), 0)
			return errors.Join(err, writeErr, f.Close())
		}, "since others write to that", true, true, false},
		{"its group may write to it", func(path string) error {
			return errors.Join(os.Chmod(path, 0o620), index.Prepare(t.Context(), path))
		}, "since others may write to that", true, false, false},
		{"others may write to it", func(path string) error {
			return errors.Join(os.Chmod(path, 0o602), index.Prepare(t.Context(), path))
		}, "since others may write to that", true, false, false},
		{"the index is gone", func(path string) error { return os.Remove(index.Name(path)) }, "there is none that holds", false, false, true},
		{"the index is something else", func(path string) error {
			return errors.Join(os.Remove(index.Name(path)), os.WriteFile(index.Name(path), []byte("x"), 0o600))
		}, "there is none that holds", false, false, true},
		{"the log is cut", func(path string) error { return os.Truncate(path, int64(len(big))/2) }, "there is none that holds", true, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir() + "/audit.jsonl"
			k := keep(t, path)
			k.append(big)
			if err := test.do(path); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				k.append(big)
			}
			said := strings.Join(k.said, "\n")
			if !strings.Contains(said, test.said) || strings.Contains(said, "\n") || test.said == "" && said != "" {
				t.Errorf("said %q, want %q", said, test.said)
			}
			ix, err := open(t, path)
			switch {
			case test.void:
				var void *index.VoidError
				if err != fs.ErrNotExist && !errors.As(err, &void) {
					t.Errorf("opened: %v", err)
				}
			case err != nil:
				t.Error(err)
			case ix.Grown() != test.grown || len(ix.Blocks()) < 1:
				t.Errorf("grown: %t, %d blocks", ix.Grown(), len(ix.Blocks()))
			default:
				err := ix.Confirm(t.Context(), k.log)
				if (err == nil) == test.changed {
					t.Errorf("confirmed: %v", err)
				}
				if err == nil {
					honest(t, path, ix)
				}
			}
		})
	}
}

// A dying writer is killed after so many writes, and within the next one.
type dying struct {
	io.WriterAt
	left *int
	part int // of the last write, in tenths
}

var errKilled = errors.New("killed")

func (d dying) WriteAt(p []byte, at int64) (int, error) {
	if *d.left--; *d.left < 0 {
		d.WriterAt.WriteAt(p[:len(p)*d.part/10], at)
		*d.left = -1 << 30
		return 0, errKilled
	}
	return d.WriterAt.WriteAt(p, at)
}

// Wherever the process is killed, the index says nothing that is not so, and the next Keeper, or
// Make, goes on with it.
func TestKeeperKilled(t *testing.T) {
	for kill := range 8 {
		for _, part := range []int{0, 5, 10} {
			path := t.TempDir() + "/audit.jsonl"
			k := keep(t, path)
			left := kill
			k.keeper.Wrap(func(w io.WriterAt) io.WriterAt { return dying{w, &left, part} })
			for _, text := range []string{line("error", "a", "1"), lines(15_000, 3), line("other", "a", "1"), lines(15_000, 3)} {
				k.append(text)
				ix, err := open(t, path)
				if err != nil {
					t.Errorf("killed after %d writes and %d/10: %v", kill, part, err)
					continue
				}
				if ix.Grown() {
					if err := ix.Confirm(t.Context(), k.log); err != nil {
						t.Errorf("killed after %d writes and %d/10: %v", kill, part, err)
					}
				}
				honest(t, path, ix)
				if left < 0 {
					break
				}
			}
			if err := index.Prepare(t.Context(), path); err != nil {
				t.Error(err)
			}
			next := keep(t, path)
			next.append(lines(15_000, 3))
			next.holds(1)
			if len(next.said) > 0 {
				t.Errorf("said %q", next.said)
			}
		}
	}
}

// After a crash of the machine, the log may lack what the index says of it, or have zeros there.
func TestKeeperCrash(t *testing.T) {
	path := t.TempDir() + "/audit.jsonl"
	k := keep(t, path)
	k.append(lines(20_000, 3))
	if _, err := k.log.WriteAt(make([]byte, 1000), 0); err == nil {
		t.Fatal("written at an offset, but it is opened to append")
	}
	log := openLog(t, path)
	if _, err := log.WriteAt(make([]byte, 1000), 0); err != nil {
		t.Fatal(err)
	}
	crashed := func(synced bool) *index.Index {
		if err := index.EditRecord(log, index.Name(path), func(r *index.Record) { r.OtherBoot, r.Synced = true, synced }); err != nil {
			t.Fatal(err)
		}
		return mustOpen(t, path)
	}
	if ix := crashed(false); !ix.Grown() || ix.Confirm(t.Context(), log) == nil {
		t.Error("what was never on disk is believed")
	}
	// What was synced before holds after a crash.
	if ix := crashed(true); ix.Grown() {
		t.Error("the record says that it was synced")
	}
}

// Synced makes the index hold after the machine was started again.
func TestKeeperSynced(t *testing.T) {
	path := t.TempDir() + "/audit.jsonl"
	k := keep(t, path)
	k.append(lines(20_000, 3))
	reboot := func() bool {
		edit := func(r *index.Record) { r.OtherBoot = true }
		if err := index.EditRecord(k.log, index.Name(path), edit); err != nil {
			t.Fatal(err)
		}
		return mustOpen(t, path).Grown()
	}
	k.keeper.Synced(k.log)
	if reboot() {
		t.Error("it was synced")
	}
	mustMake(t, path)
	k.append(lines(10, 3))
	if !reboot() {
		t.Error("it was not synced since")
	}
}

// An index that cannot be written is given up, and the log is written.
func TestKeeperFails(t *testing.T) {
	path := t.TempDir() + "/audit.jsonl"
	if err := os.Mkdir(index.Name(path), 0o700); err != nil {
		t.Fatal(err)
	}
	k := keep(t, path)
	for range 3 {
		k.append(lines(10, 3))
	}
	if len(k.said) != 1 || !strings.Contains(k.said[0], "it is not an index") {
		t.Errorf("said %q", k.said)
	}
}

// A log that is renamed keeps its index; one that was changed before does not.
func TestRename(t *testing.T) {
	for name, change := range map[string]bool{"as it was": false, "changed": true} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/audit.jsonl"
			k := keep(t, path)
			k.append(lines(20_000, 3))
			if change {
				appendTo(t, path, line("other", "a", "1"))
			}
			// There is an old index in the way.
			if err := os.WriteFile(index.Name(path)+".1", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(index.Name(path))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(index.Name(path+".1"), data, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := index.Rename(path, path+".1", os.Rename); err != nil {
				t.Fatal(err)
			}
			ix, err := open(t, path+".1")
			if err != nil {
				t.Fatal(err)
			}
			if ix.Grown() != change {
				t.Errorf("grown: %t", ix.Grown())
			}
			if _, err := os.Stat(index.Name(path)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the old name is taken: %v", err)
			}
			failed := errors.New("failed")
			if err := index.Rename(path+".1", path+".2", func(string, string) error { return failed }); err != failed {
				t.Errorf("%v", err)
			}
			if _, err := open(t, path+".1"); err != nil {
				t.Error(err)
			}
		})
	}
}

// Remove removes an index and nothing else.
func TestRemove(t *testing.T) {
	path := write(t, "")
	if err := index.Remove(path); err == nil {
		t.Error("a log was removed")
	}
	mustMake(t, path)
	if err := index.Remove(index.Name(path)); err != nil {
		t.Error(err)
	}
	if _, err := open(t, path); err != fs.ErrNotExist {
		t.Error(err)
	}
}
