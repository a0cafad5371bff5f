package collector_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/collector"
)

// bufferSize is how much a JSONL buffers.
const bufferSize = 64 << 10

func TestJSONLAppends(t *testing.T) {
	a, b := numbered("a", 0), numbered("b", 0)
	for _, test := range []struct {
		name   string
		before string
		opts   *collector.JSONLOptions
		events []string
		want   string
	}{
		{"empty", "", nil, []string{a, b}, a + "\n" + b + "\n"},
		{"complete", "{}\n", nil, []string{a}, "{}\n" + a + "\n"},
		{"blank last line", "{}\n\n", nil, []string{a}, "{}\n\n" + a + "\n"},
		{"torn", "{}\n{\"ev", nil, []string{a, b}, "{}\n{\"ev\n" + a + "\n" + b + "\n"},
		{"torn after CR", "{}\r", nil, []string{a}, "{}\r\n" + a + "\n"},
		{"torn, one byte", "{", nil, []string{a}, "{\n" + a + "\n"},
		{"torn, no event", "{}\n{\"ev", nil, nil, "{}\n{\"ev"},
		{"torn, large event", "{", nil, []string{sized(bufferSize)}, "{\n" + sized(bufferSize) + "\n"},
		{"no options", "{}\n", &collector.JSONLOptions{}, []string{a}, "{}\n" + a + "\n"},
		{"truncate", "{}\n", &collector.JSONLOptions{Truncate: true}, []string{a}, a + "\n"},
		{"truncate torn", "{", &collector.JSONLOptions{Truncate: true}, []string{a}, a + "\n"},
		{"truncate, no event", "{}\n", &collector.JSONLOptions{Truncate: true}, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := writeFile(t, test.before, 0o600)
			j := open(t, path, test.opts)
			flush(t, j)
			for _, line := range test.events {
				emit(t, j, line)
				flush(t, j) // must not end the torn line again
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
			if got := readFile(t, path); got != test.want {
				t.Errorf("the file holds\n%.200q, want\n%.200q", got, test.want)
			}
		})
	}
}

// A block ends a torn line just as an event does.
func TestJSONLBlockAfterTornLine(t *testing.T) {
	for _, size := range []int{100, 2 * bufferSize} {
		path := writeFile(t, "torn", 0o600)
		j := open(t, path, nil)
		emitLines(t, j, sized(size)+"\n")
		emitLines(t, j, sized(size)+"\n")
		flush(t, j)
		sameLines(t, splitLines(t, readFile(t, path)), []string{"torn", sized(size), sized(size)})
	}
}

// Two collectors that append to one file do not break each other's lines.
func TestJSONLSharedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	a, b := open(t, path, nil), open(t, path, nil)
	var want []string
	for i := range 4 {
		want = append(want, numbered("a", i), numbered("b", i))
		emit(t, a, numbered("a", i))
		flush(t, a)
		emit(t, b, numbered("b", i))
		flush(t, b)
	}
	sameLines(t, splitLines(t, readFile(t, path)), want)
}

func TestJSONLFileMode(t *testing.T) {
	created := filepath.Join(t.TempDir(), "log.jsonl")
	for _, test := range []struct {
		name, path string
		want       fs.FileMode
	}{
		{"created", created, 0o600},
		{"kept", writeFile(t, "", 0o640), 0o640},
		{"kept, readable by all", writeFile(t, "{}\n", 0o644), 0o644},
	} {
		t.Run(test.name, func(t *testing.T) {
			emit(t, open(t, test.path, nil), numbered("x", 0))
			st, err := os.Stat(test.path)
			if err != nil {
				t.Fatal(err)
			}
			if st.Mode().Perm() != test.want {
				t.Errorf("mode %v, want %v", st.Mode().Perm(), test.want)
			}
		})
	}
}

// The error of opening names the path once.
func TestJSONLOpenErrors(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name, path string
	}{
		{"directory", dir},
		{"no parent", filepath.Join(dir, "none", "log.jsonl")},
		{"parent is a file", filepath.Join(writeFile(t, "", 0o600), "log.jsonl")},
	} {
		t.Run(test.name, func(t *testing.T) { checkOpenError(t, test.path) })
	}
	t.Run("read-only file", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write to read-only files")
		}
		checkOpenError(t, writeFile(t, "{}\n", 0o400))
	})
}

func checkOpenError(t *testing.T, path string) {
	t.Helper()
	j, err := collector.OpenJSONL(path, nil)
	if err == nil {
		j.Close()
		t.Fatal("no error")
	}
	if n := strings.Count(err.Error(), path); n != 1 {
		t.Errorf("%q names the path %d times, want once", err, n)
	}
}

// A file that may be written but not read can be appended to. It is unknown whether its
// last line is complete, so a line feed comes first: at worst there is a blank line.
func TestJSONLWriteOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read write-only files")
	}
	path := writeFile(t, "torn", 0o200)
	emit(t, open(t, path, nil), numbered("x", 0))
	j := open(t, path, nil)
	emit(t, j, numbered("x", 1))
	j.Close()
	os.Chmod(path, 0o600)
	if got := readFile(t, path); !strings.HasPrefix(got, "torn\n") {
		t.Errorf("the file holds %q", got)
	}
}

// Flush and Close write to a borrowed stream but do not close it.
func TestJSONLBorrowsItsStream(t *testing.T) {
	var w closeRecorder
	j := collector.NewJSONL(&w)
	emit(t, j, numbered("x", 0))
	flush(t, j)
	emit(t, j, numbered("x", 1))
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	sameLines(t, splitLines(t, w.String()), []string{numbered("x", 0), numbered("x", 1)})
	if w.closed {
		t.Error("the stream was closed")
	}
}

// A borrowed stream with a buffer of its own is flushed as well.
func TestJSONLFlushesItsStream(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*collector.JSONL) error
	}{
		{"Flush", (*collector.JSONL).Flush},
		{"Close", (*collector.JSONL).Close},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			j := collector.NewJSONL(bufio.NewWriter(&out))
			emit(t, j, numbered("x", 0))
			if err := test.end(j); err != nil {
				t.Error(err)
			}
			sameLines(t, splitLines(t, out.String()), []string{numbered("x", 0)})
		})
	}
}

// An error of the stream's own Flush is permanent like that of a write.
func TestJSONLErrorOfStreamFlush(t *testing.T) {
	j := collector.NewJSONL(bufio.NewWriter(&fullWriter{room: 5}))
	emit(t, j, numbered("x", 0))
	for _, call := range []struct {
		name string
		err  error
	}{
		{"Flush", j.Flush()},
		{"Emit", j.Emit(parse(t, numbered("x", 1)))},
		{"Close", j.Close()},
	} {
		if !errors.Is(call.err, errFull) {
			t.Errorf("%s: %v, want %v", call.name, call.err, errFull)
		}
	}
}

// Many small events are buffered and written together.
func TestJSONLBuffers(t *testing.T) {
	var w writeRecorder
	j := collector.NewJSONL(&w)
	for i := range 100 {
		emit(t, j, numbered("x", i))
		emitLines(t, j, numbered("x", i)+"\n")
	}
	if len(w.writes) != 0 {
		t.Errorf("%d writes before Flush, want none", len(w.writes))
	}
	flush(t, j)
	if len(w.writes) != 1 {
		t.Errorf("%d writes, want 1", len(w.writes))
	}
}

// Every write ends with a line feed, wherever the buffer ends.
func TestJSONLWritesWholeLines(t *testing.T) {
	around := []int{100, bufferSize - 102, bufferSize - 101, bufferSize - 100, bufferSize - 1, bufferSize, bufferSize + 1}
	var all [][]int // the sizes of the lines of one log
	for _, first := range around {
		for _, second := range around {
			all = append(all, []int{first, second, 100})
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 10 {
		var sizes []int
		for range 60 {
			sizes = append(sizes, 40+rng.IntN(1<<(6+rng.IntN(12))))
		}
		all = append(all, sizes)
	}

	single := func(j *collector.JSONL, line string) { emit(t, j, line) }
	block := func(j *collector.JSONL, line string) { emitLines(t, j, line+"\n") }
	either := func(j *collector.JSONL, line string) {
		[]func(*collector.JSONL, string){single, block}[rng.IntN(2)](j, line)
	}
	for _, record := range []func(*collector.JSONL, string){single, block, either} {
		for _, sizes := range all {
			var w writeRecorder
			var want []string
			j := collector.NewJSONL(&w)
			for _, size := range sizes {
				want = append(want, sized(size))
				record(j, sized(size))
			}
			flush(t, j)
			for _, p := range w.writes {
				if !strings.HasSuffix(p, "\n") {
					t.Fatalf("lines of %v bytes: a write of %d bytes ends within a line", sizes, len(p))
				}
			}
			sameLines(t, splitLines(t, strings.Join(w.writes, "")), want)
		}
	}
}

// If a writer accepts only part of the bytes, the rest follows.
func TestJSONLShortWrites(t *testing.T) {
	want := []string{numbered("x", 0), sized(bufferSize + 7), numbered("x", 1)}
	for _, most := range []int{1, 7, 4096} {
		w := &shortWriter{most: most}
		j := collector.NewJSONL(w)
		emit(t, j, want[:2]...)
		emitLines(t, j, want[2]+"\n")
		flush(t, j)
		sameLines(t, splitLines(t, w.String()), want)
	}
}

// A writer that writes nothing and returns no error does not hang the collector.
func TestJSONLNoProgress(t *testing.T) {
	j := collector.NewJSONL(new(stuckWriter))
	emit(t, j, numbered("x", 0))
	if err := j.Flush(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("Flush: %v, want %v", err, io.ErrShortWrite)
	}
}

// The first error is final: all later calls return it and write nothing, so that what was
// written is a prefix of the events.
func TestJSONLKeepsTheFirstError(t *testing.T) {
	lines := []string{numbered("x", 0), numbered("x", 1), numbered("x", 2)}
	all := joinLines(lines)
	for room := range all {
		w := &fullWriter{room: room}
		j := collector.NewJSONL(w)
		emit(t, j, lines[0])
		emitLines(t, j, lines[1]+"\n"+lines[2]+"\n")
		first := j.Flush()
		w.room = len(all) // too late
		for _, call := range []struct {
			name string
			err  error
		}{
			{"Flush", first},
			{"Emit", j.Emit(parse(t, lines[0]))},
			{"EmitLines", j.EmitLines([]byte(lines[0] + "\n"))},
			{"the second Flush", j.Flush()},
			{"Close", j.Close()},
		} {
			if call.err != first || !errors.Is(call.err, errFull) {
				t.Errorf("room for %d bytes: %s: %v, want the first error", room, call.name, call.err)
			}
		}
		if got := w.String(); got != all[:room] {
			t.Errorf("room for %d bytes: wrote %q", room, got)
		}
	}
}

// Close returns the error of its own write.
func TestJSONLErrorOfClose(t *testing.T) {
	j := collector.NewJSONL(&fullWriter{})
	emit(t, j, numbered("x", 0))
	if err := j.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close: %v, want %v", err, errFull)
	}
}

// Emit returns the error of the write that it causes.
func TestJSONLErrorOfEmit(t *testing.T) {
	for _, test := range []struct {
		name string
		emit func(*collector.JSONL) error
	}{
		{"Emit, a large event", func(j *collector.JSONL) error { return j.Emit(parse(t, sized(bufferSize))) }},
		{"EmitLines, a large block", func(j *collector.JSONL) error { return j.EmitLines([]byte(sized(bufferSize) + "\n")) }},
	} {
		for _, before := range [][]string{nil, {numbered("x", 0)}} {
			t.Run(fmt.Sprint(test.name, " after ", len(before)), func(t *testing.T) {
				j := collector.NewJSONL(&fullWriter{room: 10})
				emit(t, j, before...)
				if err := test.emit(j); !errors.Is(err, errFull) {
					t.Errorf("%v, want %v", err, errFull)
				}
			})
		}
	}
}

// writeFile creates a file and returns its path.
func writeFile(t *testing.T, text string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// Writers that record, and misbehave.

type closeRecorder struct {
	bytes.Buffer
	closed bool
}

func (w *closeRecorder) Close() error {
	w.closed = true
	return nil
}

type writeRecorder struct{ writes []string }

func (w *writeRecorder) Write(p []byte) (int, error) {
	w.writes = append(w.writes, string(p))
	return len(p), nil
}

// A shortWriter accepts at most this many bytes at a time, without an error.
type shortWriter struct {
	bytes.Buffer
	most int
}

func (w *shortWriter) Write(p []byte) (int, error) {
	return w.Buffer.Write(p[:min(len(p), w.most)])
}

// A stuckWriter accepts nothing, and panics rather than be called forever.
type stuckWriter struct{ asked int }

func (w *stuckWriter) Write([]byte) (int, error) {
	if w.asked++; w.asked > 1000 {
		panic("called again and again")
	}
	return 0, nil
}

var errFull = errors.New("the writer is full")

// A fullWriter has room for a number of bytes.
type fullWriter struct {
	bytes.Buffer
	room int
}

func (w *fullWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	w.Buffer.Write(p[:n])
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

// Close does not leave an incomplete line: it is removed from a file, and ended in a
// stream.
func TestJSONLCloseWithinALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	var out bytes.Buffer
	for _, j := range []*collector.JSONL{open(t, path, nil), collector.NewJSONL(&out)} {
		for _, lines := range []string{"{}\n", `{"a": `, `"b`} {
			if err := errors.Join(j.EmitLines([]byte(lines)), j.Flush()); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := readFile(t, path), "{}\n"; got != want {
		t.Errorf("the file has %q, want %q", got, want)
	}
	if got, want := out.String(), "{}\n{\"a\": \"b\n"; got != want {
		t.Errorf("the stream has %q, want %q", got, want)
	}
}
