//go:build unix

package cmd_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A signal comes while the input is silent: all destinations have exactly what was read,
// and the status names the signal.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		signal syscall.Signal
		status int
	}{
		{syscall.SIGINT, 130},
		{syscall.SIGQUIT, 131},
		{syscall.SIGTERM, 143},
	} {
		t.Run(test.signal.String(), func(t *testing.T) {
			p := start(t, "env", "PATIENCE_WRITES=1h", "auditctl", "tee", "a.jsonl", "b.jsonl", "--route", "b=c.jsonl")
			p.feed(lineA + lineB + `{"event_type": "half`)
			p.expect(lineA + lineB)
			p.file("c.jsonl", lineB)
			p.Process.Signal(test.signal)
			p.exit(test.status, "")
			p.file("a.jsonl", lineA+lineB)
			p.file("b.jsonl", lineA+lineB)
			if rest, err := io.ReadAll(p.lines); err != nil || len(rest) > 0 {
				t.Errorf("standard output goes on with %q, %v", rest, err)
			}
		})
	}
}

// Without files to reopen SIGHUP is a signal like others.
func TestHangup(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"tee", "filter", "emit --stdin"} {
		t.Run(args, func(t *testing.T) {
			p := start(t, "auditctl", strings.Fields(args)...)
			p.feed(`{"event_type": "base", "timestamp": "2026-03-09T08:14:02+00:00", "agent_id": null, "turn_id": null, "session_id": null, "severity": "info", "metadata": {}}` + "\n")
			p.lines.ReadString('\n')
			p.Process.Signal(syscall.SIGHUP)
			p.exit(129, "")
		})
	}
}

// Every command that reads can be interrupted while it waits for input.
func TestSignalsEveryCommand(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"tee", "tee -i -", "filter", "filter -c", "cat", "stats", "emit --stdin"} {
		t.Run(args, func(t *testing.T) {
			p := start(t, "auditctl", append(strings.Fields(args), "--rejects", "rejects.jsonl")...)
			p.feed("nonsense\n") // which shows that it is reading
			p.file("rejects.jsonl", "nonsense\n")
			p.Process.Signal(syscall.SIGTERM)
			p.exit(143, "auditctl: stdin:1:1: not a JSON object\n")
		})
	}
}

// An expression that never ends is stopped by a signal. Exactly the events before the one
// that it is evaluating are there, even with -v.
func TestSignalInExpression(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"filter", "-w", `.event_type == "a" or (def f: f; f)`},
		{"filter", "-v", "-w", `.event_type != "a" and ([range(1; infinite)] | length > 0)`},
		{"cat", "-w", `.event_type == "a" or last(repeat(1))`},
	} {
		t.Run(args[len(args)-1], func(t *testing.T) {
			p := start(t, "auditctl", args...)
			p.feed(lineA)
			p.expect(lineA)
			p.feed(lineA + lineB + lineA)
			time.Sleep(50 * time.Millisecond) // it is probably evaluating by now
			p.Process.Signal(syscall.SIGINT)
			p.exit(130, "")
			rest, err := io.ReadAll(p.lines)
			if err != nil || string(rest) != lineA && string(rest) != "" { // nothing, if it was not
				t.Errorf("standard output goes on with %q, %v, want %q", rest, err, lineA)
			}
		})
	}
}

// What was counted when a signal came is printed.
func TestSignalStats(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "stats", "--json", "--rejects", "rejects.jsonl")
	p.feed(lineA + lineB + "nonsense\n")
	p.file("rejects.jsonl", "nonsense\n")
	p.Process.Signal(syscall.SIGINT)
	p.expect(`{"events":2,`)
	p.exit(130, "auditctl: stdin:3:1: not a JSON object\n")
}

// stats -f follows logs, and prints in a pipe what it counted only at the end.
func TestSignalStatsFollow(t *testing.T) {
	t.Parallel()
	p := startIn(t, t.TempDir(), nil, "auditctl", "stats", "-f", "--json", "--rejects", "rejects.jsonl", "a.jsonl", "b.jsonl")
	p.appendFile("a.jsonl", lineA+"1\n")
	p.file("rejects.jsonl", "1\n")
	p.rename("a.jsonl", "a.jsonl.1")
	p.appendFile("a.jsonl", lineB+"2\n")
	p.file("rejects.jsonl", "1\n2\n")
	p.appendFile("b.jsonl", lineC+"3\n")
	p.file("rejects.jsonl", "1\n2\n3\n")
	p.Process.Signal(syscall.SIGTERM)
	p.expect(`{"events":3,`)
	p.ends(143)
	if rest, err := io.ReadAll(p.lines); strings.Count(string(rest), "\n") != 1 || err != nil {
		t.Errorf("standard output goes on with %q, %v", rest, err)
	}
}

// A signal comes in the middle of a stream: all destinations end after the same event.
func TestSignalWhileStreaming(t *testing.T) {
	t.Parallel()
	line := func(i int) string { return fmt.Sprintf(`{"event_type": "a", "n": %d}`+"\n", i) }
	p := start(t, "env", "PATIENCE_WRITES=1h", "auditctl", "tee", "-q", "a.jsonl", "b.jsonl", "c.jsonl")
	go func() {
		for i := 0; ; i += 1000 {
			var chunk strings.Builder
			for n := i; n < i+1000; n++ {
				chunk.WriteString(line(n))
			}
			if _, err := io.WriteString(p.in, chunk.String()); err != nil {
				return
			}
		}
	}()
	if !eventually(func() bool {
		st, err := os.Stat(filepath.Join(p.dir, "a.jsonl"))
		return err == nil && st.Size() > 1<<20
	}) {
		t.Fatal("nothing is written")
	}
	p.Process.Signal(syscall.SIGTERM)
	p.exit(143, "")
	a := readFile(t, filepath.Join(p.dir, "a.jsonl"))
	for i, rest := 0, a; rest != ""; i++ {
		var ok bool
		if rest, ok = strings.CutPrefix(rest, line(i)); !ok {
			t.Fatalf("line %d is %.60q", i, rest)
		}
	}
	for _, name := range []string{"b.jsonl", "c.jsonl"} {
		if readFile(t, filepath.Join(p.dir, name)) != a {
			t.Errorf("%s and a.jsonl differ", name)
		}
	}
}

// A destination whose reader does not read cannot keep the process from ending.
func TestSignalWhileStuck(t *testing.T) {
	t.Parallel()
	p := start(t, "env", "PATIENCE=50ms", "auditctl", "tee") // nobody reads its output
	stuck := make(chan struct{})
	go func() {
		defer close(stuck)
		for range 1000 {
			if _, err := io.WriteString(p.in, strings.Repeat(lineA, 4000)); err != nil {
				return
			}
		}
	}()
	p.expect(lineA)
	p.Process.Signal(syscall.SIGTERM)
	<-p.ended
	if status := p.ProcessState.ExitCode(); status != 143 {
		t.Errorf("status %d, want 143", status)
	}
	<-stuck
}

// Under nohup SIGHUP is ignored. If it were not, it would come before the other signal,
// whose number is higher.
func TestNohup(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"tee", "tee a.jsonl", "filter"} {
		t.Run(args, func(t *testing.T) {
			p := start(t, "sh", "-c", `trap '' HUP; exec auditctl `+args)
			p.feed(lineA)
			p.expect(lineA)
			p.Process.Signal(syscall.SIGHUP)
			p.Process.Signal(syscall.SIGTERM)
			p.exit(143, "")
		})
	}
}

// The reader of standard output may leave. If that is the only destination, the run ends
// without an error.
func TestOutputClosed(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"tee", "filter", "cat", "cat --format=text", "emit --stdin", "tee --rejects rejects.jsonl"} {
		t.Run(args, func(t *testing.T) {
			p := start(t, "auditctl", strings.Fields(args)...)
			p.out.Close()
			p.feed(lineA) // and the input stays open
			p.exit(0, "")
		})
	}
}

// Output of commands that write once to a reader that is gone is no error either.
func TestOutputClosedForOne(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"emit base", "emit base --print severity", "filter -c", "--help", "completion bash"} {
		t.Run(args, func(t *testing.T) {
			p := start(t, "sh", "-c", `read go; exec auditctl `+args)
			p.out.Close()
			p.feed("\n")
			p.in.Close()
			p.exit(0, "")
		})
	}
}

// If there are other destinations, standard output has failed and they go on.
func TestOutputClosedAmongOthers(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "tee", "a.jsonl", "--route", "b=b.jsonl")
	p.out.Close()
	p.feed(lineA)
	p.file("a.jsonl", lineA)
	p.feed(lineB + lineC)
	p.in.Close()
	p.exit(2, "auditctl: write stdout: broken pipe\n")
	p.file("a.jsonl", lineA+lineB+lineC)
	p.file("b.jsonl", lineB)
}

// An interrupted run has reported the invalid lines, with their count.
func TestSignalAfterInvalidLines(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "tee", "-q", "a.jsonl")
	p.feed(strings.Repeat("x\n", 12))
	p.file("a.jsonl", strings.Repeat("x\n", 12))
	p.Process.Signal(syscall.SIGINT)
	var want strings.Builder
	for i := range 10 {
		fmt.Fprintf(&want, "auditctl: stdin:%d:1: not a JSON object\n", i+1)
	}
	p.exit(130, want.String()+"auditctl: stdin: 2 more invalid lines, 12 in all\n")
}

// After a signal a receiver that does not answer is given up, and the other destinations
// are finished, whether it is one of several or the only one for events.
func TestSignalWithoutAnswer(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{"a.jsonl": lineA + "no event\n", "-q --rejects a.jsonl": "no event\n"} {
		t.Run(args, func(t *testing.T) {
			r := newReceiver(0)
			defer r.Close()
			p := start(t, "env", append([]string{"PATIENCE_WRITES=100ms", "auditctl", "tee"}, append(strings.Fields(args), r.url())...)...)
			p.feed(lineA + "no event\n")
			p.file("a.jsonl", want)
			if !eventually(r.asked) {
				t.Fatal("nothing is sent")
			}
			p.Process.Signal(syscall.SIGTERM)
			p.exit(143, "auditctl: write "+r.url()+": interrupted before the last events were acknowledged\nauditctl: stdin:2:1: not a JSON object\n")
		})
	}
}

// An array gets each event as it comes, and its end on a signal, also in a file that was
// moved meanwhile.
func TestSignalEndsArray(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "filter", "--json-array", "-o", "-", "-o", "array.json")
	p.feed(lineA)
	p.expect("[\n" + strings.TrimSuffix(lineA, "\n"))
	p.file("array.json", "[\n"+strings.TrimSuffix(lineA, "\n"))
	p.rename("array.json", "moved.json")
	p.Process.Signal(syscall.SIGHUP)
	p.feed(lineB)
	p.expect(",\n" + strings.TrimSuffix(lineB, "\n"))
	p.Process.Signal(syscall.SIGTERM)
	p.expect("\n]\n")
	p.exit(143, "")
	p.file("moved.json", "[\n"+strings.TrimSuffix(lineA, "\n")+",\n"+lineB+"]\n")
}
