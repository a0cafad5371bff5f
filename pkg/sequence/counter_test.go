package sequence_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/compress"
	"auditctl/pkg/events"
	"auditctl/pkg/sequence"
)

func open(t *testing.T, log string) *sequence.Counter {
	t.Helper()
	c, err := sequence.OpenCounter(log, sequence.CounterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// record appends n events to a log as a recorder does. A step that fails ends it, as if it
// was killed: "append" before the lines are written, "unlock" after that.
func record(t *testing.T, c *sequence.Counter, log string, n int, killed string) {
	t.Helper()
	if err := c.Lock(); err != nil {
		t.Fatal(err)
	}
	lines, err := c.Append(nil, bytes.Repeat([]byte(`{"event_type": "x"}`+"\n"), n))
	if err != nil {
		t.Fatal(err)
	}
	if killed == "append" {
		c.Close()
		return
	}
	if format := compress.ByName(log); format != compress.None {
		lines = format.NewAppender().Compress(lines)
	}
	f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(lines); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if killed == "unlock" {
		c.Close()
		return
	}
	c.Unlock()
}

// numbers returns the numbers of a log, as "1-3 a 1-2" for three events of one epoch and two
// of another.
func numbers(t *testing.T, log string) string {
	t.Helper()
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content := compress.NewReader(f)
	defer content.Close()
	var text strings.Builder
	var last sequence.Number
	var s events.Scanner
	for e, err := range events.NewReader(content).Events() {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Scan(e.Line()); err != nil {
			t.Fatal(err)
		}
		n, ok := sequence.NumberOf(&s)
		switch {
		case !ok:
			text.WriteString(" none")
		case n.Epoch != last.Epoch && last.Seq > 0:
			fmt.Fprintf(&text, " new %d", n.Seq)
		case n.Seq != last.Seq+1 || last.Seq == 0:
			fmt.Fprintf(&text, " %d", n.Seq)
		default:
			text.WriteString("+")
		}
		last = n
	}
	return strings.TrimSpace(text.String())
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What happens to a log and its counter shows in the numbers that follow: as a gap, or as a
// new epoch where it is not known what was given out. None is there twice.
func TestCounter(t *testing.T) {
	for _, file := range []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		for _, test := range []struct {
			name string
			do   func(t *testing.T, c *sequence.Counter, log string)
			want string
		}{
			{"nothing", func(t *testing.T, c *sequence.Counter, log string) {}, "1++++"},
			{"killed before the lines are written", func(t *testing.T, c *sequence.Counter, log string) {
				record(t, c, log, 4, "append")
			}, "1++ 8+"},
			{"killed before the counter is unlocked", func(t *testing.T, c *sequence.Counter, log string) {
				record(t, c, log, 4, "unlock")
			}, "1++++++++"},
			{"rotated", func(t *testing.T, c *sequence.Counter, log string) {
				if err := os.Rename(log, log+".1"); err != nil {
					t.Fatal(err)
				}
				write(t, log, "")
			}, "4+"},
			{"removed", func(t *testing.T, c *sequence.Counter, log string) { os.Remove(log) }, "4+"},
			{"emptied", func(t *testing.T, c *sequence.Counter, log string) { write(t, log, "") }, "4+"},
			{"the counter is removed", func(t *testing.T, c *sequence.Counter, log string) {
				os.Remove(sequence.CounterPath(log))
			}, "1++ new 1+"},
			{"the counter is empty", func(t *testing.T, c *sequence.Counter, log string) {
				write(t, sequence.CounterPath(log), "")
			}, "1++ new 1+"},
			{"the counter is zeros", func(t *testing.T, c *sequence.Counter, log string) {
				write(t, sequence.CounterPath(log), strings.Repeat("\x00", 96))
			}, "1++ new 1+"},
			{"the counter is cut", func(t *testing.T, c *sequence.Counter, log string) {
				write(t, sequence.CounterPath(log), content(t, sequence.CounterPath(log))[:50])
			}, "1++ new 1+"},
			{"the counter is at the last number there can be", func(t *testing.T, c *sequence.Counter, log string) {
				now := content(t, sequence.CounterPath(log))
				last := strings.Replace(now, " 3,", " 9007199254740992,", 1)
				write(t, sequence.CounterPath(log), last[:len(now)-1]+"\n")
			}, "1++ new 1+"},
			{"the counter is one of before", func(t *testing.T, c *sequence.Counter, log string) {
				before := content(t, sequence.CounterPath(log))
				record(t, c, log, 1, "")
				write(t, sequence.CounterPath(log), before)
			}, "1+++ new 1+"},
			{"the counter is that of another log", func(t *testing.T, c *sequence.Counter, log string) {
				other := filepath.Join(t.TempDir(), "b")
				record(t, open(t, other), other, 9, "")
				write(t, sequence.CounterPath(log), content(t, sequence.CounterPath(other)))
			}, "1++ new 1+"},
		} {
			t.Run(file+" "+test.name, func(t *testing.T) {
				log := filepath.Join(t.TempDir(), file)
				c := open(t, log)
				record(t, c, log, 3, "")
				test.do(t, c, log)
				c.Close()
				record(t, open(t, log), log, 2, "")
				if got := numbers(t, log); got != test.want {
					t.Errorf("the numbers are %s, want %s", got, test.want)
				}
			})
		}
	}
}

// Lines that are taken from the end leave a gap, whatever else is written to the log.
func TestCounterAfterACutTail(t *testing.T) {
	log := filepath.Join(t.TempDir(), "a")
	record(t, open(t, log), log, 9, "")
	lines := strings.SplitAfter(content(t, log), "\n")
	write(t, log, strings.Join(lines[:7], ""))
	record(t, open(t, log), log, 2, "")
	if got := numbers(t, log); got != "1++++++ 10+" {
		t.Errorf("the numbers are %s", got)
	}
	others := strings.Repeat(`{"event_type": "x", "metadata": {"seq": 1}, "text": "`+strings.Repeat("x", 1000)+`"}`+"\n", 100)
	write(t, log, strings.Join(lines[:5], "")+others)
	record(t, open(t, log), log, 1, "")
	if got := numbers(t, log); got != "1++++"+strings.Repeat(" none", 100)+" 12" {
		t.Errorf("the numbers are %s", got)
	}
}

// Counters that are open at once, as those of several processes, go on counting after each
// other, whatever happens to the file.
func TestCountersTogether(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "a")
	one, other := open(t, log), open(t, log)
	record(t, one, log, 2, "")
	record(t, other, log, 2, "")
	record(t, one, log, 1, "")
	if got := numbers(t, log); got != "1++++" {
		t.Errorf("the numbers are %s", got)
	}
	if err := os.Remove(sequence.CounterPath(log)); err != nil {
		t.Fatal(err)
	}
	record(t, other, log, 2, "")
	record(t, one, log, 2, "")
	record(t, other, log, 1, "")
	if got := numbers(t, log); got != "1++++ new 1++++" {
		t.Errorf("the numbers are %s", got)
	}
	if err := os.Symlink(log, filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	record(t, open(t, filepath.Join(dir, "link")), log, 1, "")
	if got := numbers(t, log); got != "1++++ new 1+++++" {
		t.Errorf("the numbers are %s", got)
	}
}

// What is no counter is not overwritten.
func TestCounterRefuses(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "a")
	path := sequence.CounterPath(log)
	for _, text := range []string{"precious", "{}", `{"event_type": "x"}` + "\n", `{"seq": 1}` + strings.Repeat(" ", 200)} {
		write(t, path, text)
		if _, err := sequence.OpenCounter(log, sequence.CounterOptions{}); err == nil || !strings.HasSuffix(err.Error(), "it is not a counter of numbered events: move it away") {
			t.Errorf("%s: %v", text, err)
		}
		if got := content(t, path); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c := open(t, log)
	if st, err := os.Stat(path); err != nil || st.Mode().Perm()&0o077 != 0 && filepath.Separator == '/' {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	for name, replace := range map[string]func() error{
		"a directory":       func() error { return os.Mkdir(path, 0o700) },
		"a link":            func() error { write(t, filepath.Join(dir, "b"), ""); return os.Symlink("b", path) },
		"a link to nowhere": func() error { return os.Symlink("none", path) },
	} {
		if err := errors.Join(os.RemoveAll(path), replace()); err != nil {
			t.Skip(err)
		}
		if _, err := sequence.OpenCounter(log, sequence.CounterOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := c.Lock(); err == nil {
			t.Errorf("%s in place of it: no error", name)
		}
		c.Unlock()
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the link was followed: %v", err)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	record(t, c, log, 1, "")
	if got := numbers(t, log); got != "1" {
		t.Errorf("the numbers are %s", got)
	}
}

// A watchedFile notes what is done to the file of a Counter, and may fail.
type watchedFile struct {
	*os.File
	done *[]string
	fail *error
}

func (f watchedFile) WriteAt(p []byte, off int64) (int, error) {
	*f.done = append(*f.done, "write")
	if *f.fail != nil {
		return 0, *f.fail
	}
	return f.File.WriteAt(p, off)
}

func (f watchedFile) Sync() error {
	*f.done = append(*f.done, "sync")
	return nil
}

// What was given out is in the file, and with Sync on the disk, before the lines are
// written. If that fails, no number is used.
func TestCounterWritesFirst(t *testing.T) {
	for _, sync := range []bool{false, true} {
		var done []string
		var fail error
		log := filepath.Join(t.TempDir(), "a")
		o := sequence.CounterOptions{Sync: sync}.WithFile(func(f *os.File) sequence.File { return watchedFile{f, &done, &fail} })
		c, err := sequence.OpenCounter(log, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if err := c.Lock(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Append(nil, []byte(`{"event_type": "x"}`+"\n")); err != nil {
			t.Fatal(err)
		}
		want := "[write]"
		if sync {
			want = "[write sync]"
		}
		if got := fmt.Sprint(done); got != want {
			t.Errorf("Sync %t: %s before the lines", sync, got)
		}
		c.Unlock()
		fail = errors.New("no space left on device")
		if err := c.Lock(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Append(nil, []byte(`{"event_type": "x"}`+"\n")); err != fail {
			t.Errorf("a write that fails: %v", err)
		}
		c.Unlock()
		fail = nil
		record(t, c, log, 1, "")
		if got := numbers(t, log); got != "2" {
			t.Errorf("the numbers are %s", got)
		}
	}
}
