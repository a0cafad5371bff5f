//go:build unix

package index_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"auditctl/pkg/index"
)

// voids reports whether an error says that an index is not used, and names it.
func voids(err error, path, reason string) bool {
	var void *index.VoidError
	return errors.As(err, &void) && void.Path == index.Name(path) && strings.Contains(err.Error(), reason)
}

// What happens to the log after its index was made.
func TestLogChanges(t *testing.T) {
	text := lines(30, 3)
	for _, test := range []struct {
		name   string
		change func(path string) error
		grown  bool
		void   string
	}{
		{"nothing", func(string) error { return nil }, false, ""},
		{"it is read", func(path string) error { _, err := os.ReadFile(path); return err }, false, ""},
		{"it grows", func(path string) error { appendTo(t, path, text); return nil }, true, ""},
		{"it is changed in place", func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			_, writeErr := f.WriteAt([]byte("{"), 0)
			return errors.Join(err, writeErr, f.Close())
		}, false, "the log was changed"},
		{"it is cut", func(path string) error { return os.Truncate(path, 100) }, false, "the log was changed"},
		{"it is emptied", func(path string) error { return os.Truncate(path, 0) }, false, "the log was changed"},
		{"it is renamed, and back", func(path string) error {
			return errors.Join(os.Rename(path, path+".x"), os.Rename(path+".x", path))
		}, false, "the log was changed"},
		{"another file with the same content", func(path string) error {
			return errors.Join(os.WriteFile(path+".x", []byte(text), 0o600), os.Rename(path+".x", path))
		}, false, "the log was changed"},
		{"another file that is longer", func(path string) error {
			return errors.Join(os.WriteFile(path+".x", []byte(text+text), 0o600), os.Rename(path+".x", path))
		}, false, "the log was changed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, text)
			mustMake(t, path)
			if err := test.change(path); err != nil {
				t.Fatal(err)
			}
			ix, err := open(t, path)
			switch {
			case test.void != "" && !voids(err, path, test.void):
				t.Errorf("%v, want that it is void", err)
			case test.void == "" && err != nil:
				t.Error(err)
			case err == nil && ix.Grown() != test.grown:
				t.Errorf("grown: %t", ix.Grown())
			}
		})
	}
}

// Size, inode and change time must all be those that the index was made for, the log must have
// been found so at its end, and be on disk or have been written since the machine was started.
func TestRecord(t *testing.T) {
	for _, test := range []struct {
		name  string
		edit  func(r *index.Record)
		grown bool
		void  bool
	}{
		{"as it is", func(*index.Record) {}, false, false},
		{"it was smaller", func(r *index.Record) { r.Size-- }, true, false},
		{"it was larger", func(r *index.Record) { r.Size++ }, false, true},
		{"another inode", func(r *index.Record) { r.Inode++ }, false, true},
		{"another inode, and it was smaller", func(r *index.Record) { r.Inode++; r.Size-- }, false, true},
		{"changed later", func(r *index.Record) { r.Changed = r.Changed.Add(-1) }, false, true},
		{"changed before: a clock was set back", func(r *index.Record) { r.Changed = r.Changed.Add(time.Hour) }, false, true},
		{"not sure, and it was larger", func(r *index.Record) { r.Sure = false; r.Size++ }, false, true},
		{"not sure", func(r *index.Record) { r.Sure = false }, true, false},
		{"not synced, in this boot", func(r *index.Record) { r.Synced = false }, !index.KnowsBoots(), false},
		{"not synced, in another boot", func(r *index.Record) { r.Synced, r.OtherBoot = false, true }, true, false},
		{"synced, in another boot", func(r *index.Record) { r.Synced, r.OtherBoot = true, true }, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, lines(30, 3)+`{"event_type":"unended"}`)
			mustMake(t, path)
			log := openLog(t, path)
			if err := index.EditRecord(log, index.Name(path), test.edit); err != nil {
				t.Fatal(err)
			}
			ix, err := open(t, path)
			switch {
			case test.void && !voids(err, path, "the log was changed"):
				t.Errorf("%v, want that it is void", err)
			case !test.void && err != nil:
				t.Error(err)
			case err == nil && ix.Grown() != test.grown:
				t.Errorf("grown: %t", ix.Grown())
			case err == nil:
				if err := ix.Confirm(t.Context(), log); err != nil || ix.Grown() {
					t.Errorf("confirmed: %v", err)
				}
			}
		})
	}
}

// A log has grown, and something before was changed as well: whatever it is, its block is not
// what it was.
func TestConfirmFindsChanges(t *testing.T) {
	text := lines(20_000, 15_000)
	path := write(t, text)
	mustMake(t, path)
	for _, at := range []int{0, 77, len(text)/2 - 1, len(text) / 2, len(text) - 1} {
		log := openLog(t, path)
		if err := os.WriteFile(path, []byte(text+line("new", "a", "1")), 0o600); err != nil {
			t.Fatal(err)
		}
		ix := mustOpen(t, path)
		if _, err := log.WriteAt([]byte{text[at] ^ 1}, int64(at)); err != nil {
			t.Fatal(err)
		}
		if err := ix.Confirm(t.Context(), log); err == nil || !ix.Grown() {
			t.Errorf("a change at %d is not found: %v", at, err)
		}
		if err := os.Truncate(path, int64(len(text))); err != nil {
			t.Fatal(err)
		}
		if err := ix.Confirm(t.Context(), log); err == nil || !ix.Grown() {
			t.Errorf("a change at %d is not found in a shorter log: %v", at, err)
		}
	}
	// Made again, it says what there is.
	if err := os.WriteFile(path, []byte(lines(20_001, 3)), 0o600); err != nil {
		t.Fatal(err)
	}
	if made := mustMake(t, path); made.Kept > 0 {
		t.Errorf("blocks that are not what they were are kept: %+v", made)
	}
}

// Two indexes of the same log have other checksums: their keys are random.
func TestKeysAreRandom(t *testing.T) {
	path := write(t, lines(30, 3))
	var seen [2]string
	for i := range seen {
		mustMake(t, path)
		data, err := os.ReadFile(index.Name(path))
		if err != nil {
			t.Fatal(err)
		}
		seen[i] = string(data[16:32])
		if err := os.Remove(index.Name(path)); err != nil {
			t.Fatal(err)
		}
	}
	if seen[0] == seen[1] || strings.Trim(seen[0], "\x00") == "" {
		t.Errorf("the keys are %x", seen)
	}
}

// What may be there under the name of an index. Nothing is waited for.
func TestIndexFile(t *testing.T) {
	for _, test := range []struct {
		name   string
		put    func(path string) error
		void   string // empty: it is none
		intact bool
	}{
		{"nothing", os.Remove, "", false},
		{"as it is", func(string) error { return nil }, "", true},
		{"only its owner may read it", func(path string) error { return os.Chmod(path, 0o400) }, "", true},
		{"all may read it", func(path string) error { return os.Chmod(path, 0o644) }, "", true},
		{"its group may write to it", func(path string) error { return os.Chmod(path, 0o620) }, "others may write to it", false},
		{"others may write to it", func(path string) error { return os.Chmod(path, 0o602) }, "others may write to it", false},
		{"a link to it", func(path string) error {
			return errors.Join(os.Rename(path, path+".real"), os.Symlink(filepath.Base(path)+".real", path))
		}, "not a regular file", false},
		{"a FIFO", func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) }, "not a regular file", false},
		{"a directory", func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, "not a regular file", false},
		{"something else", func(path string) error { return os.WriteFile(path, []byte("some text"), 0o600) }, "", false},
		{"a long text", func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("x", 1000)), 0o600) }, "", false},
		{"empty", func(path string) error { return os.Truncate(path, 0) }, "damaged", false},
		{"zeros", func(path string) error { return os.WriteFile(path, make([]byte, 1000), 0o600) }, "damaged", false},
		{"cut", func(path string) error { return os.Truncate(path, 300) }, "damaged", false},
		{"cut in its head", func(path string) error { return os.Truncate(path, 200) }, "damaged", false},
		{"of another version", func(path string) error { return edit(path, 15, func(b byte) byte { return b + 1 }) }, "another version of auditctl", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, lines(30, 3))
			mustMake(t, path)
			if err := test.put(index.Name(path)); err != nil {
				t.Fatal(err)
			}
			_, err := open(t, path)
			switch {
			case test.void != "" && !voids(err, path, test.void):
				t.Errorf("%v, want %q", err, test.void)
			case test.void == "" && test.intact && err != nil:
				t.Error(err)
			case test.void == "" && !test.intact && err != fs.ErrNotExist:
				t.Errorf("%v, want that there is none", err)
			}
		})
	}
}

// edit changes a byte of a file.
func edit(path string, at int64, change func(byte) byte) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[at] = change(data[at])
	return os.WriteFile(path, data, 0o600)
}

// Of a damaged index nothing is believed but what is right.
func TestDamaged(t *testing.T) {
	path := write(t, lines(60, 3)+"{\n"+lines(60, 3))
	mustMake(t, path)
	whole, err := os.ReadFile(index.Name(path))
	if err != nil {
		t.Fatal(err)
	}
	log := openLog(t, path)
	try := func(what string, data []byte) {
		if err := os.WriteFile(index.Name(path), data, 0o600); err != nil {
			t.Fatal(err)
		}
		ix, err := index.Open(log, index.Name(path))
		if err != nil {
			var void *index.VoidError
			if err != fs.ErrNotExist && !errors.As(err, &void) {
				t.Errorf("%s: %v", what, err)
			}
			return
		}
		defer ix.Close()
		blocks := ix.Blocks()
		if len(blocks) != 1 || blocks[0].Lines != 121 || blocks[0].Events != 120 || blocks[0].Invalid != 1 {
			t.Fatalf("%s: %+v", what, blocks)
		}
		for _, has := range [][2]string{
			{"event_type", "rare"}, {"event_type", "error"}, {"agent_id", "a"},
			{"turn_id", "0"}, {"turn_id", "1"}, {"turn_id", "2"}, {"turn_id", "3"}, {"turn_id", "4"}, {"turn_id", "5"},
		} {
			if !blocks[0].May(has[0], has[1]) {
				t.Errorf("%s: %s is gone", what, has)
			}
		}
	}
	try("as it is", whole)
	for i := range whole {
		damaged := append([]byte(nil), whole...)
		damaged[i] ^= 1 << (i % 8)
		try("damaged", damaged)
	}
	for n := 0; n < len(whole); n += 7 {
		try("cut", whole[:n])
	}
	try("longer", append(whole[:len(whole):len(whole)], "more"...))
}

// A turned clock is one that a test turns.
type turned struct {
	now   time.Time
	slept time.Duration
}

func (c *turned) clock() index.Clock {
	return index.Clock{
		Now: func() (time.Time, error) { return c.now, nil },
		Sleep: func(_ context.Context, d time.Duration) error {
			c.now, c.slept = c.now.Add(d), c.slept+d
			return nil
		},
	}
}

// Making begins once the change time is old enough.
func TestMakeWaits(t *testing.T) {
	for _, test := range []struct {
		name   string
		age    time.Duration
		slept  time.Duration
		unsure bool
	}{
		{"old enough", 20 * time.Millisecond, 0, false},
		{"too new", 19 * time.Millisecond, time.Millisecond, false},
		{"new", 0, 20 * time.Millisecond, false},
		{"somewhat in the future", -time.Second, 1020 * time.Millisecond, false},
		{"in the future", -time.Hour, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, lines(30, 3))
			log := openLog(t, path)
			changed, err := index.Changed(log)
			if err != nil {
				t.Fatal(err)
			}
			if changed.Nanosecond() == 0 {
				t.Skip("a file system without parts of seconds, or a rare moment")
			}
			c := &turned{now: changed.Add(test.age)}
			began := time.Duration(-1)
			opts := index.Options{Progress: func(int64) { began = c.slept }}
			made, err := index.Make(t.Context(), path, index.WithClock(opts, c.clock()))
			if err != nil || began != test.slept || (made.Unsure != "") != test.unsure {
				t.Errorf("%v, began after %v, %+v", err, began, made)
			}
			ix := mustOpen(t, path)
			if ix.Grown() != test.unsure {
				t.Errorf("to be confirmed: %t", ix.Grown())
			}
			if err := ix.Confirm(t.Context(), log); err != nil || ix.Grown() {
				t.Errorf("confirmed: %v", err)
			}
		})
	}
}

// The log changes while its index is made.
func TestMakeMeanwhile(t *testing.T) {
	text := lines(30, 3)
	for _, test := range []struct {
		name   string
		change func(path string) error
		err    string
	}{
		{"it grows", func(path string) error { appendTo(t, path, text); return nil }, ""},
		{"it is changed in place", func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			_, writeErr := f.WriteAt([]byte("{"), 0)
			return errors.Join(err, writeErr, f.Close())
		}, "it was changed meanwhile: try again"},
		{"it is cut", func(path string) error { return os.Truncate(path, 10) }, "it was changed meanwhile: try again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, text)
			opts := index.Options{Progress: func(int64) {
				if err := test.change(path); err != nil {
					t.Error(err)
				}
			}}
			made, err := index.Make(t.Context(), path, &opts)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("%v, want %q", err, test.err)
				}
				if _, err := open(t, path); err != fs.ErrNotExist {
					t.Errorf("there is an index: %v", err)
				}
				return
			}
			if err != nil || made.Unsure == "" {
				t.Errorf("%v, %+v", err, made)
			}
			if ix := mustOpen(t, path); !ix.Grown() || ix.End() != int64(len(text)) {
				t.Errorf("grown: %t", ix.Grown())
			}
		})
	}
}
