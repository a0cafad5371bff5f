package spool_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The next run delivers what a run left, unchanged, before its own.
func TestNextRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	all := messagesOf(numbered(30)...)
	for i := range 2 {
		warned, err := run(t, dir, &stream{away: true}, all[10*i:10*i+10]...)
		want := []string{"lines are left in " + dir + " (the server is away): the next run with this spool delivers them"}
		if err != nil || !slices.Equal(warned, want) {
			t.Errorf("%v, warned %q, want %q", err, warned, want)
		}
	}
	to := new(stream)
	if warned, err := run(t, dir, to, all[20:]...); err != nil || warned != nil {
		t.Errorf("%v, warned %q", err, warned)
	}
	if !reflect.DeepEqual(to.messages, all) {
		t.Errorf("got %q", to.lines())
	}
	again := new(stream)
	if _, err := run(t, dir, again); err != nil || again.messages != nil || again.resumed != 30 {
		t.Errorf("%v, got %q after sequence %d", err, again.lines(), again.resumed)
	}
}

// The format of the files must not change: other versions of the program read and write
// them.
func TestFormat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := run(t, dir, &stream{away: true}, messagesOf("one", "two")...); err != nil {
		t.Fatal(err)
	}
	const records = "+ ccc251099b8c17a482bdf430c05fa886.0@ccc251099b8c17a4 one\n" +
		"- bd18515a5b671864116764f2cb284a3c.1@ccc251099b8c17a4 two\n"
	wantFile(t, dir, "00000001.spool", records)

	// The first versions wrote no marks.
	const older = "+ 8a3f.0 three\n- 8a3f.1 four\n"
	if err := os.WriteFile(filepath.Join(dir, "00000002.spool"), []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	to := new(stream)
	if _, err := run(t, dir, to); err != nil {
		t.Fatal(err)
	}
	if got, want := to.lines(), []string{"one", "two", "three", "four"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if m := to.messages[2]; m.ID != "8a3f.0" || m.Origin != "" || !m.Begins || m.Subject != "audit.-.-" {
		t.Errorf("got %+v", m)
	}
	wantFile(t, dir, "position", fmt.Sprintf(`{"segment":2,"offset":%d,"stream":"AUDIT","known":true,"sequence":4}`+"\n", len(older)))
}

func wantFile(t *testing.T, dir, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
		t.Errorf("%s: %v, got\n%s, want\n%s", name, err, got, want)
	}
}

// An incomplete last line, which was never flushed, is removed.
func TestTorn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	all := messagesOf(numbered(3)...)
	run(t, dir, &stream{away: true}, all[:2]...)
	f, err := os.OpenFile(filepath.Join(dir, "00000001.spool"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `- 0123456789abcdef0123456789abcdef.2 {"event_type": "to`+strings.Repeat("x", 100<<10))
	f.Close()
	to := new(stream)
	if _, err := run(t, dir, to, all[2]); err != nil || !reflect.DeepEqual(to.messages, all) {
		t.Errorf("%v, got %q", err, to.lines())
	}
}

// Delivered segments are deleted.
func TestSegments(t *testing.T) {
	t.Parallel()
	dir, to := t.TempDir(), new(stream)
	all := messagesOf(numbered(26)...)
	for i := range all {
		all[i].Line = append(all[i].Line, strings.Repeat(" ", 800<<10)...)
	}
	if _, err := run(t, dir, to, all...); err != nil || !reflect.DeepEqual(to.messages, all) {
		t.Errorf("%v, got %d messages", err, len(to.messages))
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*.spool"))
	if want := []string{filepath.Join(dir, "00000002.spool")}; err != nil || !slices.Equal(segments, want) {
		t.Errorf("segments %q, %v, want %q", segments, err, want)
	}
}

// A spool that does not fit its position is not delivered.
func TestRefused(t *testing.T) {
	t.Parallel()
	const position = `{"segment":2,"offset":10,"stream":"AUDIT"}`
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"of another stream", map[string]string{"position": `{"segment":1,"stream":"OTHER"}`}, "holds lines for stream OTHER: use another directory"},
		{"invalid position", map[string]string{"position": "?"}, "position: invalid character"},
		{"a shorter segment", map[string]string{"position": position, "00000002.spool": "- 1 {}\n"}, "00000002.spool is shorter than what was delivered of it: move it away"},
		{"a missing segment", map[string]string{"position": position, "00000003.spool": "- 1 {}\n"}, "00000002.spool is missing, with lines in it"},
		{"not records", map[string]string{"00000001.spool": "{}\n"}, "00000001.spool: not a spool of auditctl"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range test.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			to := new(stream)
			s, _, err := open(t, dir, to)
			if err == nil {
				err = s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || to.messages != nil {
				t.Errorf("%v, want %q; got %q", err, test.want, to.lines())
			}
		})
	}
}

// Only one process at a time can use a spool.
func TestInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _, err := open(t, dir, new(stream))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, dir, new(stream)); err == nil || !strings.HasSuffix(err.Error(), "is in use: give each process a directory of its own") {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, dir, new(stream)); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}

// Lines that are too long are set aside. There is a warning for each of the first ones, and
// then one with the number of all.
func TestSetsAside(t *testing.T) {
	t.Parallel()
	dir, to := t.TempDir(), &stream{longest: 100}
	short, long := numbered(12), ""
	var lines []string
	for i, line := range short {
		line := line[:len(line)-1] + strings.Repeat(" ", 100+i) + "}"
		lines = append(lines, short[i], line)
		long += line + "\n"
	}
	warned, err := run(t, dir, to, messagesOf(lines...)...)
	if want := "lines too long for the stream: 12, in " + filepath.Join(dir, "too-long.jsonl") + " now"; err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
	if len(warned) != 10 {
		t.Errorf("warned %q", warned)
	}
	if got := to.lines(); !slices.Equal(got, short) {
		t.Errorf("got %q", got)
	}
	wantFile(t, dir, "too-long.jsonl", long)
	if _, err := run(t, dir, new(stream)); err != nil {
		t.Errorf("the next run: %v", err)
	}
}

// An error that somebody must fix is logged, and returned by Close if lines are left.
func TestStreamRefuses(t *testing.T) {
	t.Parallel()
	dir, full := t.TempDir(), errors.New("the stream is full")
	warned, err := run(t, dir, &stream{refuses: full}, messagesOf(numbered(3)...)...)
	if want := "the stream is full: lines are left in " + dir + ", and delivered by the next run with this spool when that is fixed"; !errors.Is(err, full) || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
	if want := "the stream is full: lines are kept in " + dir; len(warned) > 1 || len(warned) == 1 && warned[0] != want {
		t.Errorf("warned %q, want %q", warned, want)
	}
	to := new(stream)
	if _, err := run(t, dir, to); err != nil || len(to.messages) != 3 {
		t.Errorf("%v, got %q", err, to.lines())
	}
}
