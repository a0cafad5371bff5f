package follow_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/follow"
	"auditctl/pkg/internal/logtest"
	"auditctl/pkg/openfiles"
)

// patience is how long a test waits before it fails.
const patience = 5 * time.Minute

// A reading is a File under test, in a directory of its own.
type reading struct {
	*follow.File
	t       *testing.T
	dir     string
	size    int // of the buffer for Read
	began   bool
	have    string // what was read, with a | where a file was over
	notices []string
	missing []string // the reasons given to Missing
	moves   int
	parts   []string // what drain has read of previous files
	watcher *follow.Watcher
	files   *openfiles.Pool
}

// Read reads after the file was closed, if no other one may be open.
func (r *reading) Read(p []byte) (int, error) {
	r.crowd()
	return r.File.Read(p)
}

func (r *reading) crowd() {
	if r.files != nil && r.files.Most() == 1 {
		other, err := r.files.Open("file_test.go", 0)
		r.do(err)
		other.Close()
	}
}

// each runs a test with and without notifications, and where a file is closed whenever it
// is not read.
func each(t *testing.T, test func(t *testing.T, r *reading)) {
	eachOpen(t, test)
	run(t, "crowded", newCrowded, test)
}

// eachOpen is each without files being closed.
func eachOpen(t *testing.T, test func(t *testing.T, r *reading)) {
	run(t, "watched", follow.NewWatcher, test)
	run(t, "polled", follow.NewPoller, test)
}

// newCrowded returns a Watcher that has one file open at most.
func newCrowded() *follow.Watcher {
	w := follow.NewWatcher()
	w.Files = openfiles.NewPool(1)
	return w
}

func run(t *testing.T, name string, newWatcher func() *follow.Watcher, test func(t *testing.T, r *reading)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		w := newWatcher()
		end := time.AfterFunc(patience, w.Close)
		r := &reading{t: t, dir: t.TempDir(), size: 1 << 10, files: w.Files}
		r.File = w.Follow(r.path("log"))
		r.Logger = logtest.New(func(text string) { r.notices = append(r.notices, text) })
		r.Missing = func(why string) { r.missing = append(r.missing, why) }
		t.Cleanup(func() {
			r.Close()
			if end.Stop() {
				w.Close()
			}
		})
		test(t, r)
	})
}

func (r *reading) path(name string) string { return filepath.Join(r.dir, name) }

// add appends to a file, creating it if necessary.
func (r *reading) add(name, text string) {
	r.t.Helper()
	f, err := os.OpenFile(r.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = io.WriteString(f, text)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		r.t.Fatal(err)
	}
}

// do fails the test if err is not nil.
func (r *reading) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *reading) rename(from, to string) { r.t.Helper(); r.do(os.Rename(r.path(from), r.path(to))) }

// changed sets the modification time of a file, counted from now.
func (r *reading) changed(name string, after time.Duration) {
	r.t.Helper()
	r.do(os.Chtimes(r.path(name), time.Time{}, time.Now().Add(after)))
}

// rotate moves the log to log.1, that to log.2 and so on.
func (r *reading) rotate() {
	r.t.Helper()
	last := 1
	for exists(r.path(fmt.Sprintf("log.%d", last))) {
		last++
	}
	for ; last > 1; last-- {
		r.rename(fmt.Sprintf("log.%d", last-1), fmt.Sprintf("log.%d", last))
	}
	r.rename("log", "log.1")
}

// Notifications alone are enough for changes at the path and where it leads to.
func TestNotifications(t *testing.T) {
	w := follow.NewNotifiedWatcher()
	end := time.AfterFunc(patience, w.Close)
	r := &reading{t: t, dir: t.TempDir(), size: 100, files: w.Files}
	r.do(os.Mkdir(r.path("deep"), 0o700))
	r.do(os.Symlink("deep/log", r.path("log")))
	r.File = w.Follow(r.path("log"))
	defer r.Close()
	steps := make(chan string)
	go func() { // always while Read waits
		for step := range steps {
			time.Sleep(10 * time.Millisecond)
			r.do(os.MkdirAll(r.path("deep"), 0o700))
			r.add(step, "text\n")
		}
	}()
	steps <- "deep/log"
	r.want("text\n")
	steps <- "deep/log"
	r.want("text\n")
	r.rename("deep/log", "deep/log.1")
	steps <- "deep/log.1"
	r.want("text\n")
	steps <- "deep/log"
	r.want("|text\n")
	r.do(os.Remove(r.path("deep/log")))
	steps <- "deep/log"
	r.want("|text\n")
	r.do(os.Remove(r.path("log")))
	steps <- "log"
	r.want("|text\n")
	close(steps)
	if end.Stop() {
		w.Close()
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// want reads as much as want, which must be what was read since the last call.
func (r *reading) want(want string) {
	r.t.Helper()
	if !r.began {
		r.began = true
		r.do(r.Next())
	}
	for buf := make([]byte, r.size); len(r.have) < len(want); {
		n, err := r.Read(buf)
		r.have += string(buf[:n])
		if err == io.EOF {
			r.have += "|"
			err = r.Next()
		}
		if err != nil {
			r.t.Fatalf("have %q, then %v; want %q", r.have, err, want)
		}
	}
	if r.have != want {
		r.t.Fatalf("have %q, want %q", r.have, want)
	}
	r.have = ""
}

func (r *reading) wantNotices(want ...string) {
	r.t.Helper()
	if fmt.Sprint(r.notices) != fmt.Sprint(want) {
		r.t.Errorf("notices %q, want %q", r.notices, want)
	}
}

func (r *reading) wantMissing(want ...string) {
	r.t.Helper()
	if fmt.Sprint(r.missing) != fmt.Sprint(want) {
		r.t.Errorf("missing %q, want %q", r.missing, want)
	}
}

const (
	gone      = "the file that was read is gone"
	truncated = "truncated: following it from its start"
)

// What is written is read in whole lines.
func TestAppend(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "one\ntwo\nthr")
		r.want("one\ntwo\n")
		r.add("log", "ee\nfour\n")
		r.want("three\nfour\n")
		go func() {
			time.Sleep(10 * time.Millisecond)
			r.add("log", "fi")
			r.add("log", "ve\n")
		}()
		r.want("five\n")
	})
}

// A line longer than the buffer is read in pieces.
func TestLongLine(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.size = 10
		r.add("log", "1\n3\n56789012345")
		r.want("1\n3\n")
		r.want("5678901234")
		r.add("log", "\nend\n")
		r.want("5\nend\n")
	})
}

// An incomplete line that is cut off again is as if it had never been written.
func TestIncompleteLineCut(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "one\ntw")
		r.want("one\n")
		r.do(os.Truncate(r.path("log"), 4))
		r.add("log", "two\n")
		r.want("two\n")
		r.wantNotices()

		r.size = 10
		r.add("log", "a line that is long")
		r.want("a line tha")
		r.do(os.Truncate(r.path("log"), 8))
		r.want("|")
		r.add("log", "three\n")
		r.want("three\n")
	})
}

func TestTruncate(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "one\ntwo\nthree\nfo")
		r.want("one\ntwo\nthree\n")
		r.do(os.Truncate(r.path("log"), 0))
		r.add("log", "new\n")
		r.want("|new\n")
		r.add("log", "more\n")
		r.want("more\n")
		r.wantNotices()
		r.wantMissing(truncated)
	})
}

// A file that was moved away is read until another one is written to.
func TestRename(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "one\n")
		r.want("one\n")
		r.rename("log", "moved")
		r.add("moved", "two\n")
		r.want("two\n")
		r.add("log", "")
		r.add("moved", "three\n")
		r.want("three\n")
		r.add("moved", "four\nfi") // the end of its file completes the line
		r.add("log", "six\n")
		r.want("four\nfi|six\n")
		r.add("moved", "late\nhalf")
		r.add("log", "seven\n")
		r.want("seven\nlate\n")
		r.add("log", "eight\n")
		r.want("eight\n")
		r.wantNotices()
		r.wantMissing(gone)
	})
}

// Whatever replaces a file is followed: another one moved there, or one created after the
// old one was deleted.
func TestReplace(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "one\n")
		r.want("one\n")
		r.add("new", "two\n")
		r.rename("new", "log")
		r.want("|two\n")
		r.do(os.Remove(r.path("log")))
		r.add("log", "three\n")
		r.want("|three\n")
		r.wantNotices()
	})
}

func TestSymlink(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.do(os.MkdirAll(r.path("a/deep"), 0o700))
		r.do(os.Mkdir(r.path("b"), 0o700))
		r.add("a/deep/log", "one\n")
		r.add("b/log", "three\n")
		r.do(os.Symlink("a/deep", r.path("data")))
		r.do(os.Symlink("data/log", r.path("log")))
		r.want("one\n")
		r.add("a/deep/log", "two\n")
		r.want("two\n")
		r.do(os.Symlink("b", r.path("data.new")))
		r.rename("data.new", "data")
		r.want("|three\n")

		// auditctl rotates the file and not the link.
		for n := range 3 {
			r.rename("b/log", fmt.Sprintf("b/log.%d", 3-n))
			r.add("b/log", fmt.Sprintln("rotated", n))
		}
		r.want("|rotated 0\n|rotated 1\n|rotated 2\n")
		r.wantMissing()
	})
}

// A file that does not exist is waited for.
func TestMissing(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.Logger = logtest.New(func(text string) {
			r.notices = append(r.notices, text)
			r.add("log", fmt.Sprintln(len(r.notices)))
		})
		r.want("1\n")
		r.do(os.Remove(r.path("log")))
		r.want("|2\n")
		r.wantNotices("not there yet: waiting for it", "gone: waiting for another")
	})
}

// A directory that does not exist is waited for, too.
func TestMissingDirectory(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.do(os.Mkdir(r.path("log"), 0o700))
		w := follow.NewWatcher()
		defer w.Close()
		within := &reading{File: w.Follow(r.path("log/log")), t: t, dir: r.path("log"), size: 100}
		go func() {
			time.Sleep(10 * time.Millisecond)
			within.add("log", "one\n")
		}()
		within.want("one\n")
		r.rename("log", "old")
		r.do(os.Mkdir(r.path("log"), 0o700))
		within.add("log", "two\n")
		within.want("|two\n")
		within.Close()
	})
}

func TestDirectory(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "one\n")
		r.want("one\n")
		r.do(os.Remove(r.path("log")))
		r.do(os.Mkdir(r.path("log"), 0o700))
		if _, err := r.Read(make([]byte, 10)); err == nil || err.Error() != "read "+r.path("log")+": is a directory" {
			t.Errorf("error %v", err)
		}
	})
}

// Files that were never seen at the path are found where rotation moved them.
func TestRotations(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "0\n")
		r.want("0\n")
		want := ""
		for n := range 20 {
			r.rotate()
			r.add("log", fmt.Sprintln(n+1))
			want += fmt.Sprintf("|%d\n", n+1)
		}
		r.want(want)

		// Empty ones, one after a gap, and compressed ones, which are read in full.
		for range 3 {
			r.rotate()
			r.add("log", "")
		}
		r.rename("log.2", "log.2.gz")
		r.add("log.2.gz", "compressed")
		r.rename("log.1", "log.0") // a gap
		r.add("log", "last\n")
		r.want("|compressed||last\n")

		// One that cannot be found: the file at the path is next.
		r.rename("log", "elsewhere")
		r.add("log.1", "old\n")
		r.changed("log.1", -time.Hour)
		r.add("log", "new\n")
		r.want("|new\n")

		// One that was deleted, as the oldest beyond the number to keep.
		r.changed("log", -time.Minute)
		r.do(os.Remove(r.path("log")))
		r.do(os.Remove(r.path("log.1")))
		r.add("log.3", "older\n")
		r.changed("log.3", -time.Hour)
		r.add("log.2", "2\n")
		r.add("log.1", "1\n")
		r.add("log", "0\n")
		r.want("|2\n|1\n|0\n")
	})
}

// A file is found although it was compressed, and so are compressed files after it.
func TestRotationsCompressed(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log.1.gz", gzipped("1\nolder"))
		r.add("log", "0\n")
		r.want("0\n")
		r.do(os.Remove(r.path("log")))
		r.add("log", "1\n")
		r.want("|1\n")
		r.do(os.Remove(r.path("log.1.gz")))
		r.do(os.Remove(r.path("log")))
		r.add("log.4.gz", gzipped("1\n"))
		r.add("log.3.gz", gzipped("2\n"))
		r.add("log.2.gz", "not compressed")
		r.add("log.1", "3\n")
		r.add("log", "4\n")
		r.want("|" + gzipped("2\n") + "|not compressed|3\n|4\n")
	})
}

// Files are opened as soon as they are seen, and may be deleted then, unless they were
// closed because there are too many.
func TestRotationsDeleted(t *testing.T) {
	deleted := func(t *testing.T, r *reading) (all string) {
		r.size = 2
		r.add("log", "0\n1\n2\n3\n4\n")
		for n := range 5 {
			r.want(fmt.Sprintln(n)) // with a look at the path
			r.rotate()
			r.add("log", fmt.Sprintln(5+n))
			all += fmt.Sprintf("|%d\n", 5+n)
		}
		r.do(r.Wait())
		for n := range 5 {
			r.do(os.Remove(r.path(fmt.Sprintf("log.%d", n+1))))
		}
		return all
	}
	eachOpen(t, func(t *testing.T, r *reading) {
		r.want(deleted(t, r))
		r.wantMissing()
	})
	run(t, "crowded", newCrowded, func(t *testing.T, r *reading) {
		deleted(t, r)
		r.want("|||||9\n")
		r.wantMissing(gone, gone, gone, gone, gone)
	})
}

// Only the first file is read from where Start says, and only if it was there before.
func TestStart(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.Start = func(f *openfiles.File) (int64, error) {
			st, err := f.Stat()
			return st.Size() - 4, err
		}
		r.add("log", "one\ntwo\n")
		r.want("two\n")
		r.rotate()
		r.add("log", "three\n")
		r.want("|three\n")
		r.do(os.Truncate(r.path("log"), 0))
		r.add("log", "4\n")
		r.want("|4\n")
	})
	each(t, func(t *testing.T, r *reading) {
		r.Start = func(f *openfiles.File) (int64, error) { return 4, nil }
		r.Logger = logtest.New(func(text string) { r.add("log", "one\ntwo\n") })
		r.want("one\ntwo\n")
	})
}

// Compressed files are read as they are written, not in lines.
func TestCompressed(t *testing.T) {
	each(t, func(t *testing.T, r *reading) {
		r.add("log", "\x1f\x8b\none")
		r.want("\x1f\x8b\none")
		r.add("log", "two")
		r.want("two")
		r.rotate()
		r.add("log", "lines\n")
		r.want("|lines\n")
	})
}

// An open file is read from its offset and followed, a stream is read to its end.
func TestOpened(t *testing.T) {
	w := follow.NewWatcher()
	defer w.Close()
	r := &reading{t: t, dir: t.TempDir(), size: 100, files: w.Files}
	r.add("log", "one\ntwo\n")
	f, err := os.Open(r.path("log"))
	r.do(err)
	defer f.Close()
	f.Seek(4, io.SeekStart)
	r.File = w.Opened(f)
	r.want("two\n")
	r.rename("log", "moved")
	r.add("moved", "three\n")
	r.want("three\n")
	r.do(os.Truncate(r.path("moved"), 0))
	r.add("moved", "four\n")
	r.want("|four\n")

	stream := w.Opened(strings.NewReader("five"))
	r.do(stream.Next())
	if all, err := io.ReadAll(stream); string(all) != "five" || err != nil || !stream.Ends() {
		t.Errorf("have %q, %v, %v", all, err, stream.Ends())
	}
	if err := stream.Next(); err != io.EOF {
		t.Errorf("then %v", err)
	}
}

// Close ends all waiting.
func TestWatcherClose(t *testing.T) {
	for name, wait := range map[string]func(f *follow.File) error{
		"Next": func(f *follow.File) error { return f.Next() },
		"Read": func(f *follow.File) error { _, err := f.Read(make([]byte, 1)); return err },
		"Wait": func(f *follow.File) error { return f.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			w := follow.NewWatcher()
			f := w.Follow(path)
			defer f.Close()
			if name != "Next" {
				os.WriteFile(path, nil, 0o600)
				f.Next()
			}
			time.AfterFunc(10*time.Millisecond, w.Close)
			if err := wait(f); !errors.Is(err, os.ErrClosed) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// A file that was written anew while it was closed is noticed before it was read to its
// end.
func TestRewrittenWhileClosed(t *testing.T) {
	run(t, "crowded", newCrowded, func(t *testing.T, r *reading) {
		r.size = 4
		r.add("log", "one\ntwo\n")
		r.want("one\n")
		r.crowd()
		r.do(os.WriteFile(r.path("log"), []byte("1\n2\n3\n4\n5\n"), 0o600))
		r.want("|1\n2\n3\n4\n5\n")
		r.wantMissing(truncated)
	})
}

// A file with the same lines, of which some were erased, is read from where the old one was
// read to, however little of that was read by then.
func TestErased(t *testing.T) {
	eachOpen(t, func(t *testing.T, r *reading) {
		const erased = `{"event_type": "erased", "timestamp": "2026-03-10T12:00:00+00:00", "line": 1}` + "\n"
		long := strings.Repeat("long", 30_000) + "\n"
		r.size = 200_000
		r.add("log", "one\ntwo\n"+long)
		r.want("one\ntwo\n" + long)
		r.add("new", "one\n"+erased+long+"four\n")
		r.rename("new", "log")
		r.want("|four\n")
		r.add("new", erased+erased+erased+"four\nfi")
		r.add("log", "fi")
		r.rename("new", "log")
		r.add("log", "ve\n")
		r.want("|five\n")
		r.wantNotices()
		r.wantMissing()

		// If another line differs, it is another log.
		r.add("new", erased+"other\n"+erased+"four\nfive\n")
		r.rename("new", "log")
		r.want("|" + erased + "other\n" + erased + "four\nfive\n")
		r.wantMissing(gone)
	})
}

// What was not read yet is read as it is now.
func TestErasedBeforeItWasRead(t *testing.T) {
	eachOpen(t, func(t *testing.T, r *reading) {
		const erased = `{"event_type": "erased", "timestamp": "2026-03-10T12:00:00+00:00", "line": 1}` + "\n"
		r.size = 9
		r.add("log", "one\ntwo\nthree\n")
		r.want("one\ntwo\n")
		r.add("new", erased+"two\n"+erased+"four\n")
		r.rename("new", "log")
		r.size = 1 << 10
		r.want("|" + erased + "four\n")
		r.wantMissing()
	})
}
