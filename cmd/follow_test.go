//go:build unix

package cmd_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"auditctl/cmd"
	"auditctl/pkg/compress"
)

// appendFile appends to a file in the process's directory.
func (p *process) appendFile(name, text string) {
	p.t.Helper()
	f, err := os.OpenFile(filepath.Join(p.dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = io.WriteString(f, text)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) rename(from, to string) {
	p.t.Helper()
	if err := os.Rename(filepath.Join(p.dir, from), filepath.Join(p.dir, to)); err != nil {
		p.t.Fatal(err)
	}
}

// says waits for messages on standard error.
func (p *process) says(want string) {
	p.t.Helper()
	if !eventually(func() bool { return p.stderr.String() == want }) {
		p.t.Fatalf("said %q, want %q", p.stderr, want)
	}
}

// startFollowing starts cat -f in a directory with files.
func startFollowing(t *testing.T, files map[string]string, args ...string) *process {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	return startIn(t, dir, nil, "auditctl", append([]string{"cat", "-f"}, args...)...)
}

// Several files are followed at once, each across its own rotations, until a signal
// comes. A line that is unfinished then is not shown.
func TestFollow(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"a.jsonl": lineA, "b.jsonl": ""}, "a.jsonl", "b.jsonl", "c.jsonl")
	p.expect(lineA)
	p.says("auditctl: c.jsonl: not there yet: waiting for it\n")
	for range 3 {
		p.appendFile("b.jsonl", lineB)
		p.expect(lineB)
		p.rename("b.jsonl", "b.jsonl.1")
		os.Remove(filepath.Join(p.dir, "c.jsonl"))
		p.appendFile("c.jsonl", lineC)
		p.expect(lineC)
		p.appendFile("b.jsonl.1", lineA)
		p.expect(lineA)
		p.appendFile("a.jsonl", lineB+lineC)
		p.expect(lineB + lineC)
		os.Truncate(filepath.Join(p.dir, "a.jsonl"), 0)
		p.appendFile("a.jsonl", lineA)
		p.expect(lineA)
	}
	p.appendFile("a.jsonl", `{"event_type": "half"`)
	p.Process.Signal(syscall.SIGINT)
	p.exit(130, "auditctl: c.jsonl: not there yet: waiting for it\n"+
		strings.TrimPrefix(strings.Repeat("auditctl: lines of c.jsonl may be missing: the file that was read is gone\n"+
			"auditctl: lines of a.jsonl may be missing: truncated: following it from its start\n", 3),
			"auditctl: lines of c.jsonl may be missing: the file that was read is gone\n"))
	if rest, err := io.ReadAll(p.lines); len(rest) > 0 || err != nil {
		t.Errorf("standard output goes on with %q, %v", rest, err)
	}
}

// Flags of cat do the same with -f as without.
func TestFollowFlags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want, add, more string }{
		{"", lineA + lineB + lineC, lineA, lineA},
		{"-t b", lineB, lineA + lineB, lineB},
		{"-v -t b", lineA + lineC, lineB + lineA, lineA},
		{"-F n>1", lineB + lineC, lineA + lineB, lineB},
		{"-n 1", lineC, lineB, lineB},
		{"--lines=2", lineB + lineC, lineB, lineB},
		{"-n 4", lineA + lineB + lineC, lineB, lineB},
		{"-n 1 -t a,b", lineB, lineC + lineB, lineB},
		{"-n 1 -t x", "", lineC + `{"event_type":"x"}` + "\n", `{"event_type":"x"}` + "\n"},
		{"-A 1 -t a --context-all", lineA + lineB, lineC + lineA + lineB + lineB, lineA + lineB},
		{"--format=text -t c", strings.Repeat(" ", 44) + "c  n=3\n", lineC, strings.Repeat(" ", 44) + "c  n=3\n"},
		{"-j 1", lineA + lineB + lineC, lineA, lineA},
		{"-o -", lineA + lineB + lineC, lineA, lineA},
		{"-o - --sync=always -o copy", lineA + lineB + lineC, lineA, lineA},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			p := startFollowing(t, map[string]string{"log": lineA + lineB + lineC}, append(strings.Fields(test.args), "log")...)
			p.expect(test.want)
			p.appendFile("log", test.add)
			p.expect(test.more)
		})
	}
}

// With -n 0 only new lines are shown. An unfinished line is new.
func TestFollowNew(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"log": lineA + lineA + `{"event_type": `}, "-n", "0", "log")
	appended := make(chan struct{})
	go func() {
		defer close(appended)
		p.appendFile("log", `"new"}`+"\n")
		for p.appendFile("log", lineB); ; p.appendFile("log", lineB) {
			select {
			case <-p.ended:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	first, err := p.lines.ReadString('\n')
	if first == `{"event_type": "new"}`+"\n" {
		first, err = p.lines.ReadString('\n')
	}
	if first != lineB || err != nil {
		t.Errorf("begins with %q, %v", first, err)
	}
	p.Process.Signal(syscall.SIGTERM)
	<-appended
	if said := p.stderr.String(); said != "" {
		t.Errorf("said %q", said)
	}
}

// Following ends when the answer is known, even while an input is silent.
func TestFollowEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args, want string
		status     int
	}{
		{"-m 2", lineA + lineB, 0},
		{"-m 2 -n 1", lineB + lineC, 0},
		{"-q -t c", "", 0},
		{"-c -m 3", "3\n", 0},
		{"--invalid=fail", lineA + lineB + lineC, 2},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			p := startFollowing(t, map[string]string{"log": lineA + lineB}, append(strings.Fields(test.args), "log", "-")...)
			if strings.HasPrefix(test.want, lineA) {
				p.expect(lineA)
			}
			if strings.Contains(test.want, lineB) {
				p.expect(lineB)
			}
			p.appendFile("log", lineC+"x\n")
			<-p.ended
			rest, _ := io.ReadAll(p.lines)
			if have := p.ProcessState.ExitCode(); have != test.status || !strings.HasSuffix(test.want, string(rest)) {
				t.Errorf("status %d, then %q", have, rest)
			}
		})
	}
}

// Following ends when the reader leaves, even if nothing is written any more.
func TestFollowUnread(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"log": lineA + "x\n"}, "log")
	p.expect(lineA)
	p.says("auditctl: log:2:1: not a JSON object\n")
	p.out.Close()
	if runtime.GOOS != "linux" { // only a write notices that
		p.appendFile("log", lineB)
	}
	p.exit(3, "auditctl: log:2:1: not a JSON object\n")
}

// Standard input ends; files that are followed as well go on.
func TestFollowStdin(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "cat", "-f")
	p.feed(lineA)
	p.expect(lineA)
	p.feed(`{"event_type": "b"}`)
	p.in.Close()
	p.expect(`{"event_type": "b"}` + "\n")
	p.exit(0, "")

	p = startFollowing(t, map[string]string{"log": lineA}, "-", "log")
	p.expect(lineA)
	p.feed(lineB)
	p.expect(lineB)
	p.in.Close()
	p.appendFile("log", lineC)
	p.expect(lineC)

	// If it is a file, it is followed.
	p = startWithShell(t, map[string]string{"log": lineA + lineB}, `exec auditctl cat -f -n 1 < log`)
	p.expect(lineB)
	p.appendFile("log", lineC)
	p.expect(lineC)
}

func startWithShell(t *testing.T, files map[string]string, script string) *process {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	return startIn(t, dir, nil, "sh", "-c", script)
}

// A FIFO is read again after its writer has left. One that nobody writes to does not keep
// others waiting.
func TestFollowFIFO(t *testing.T) {
	t.Parallel()
	silent, fifo := makeFIFO(t), makeFIFO(t)
	p := startFollowing(t, map[string]string{"log": ""}, silent, "log", fifo)
	for range 3 {
		w := openFIFO(t, fifo, os.O_WRONLY)
		fmt.Fprint(w, lineA+`{"event_type": "half"`)
		p.expect(lineA)
		p.appendFile("log", lineB)
		p.expect(lineB)
		fmt.Fprint(w, "}")
		w.Close()
		p.expect(`{"event_type": "half"}` + "\n")
	}
}

// Logs that appear below a directory are followed as well, from their start, and those
// that are left out without -f are left out.
func TestFollowDirectory(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"log": lineA, "a.jsonl": lineB}, "-n", "1", "log", ".")
	p.expectLines(lineA, lineB)
	p.appendFile("log", lineA)
	p.appendFile(".hidden.jsonl", lineA)
	p.appendFile("b.txt", lineA)
	p.appendFile("a.jsonl", lineB)
	p.expectLines(lineA, lineB)
	p.appendFile("b.jsonl", lineA+lineB)
	p.expect(lineA + lineB)
	p.makeDir("x/y")
	p.appendFile("x/y/c.json", lineC+lineA)
	p.expect(lineC + lineA)
	p.makeDir(".z")
	p.appendFile(".z/d.json", lineC)
	p.makeDir("x/y/z")
	p.appendFile("x/y/z/d.ndjson", lineB)
	p.expect(lineB)
	p.appendFile("x/y/z/d.ndjson", "x\n"+lineC)
	p.expect(lineC)
	p.Process.Signal(syscall.SIGINT)
	p.exit(130, "auditctl: ./x/y/z/d.ndjson:2:1: not a JSON object\n")

	p = startFollowing(t, nil, ".")
	said := "auditctl: .: no logs below it yet: waiting for them\n"
	p.says(said)
	p.appendFile("a.jsonl", lineA)
	p.expect(lineA)
	p.Process.Signal(syscall.SIGINT)
	p.exit(130, said)
}

// What is moved, rotated, copied or compressed below a directory is not read again.
func TestFollowDirectoryRotated(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"a.jsonl": lineA, "b.jsonl": lineA, "c.jsonl": lineA}, ".")
	p.expect(lineA + lineA + lineA)
	p.rename("a.jsonl", "moved.jsonl")
	p.appendFile("moved.jsonl", lineB)
	p.expect(lineB)
	for n := range 3 {
		p.rename("b.jsonl", fmt.Sprintf("b-2026031%d.jsonl", n))
		p.appendFile("b.jsonl", lineC)
		p.expect(lineC)
		if n > 0 {
			compressed(t, p, fmt.Sprintf("b-2026031%d.jsonl", n-1))
		}
	}
	compressed(t, p, "c.jsonl")
	p.appendFile("d.jsonl", lineB) // after which all others were looked at
	p.expect(lineB)
	p.Process.Signal(syscall.SIGINT)
	p.exit(130, "")
}

// Files whose names are counted up are read as those of the log that they come from.
func TestFollowDirectoryNumbered(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"a.jsonl": lineA, "a.1.jsonl": lineB}, ".")
	p.expectLines(lineA, lineB)
	for n := range 2 {
		for number := n + 1; number > 0; number-- {
			p.rename(fmt.Sprintf("a.%d.jsonl", number), fmt.Sprintf("a.%d.jsonl", number+1))
		}
		p.rename("a.jsonl", "a.1.jsonl")
		p.appendFile("a.jsonl", lineC)
		p.expect(lineC)
		p.appendFile(fmt.Sprintf("a.%d.jsonl", n+2), lineB)
		p.expect(lineB)
	}
	p.Process.Signal(syscall.SIGINT)
	p.exit(130, "")
}

// compressed compresses a file in the process's directory.
func compressed(t *testing.T, p *process, name string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	writeFile(t, path+".gz", string(compress.Gzip.NewAppender().Compress([]byte(readFile(t, path)))))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func (p *process) makeDir(name string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Join(p.dir, name), 0o700); err != nil {
		p.t.Fatal(err)
	}
}

// Lines are counted from the start of their file, even if reading starts later, and each
// file has its own report.
func TestFollowLineNumbers(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"log": strings.Repeat("\nx\n", 1000) + lineA + "y\n"}, "-n", "1", "log")
	p.expect(lineA)
	said := "auditctl: log:2002:1: not a JSON object\n"
	p.says(said)
	p.appendFile("log", "z\n")
	said += "auditctl: log:2003:1: not a JSON object\n"
	p.says(said)
	p.rename("log", "log.1")
	p.appendFile("log", lineB+strings.Repeat("z\n", 12))
	p.expect(lineB)
	for i := range 10 {
		said += fmt.Sprintf("auditctl: log:%d:1: not a JSON object\n", i+2)
	}
	p.says(said)
	p.rename("log", "log.1")
	p.appendFile("log", "x\n"+lineC)
	p.expect(lineC)
	said += "auditctl: log: 2 more invalid lines, 12 in all\nauditctl: log:1:1: not a JSON object\n"
	p.says(said)
}

// A line that is too long comes in pieces. In --rejects it is whole, whatever the other
// inputs do meanwhile.
func TestFollowPieces(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	p := startFollowing(t, map[string]string{"a": "", "b": ""}, "--max-line=100", "--rejects=rejects", "a", "b")
	for range 10 {
		p.appendFile("a", long)
		p.appendFile("b", "y\n"+lineB)
		p.appendFile("a", long+"\n"+lineA)
		p.expectLines(lineA, lineB)
	}
	for line := range strings.Lines(readFile(t, filepath.Join(p.dir, "rejects"))) {
		if line != "y\n" && line != long+long+"\n" {
			t.Errorf("a line of %d bytes was kept", len(line))
		}
	}
}

// expectLines reads these lines, in any order.
func (p *process) expectLines(want ...string) {
	p.t.Helper()
	p.out.SetReadDeadline(time.Now().Add(patience))
	for range want {
		line, err := p.lines.ReadString('\n')
		at := slices.Index(want, line)
		if at < 0 {
			p.t.Fatalf("have %q, %v; want one of %q", line, err, want)
		}
		want = slices.Delete(slices.Clone(want), at, at+1)
	}
}

// Compressed files are followed as well: what was compressed in batches comes in batches.
// The compressed form of a rotated file is not read again.
func TestFollowCompressed(t *testing.T) {
	t.Parallel()
	var compressed strings.Builder
	z := gzip.NewWriter(&compressed)
	io.WriteString(z, lineA+lineB)
	z.Close()
	for _, args := range []string{"", "-n 1"} {
		t.Run(args, func(t *testing.T) {
			p := startFollowing(t, map[string]string{"log.gz": compressed.String()}, append(strings.Fields(args), "log.gz")...)
			if args == "" {
				p.expect(lineA)
			}
			p.expect(lineB)
			for range 3 {
				p.appendFile("log.gz", compressed.String())
				p.expect(lineA + lineB)
				p.rename("log.gz", "log.gz.1")
				p.appendFile("log.gz", compressed.String())
				p.expect(lineA + lineB)
			}
		})
	}

	p := startFollowing(t, map[string]string{"log": lineA}, "log")
	p.expect(lineA)
	p.rename("log", "log.1")
	p.appendFile("log.1.gz", compressed.String())
	os.Remove(filepath.Join(p.dir, "log.1"))
	p.appendFile("log", lineC)
	p.expect(lineC)
}

// However fast a log is rotated, by auditctl or another program, each line comes once and
// in order.
func TestFollowRotations(t *testing.T) {
	t.Parallel()
	const files, lines = 50, 400
	line := func(n int) string { return fmt.Sprintf(`{"event_type": "a", "n": %d}`+"\n", n) }
	check := func(t *testing.T, p *process) {
		t.Helper()
		p.out.SetReadDeadline(time.Now().Add(2 * patience))
		for n := 1; n < files*lines; n++ {
			if have, err := p.lines.ReadString('\n'); have != line(n) {
				t.Fatalf("line %d is %q, %v; said %q", n, have, err, p.stderr)
			}
		}
		p.Process.Signal(syscall.SIGINT)
		p.exit(130, p.stderr.String())
	}
	t.Run("renamed", func(t *testing.T) {
		p := startFollowing(t, map[string]string{"log": line(0)}, "log")
		p.expect(line(0))
		go func() {
			for file := range files {
				f, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
				if err != nil {
					return // the test has ended
				}
				for n := file * lines; n < (file+1)*lines; n++ {
					if n > 0 {
						io.WriteString(f, line(n))
					}
				}
				f.Close()
				for n := file; n > 0; n-- {
					os.Rename(filepath.Join(p.dir, fmt.Sprintf("log.%d", n)), filepath.Join(p.dir, fmt.Sprintf("log.%d", n+1)))
				}
				if file < files-1 {
					os.Rename(filepath.Join(p.dir, "log"), filepath.Join(p.dir, "log.1"))
				}
			}
		}()
		check(t, p)
	})
	t.Run("auditctl", func(t *testing.T) {
		p := startFollowing(t, map[string]string{"log": line(0)}, "log")
		p.expect(line(0))
		w := startIn(t, p.dir, nil, "auditctl", "tee", "-q", "--rotate-size", fmt.Sprint(lines*len(line(0))), "log")
		go func() {
			for n := 1; n < files*lines; n++ {
				io.WriteString(w.in, line(n))
			}
			w.in.Close()
		}()
		check(t, p)
		w.exit(0, "")
	})
}

// A follower that was stopped finds the files that were rotated meanwhile, compressed or
// not.
func TestFollowStopped(t *testing.T) {
	t.Parallel()
	for _, rotate := range []string{"--rotate-keep=99", "--rotate-compress=gz", "--rotate-compress=zst"} {
		t.Run(rotate, func(t *testing.T) {
			t.Parallel()
			p := startFollowing(t, map[string]string{"log": lineA}, "log")
			p.expect(lineA)
			p.Process.Signal(syscall.SIGSTOP)
			w := startIn(t, p.dir, nil, "auditctl", "tee", "-q", "--rotate-size=100", rotate, "log")
			var want strings.Builder
			for n := range 20 {
				fmt.Fprintf(&want, `{"event_type": "a", "n": %d}`+"\n", n)
			}
			w.feed(want.String())
			w.in.Close()
			w.exit(0, "")
			p.Process.Signal(syscall.SIGCONT)
			p.expect(want.String())
		})
	}
}

// Within this process, -f ends with the context.
func TestFollowContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	writeFile(t, path, lineA)
	ctx, cancel := context.WithCancelCause(context.Background())
	r, w := io.Pipe()
	done := make(chan int)
	go func() {
		done <- cmd.Run(ctx, []string{"cat", "-f", path}, cmd.Streams{In: r, Out: w, Err: io.Discard})
	}()
	if line := make([]byte, len(lineA)); true {
		if _, err := io.ReadFull(r, line); string(line) != lineA || err != nil {
			t.Errorf("have %q, %v", line, err)
		}
	}
	cancel(errors.New("enough of it"))
	if status := <-done; status != 2 {
		t.Errorf("status %d", status)
	}
}

// An unfinished last line is not one of the last events: more of it may come.
func TestFollowLastUnfinished(t *testing.T) {
	half := strings.TrimSuffix(lineC, "\n")
	p := startFollowing(t, map[string]string{"log": lineA + lineB + half}, "-n", "1", "log")
	p.expect(lineB)
	p.appendFile("log", "\n")
	p.expect(lineC)
}

// A follower that was stopped finds the files that logrotate and others moved away
// meanwhile, and says so if it cannot.
func TestFollowStoppedLogrotate(t *testing.T) {
	p := startFollowing(t, map[string]string{"a.jsonl": lineA}, "a.jsonl")
	p.expect(lineA)
	p.Process.Signal(syscall.SIGSTOP)
	p.appendFile("a.jsonl", lineB)
	for n := range 4 {
		p.rename("a.jsonl", fmt.Sprintf("a.jsonl-2026031%d", n))
		p.appendFile("a.jsonl", fmt.Sprintf(`{"event_type": "a", "n": %d}`+"\n", n))
	}
	var compressed strings.Builder
	z := gzip.NewWriter(&compressed)
	io.WriteString(z, readFile(t, filepath.Join(p.dir, "a.jsonl-20260312")))
	z.Close()
	writeFile(t, filepath.Join(p.dir, "a.jsonl-20260312.gz"), compressed.String())
	st, err := os.Stat(filepath.Join(p.dir, "a.jsonl-20260312"))
	if err != nil {
		t.Fatal(err)
	}
	os.Chtimes(filepath.Join(p.dir, "a.jsonl-20260312.gz"), st.ModTime(), st.ModTime())
	os.Remove(filepath.Join(p.dir, "a.jsonl-20260312"))
	p.Process.Signal(syscall.SIGCONT)
	p.expect(lineB)
	for n := range 4 {
		p.expect(fmt.Sprintf(`{"event_type": "a", "n": %d}`+"\n", n))
	}
	p.says("")

	p.Process.Signal(syscall.SIGSTOP)
	for range 2 {
		os.Remove(filepath.Join(p.dir, "a.jsonl"))
		p.appendFile("a.jsonl", lineC)
	}
	p.Process.Signal(syscall.SIGCONT)
	p.expect(lineC)
	p.says("auditctl: lines of a.jsonl may be missing: the file that was read is gone\n")
}

// A damaged file among those that were moved away does not end following.
func TestFollowDamaged(t *testing.T) {
	p := startFollowing(t, map[string]string{"a.jsonl": lineA}, "a.jsonl")
	p.expect(lineA)
	p.Process.Signal(syscall.SIGSTOP)
	p.rename("a.jsonl", "a.jsonl.2")
	p.appendFile("a.jsonl.1.gz", "\x1f\x8b\x08no gzip")
	p.appendFile("a.jsonl", lineB)
	p.Process.Signal(syscall.SIGCONT)
	p.expect(lineB)
	p.says("auditctl: read a.jsonl: the compressed data is cut off\n")
	p.appendFile("a.jsonl", lineC)
	p.expect(lineC)
}
