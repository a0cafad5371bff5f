package seal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/internal/crashtest"
	"auditctl/pkg/seal"
)

// Whenever the machine crashes, and whatever survives of what was not synced, the next seal
// continues. A completed seal is never lost.
func TestCrash(t *testing.T) {
	signer, key := foreignKey(t, "example.com/audit")
	for _, c := range []struct {
		name   string
		before func(t *testing.T) seal.Log
		more   string // lines that are not synced yet
	}{
		{"the first", func(t *testing.T) seal.Log { return newLog(t, "") }, numbered(0, 3)},
		{"later", func(t *testing.T) seal.Log { return sealedLog(t, key, 3) }, numbered(3, 2)},
		{"of another tool", func(t *testing.T) seal.Log {
			return foreignLog(t, numbered(0, 3), "example.com/audit", signer)
		}, ""},
		{"that completes a tile", func(t *testing.T) seal.Log { return sealedLog(t, key, 255) }, numbered(255, 2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := c.before(t)
			base := filepath.Base(l.Path)
			before := files{base: read(t, l.Path)}
			for name, text := range filesOf(t, l) {
				before[base+".tlog/"+name] = text
			}
			disk := crashtest.New(before)
			disk.Open(base).WriteAt([]byte(c.more), int64(len(before[base])))
			appendTo(t, l.Path, c.more)
			sealed := mustAdopt(t, seal.Recorded(l, disk), key)

			done := disk.Mark()
			states := 0
			for crash := range disk.Crashes() {
				states++
				left := seal.Log{Path: filepath.Join(filepath.Dir(l.Path), "left", base)}
				if err := crash.Put(filepath.Dir(left.Path)); err != nil {
					t.Fatal(err)
				}
				if crash.After == done {
					r, err := left.Verify(t.Context(), seal.VerifyOptions{Verifier: key.Verifier})
					if err != nil || r.Verdict != seal.Intact || r.Lines != sealed.Lines() {
						t.Errorf("a completed seal is lost: %v, %+v", err, r)
					}
				} else if _, err := left.Verify(t.Context(), seal.VerifyOptions{}); len(before) > 1 && errors.Is(err, seal.ErrNotSealed) {
					t.Error("an earlier seal is lost")
				}
				if states%2 == 0 {
					appendTo(t, left.Path, "{}\n")
				}
				if goesOn(t, left, key); t.Failed() {
					t.Fatal(crash.What)
				}
			}
			if states < 5 {
				t.Errorf("only %d states", states)
			}
		})
	}
}

// However many tiles there are, all are synced at the end.
func TestAllSynced(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, lines := range []int{3, 100 * 256} {
		text := numbered(0, lines)
		l := newLog(t, text)
		disk := crashtest.New(files{filepath.Base(l.Path): text})
		mustSeal(t, seal.Recorded(l, disk), key)
		if left := disk.Unsynced(); len(left) > 0 {
			t.Errorf("sealed %d lines, not synced: %q", lines, left)
		}
	}
}

// A tile that a killed seal has left is kept if it is right, and synced, whoever wrote it.
func TestTileThatWasLeft(t *testing.T) {
	key := newKey(t, "example.com/audit")
	text := numbered(0, 256)
	l := newLog(t, text)
	mustSeal(t, l, key)
	const name = "tile/0/000"
	tile := read(t, l.Path+".tlog/"+name)
	for _, c := range []struct {
		left string
		kept bool
	}{
		{tile, true},
		{tile[:100], false},
		{tile + "\x00", false},
		{strings.Repeat("\x00", len(tile)), false},
	} {
		l := newLog(t, text)
		disk := crashtest.New(files{filepath.Base(l.Path): text})
		dir := filepath.Base(l.Path) + ".tlog"
		for _, sub := range []string{dir, dir + "/tile", dir + "/tile/0"} {
			disk.Mkdir(sub)
		}
		files{name: c.left}.put(t, l)
		disk.Create(dir+"/"+name).WriteAt([]byte(c.left), 0)
		before, err := os.Stat(l.Path + ".tlog/" + name)
		if err != nil {
			t.Fatal(err)
		}
		mustSeal(t, seal.Recorded(l, disk), key)
		if left := disk.Unsynced(); c.kept && len(left) > 0 {
			t.Errorf("%d bytes: not synced: %q", len(c.left), left)
		}
		after, err := os.Stat(l.Path + ".tlog/" + name)
		if err != nil || os.SameFile(before, after) != c.kept {
			t.Errorf("%d bytes: kept is %t, %v", len(c.left), !c.kept, err)
		}
		if got := read(t, l.Path+".tlog/"+name); got != tile {
			t.Errorf("%d bytes: the tile has %d bytes", len(c.left), len(got))
		}
	}
}
