//go:build unix

package cmd_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"
)

// startMCP starts an MCP server below auditctl that is a shell script. Events go to
// audit.jsonl in the process's directory.
func startMCP(t *testing.T, script string, flags ...string) *process {
	t.Helper()
	return start(t, "auditctl", append(append([]string{"mcp", "-o", "audit.jsonl"}, flags...), "--", "sh", "-c", script)...)
}

// types returns the types of the events in a file.
func (p *process) types(name string) string {
	p.t.Helper()
	_, out, _ := run(nil, "filter", filepath.Join(p.dir, name))
	var all []string
	for line := range strings.Lines(out) {
		all = append(all, strings.Split(line, `"`)[3])
	}
	return strings.Join(all, " ")
}

const (
	callLine   = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}` + "\n"
	resultLine = `{"jsonrpc":"2.0","id":1,"result":{"content":[]}}` + "\n"
)

// Bytes pass as they are, in both directions at once, whatever they are.
func TestMCPPassesBytes(t *testing.T) {
	t.Parallel()
	p := startMCP(t, "cat")
	sent := make([]byte, 1<<20+1) // with line feeds, and without one at the end
	for i := range sent {
		sent[i] = byte(rand.Uint32())
	}
	go func() {
		p.in.Write(sent)
		p.in.Close()
	}()
	got, err := io.ReadAll(p.out)
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back as %d others, %v", len(sent), len(got), err)
	}
	p.exit(0, "")
}

// Streams that whoever shares them made nonblocking are waited for.
func TestMCPNonblocking(t *testing.T) {
	t.Parallel()
	inR, in := pipe(t)
	out, outW := pipe(t)
	p := exec.Command("auditctl", "mcp", "-o", os.DevNull, "--", "sh", "-c", "echo ready; exec cat")
	p.Env, p.Stdin, p.Stdout, p.Stderr = environment(), inR, outW, os.Stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*os.File{inR, outW} {
		if err := syscall.SetNonblock(int(f.Fd()), true); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	expect(t, out, out, "ready\n")
	sent := bytes.Repeat([]byte("0123456789abcdef"), 64<<10)
	go func() {
		in.Write(sent)
		in.Close()
	}()
	got, err := io.ReadAll(iotest.OneByteReader(out))
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back as %d others, %v", len(sent), len(got), err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
}

// A message of any size passes while nobody reads the answer, and both are recorded.
func TestMCPLargeMessages(t *testing.T) {
	t.Parallel()
	const size = 20 << 20
	p := startMCP(t, `head -c `+fmt.Sprint(size)+` > /dev/null; cat > /dev/null; printf '{"id":1,"result":{"content":[{"text":"'; head -c `+fmt.Sprint(size)+` /dev/zero | tr '\0' x; printf '"}]}}'`)
	p.feed(`{"id":1,"method":"tools/call","params":{"arguments":"` + strings.Repeat("y", size) + `","name":"t"}}`)
	p.in.Close()
	n, err := io.Copy(io.Discard, p.out)
	if want := int64(size + len(`{"id":1,"result":{"content":[{"text":""}]}}`)); n != want || err != nil {
		t.Errorf("%d bytes, %v; want %d", n, err, want)
	}
	p.exit(0, "")
	if have, want := p.types("audit.jsonl"), "mcp.started tool_call_attempt tool_call_complete mcp.ended"; have != want {
		t.Errorf("%s; want %s", have, want)
	}
}

// An event is there while the conversation goes on, before what it is about was answered.
func TestMCPRecordsAtOnce(t *testing.T) {
	t.Parallel()
	p := startMCP(t, `read call; read go; echo '`+strings.TrimSpace(resultLine)+`'; cat`)
	p.feed(callLine)
	if !eventually(func() bool { return p.types("audit.jsonl") == "mcp.started tool_call_attempt" }) {
		t.Error(p.types("audit.jsonl"))
	}
	p.feed("\n")
	p.expect(resultLine)
	if !eventually(func() bool { return p.types("audit.jsonl") == "mcp.started tool_call_attempt tool_call_complete" }) {
		t.Error(p.types("audit.jsonl"))
	}
	p.in.Close()
	p.exit(0, "")
}

// The end of one side is the end for the other one, in either direction.
func TestMCPEnds(t *testing.T) {
	t.Parallel()
	t.Run("client's input", func(t *testing.T) {
		p := startMCP(t, "cat; echo end; exit 5")
		p.in.Close()
		p.expect("end\n")
		p.exit(5, "")
	})
	t.Run("server's output", func(t *testing.T) {
		p := startMCP(t, "exec >&-; read go; exit 6")
		if rest, err := io.ReadAll(p.out); len(rest) > 0 || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
		p.feed("\n")
		p.exit(6, "")
	})
	t.Run("server's input", func(t *testing.T) {
		p := startMCP(t, "exec <&-; echo closed; exec cat end")
		if err := syscall.Mkfifo(filepath.Join(p.dir, "end"), 0o600); err != nil {
			t.Fatal(err)
		}
		p.expect("closed\n")
		if !eventually(func() bool { _, err := p.in.WriteString("x"); return err != nil }) {
			t.Error("the client can still write")
		}
		openFIFO(t, filepath.Join(p.dir, "end"), os.O_WRONLY).Close()
		p.exit(0, "")
	})
	t.Run("client's output", func(t *testing.T) {
		p := startMCP(t, "while echo x; do :; done")
		p.expect("x\n")
		p.out.Close()
		p.exit(128+int(syscall.SIGPIPE), "")
	})
	t.Run("server's output in other hands", func(t *testing.T) {
		p := startMCP(t, "mkfifo end; cat end 2> /dev/null & echo started")
		p.expect("started\n")
		if rest, err := io.ReadAll(p.out); len(rest) > 0 || err != nil {
			t.Errorf("%q, %v", rest, err)
		}
		p.exit(0, "")
		openFIFO(t, filepath.Join(p.dir, "end"), os.O_WRONLY).Close() // which ends cat
	})
	t.Run("client", func(t *testing.T) {
		p := startMCP(t, "cat; echo end > ended")
		p.feed("x\n")
		p.expect("x\n")
		p.out.Close()
		p.in.Close()
		p.exit(0, "")
		p.file("ended", "end\n")
	})
	t.Run("this command, killed", func(t *testing.T) {
		alive, held := pipe(t)
		p := startWith(t, []*os.File{held}, "auditctl", "mcp", "-o", os.DevNull, "--", "cat")
		held.Close()
		p.feed("x\n")
		p.expect("x\n")
		p.Process.Kill()
		io.Copy(io.Discard, alive) // to the end of the server, which has it as well
	})
}

// The exit status is that of the server.
func TestMCPStatus(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"plain": 0o700, "locked": 0o600} {
		writeFile(t, filepath.Join(dir, name), "exit $1\n")
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		command []string
		status  int
		stderr  string
	}{
		{[]string{"sh", "-c", "echo said >&2; exit 3"}, 3, "said\n"},
		{[]string{"sh", "-c", "kill -9 $$"}, 137, ""},
		{[]string{"sh", "-c", "kill -TERM $$"}, 143, ""},
		{[]string{dir + "/plain", "4"}, 4, ""}, // without #!
		{[]string{dir + "/locked"}, 126, "auditctl: " + dir + "/locked: permission denied\n"},
		{[]string{dir}, 126, "auditctl: " + dir + ": permission denied\n"},
		{[]string{dir + "/none"}, 127, "auditctl: " + dir + "/none: no such file or directory\n"},
		{[]string{"no-such-server"}, 127, "auditctl: no-such-server: no such file or directory\n"},
	} {
		p := start(t, "auditctl", append([]string{"mcp", "-o", "audit.jsonl", "--"}, test.command...)...)
		p.exit(test.status, test.stderr)
		if have, want := p.types("audit.jsonl"), "mcp.started mcp.ended"; have != want {
			t.Errorf("%q: %s; want %s", test.command, have, want)
		}
	}
}

// A server that does not answer, and one that is killed, leave no call without an end.
func TestMCPUnanswered(t *testing.T) {
	t.Parallel()
	p := startMCP(t, "read call; kill -9 $$")
	p.feed(callLine)
	p.exit(137, "")
	if have, want := p.types("audit.jsonl"), "mcp.started tool_call_attempt tool_call_failure mcp.ended"; have != want {
		t.Errorf("%s; want %s", have, want)
	}
}

// A server that has ended does not keep this command from ending by a signal, even if what it
// wrote last is not read.
func TestMCPSignalAfterEnd(t *testing.T) {
	t.Parallel()
	p := startMCP(t, "trap '' TERM; echo ready; head -c 100000 /dev/zero; exit 3")
	p.expect("ready\n")
	for deadline := time.After(patience); ; {
		p.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
			p.exit(3, "")
			return
		case <-deadline:
			t.Fatal("still runs")
		case <-time.After(time.Millisecond):
		}
	}
}

// Signals reach the server, and do not end anything else.
func TestMCPSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{
		syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH,
	} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			inR, in := pipe(t)
			out, outW := pipe(t)
			p := exec.Command("auditctl", "mcp", "-o", "audit.jsonl", "--", "sh", "-c",
				fmt.Sprintf(`trap 'echo caught; exit 9' %d; echo ready; while read line; do :; done`, sig))
			p.Dir, p.Env, p.Stdin, p.Stdout = t.TempDir(), environment(), inR, outW
			p.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // there may be a terminal
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			inR.Close()
			outW.Close()
			expect(t, out, out, "ready\n")
			p.Process.Signal(sig)
			// dash runs the trap once the read is interrupted or ends.
			expectCaught(t, out, in)
			p.Wait()
			if status := p.ProcessState.ExitCode(); status != 9 {
				t.Errorf("%v: status %d", p.ProcessState, status)
			}
		})
	}
}

// expectCaught waits until a shell says that it caught a signal.
func expectCaught(t *testing.T, out, in *os.File) {
	t.Helper()
	expect(t, out, out, "caught\n")
	in.Close()
}

// A destination that hangs or is full does not hold anything up, and the others go on.
func TestMCPDestinations(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ dest, stderr string }{
		"nobody reads": {makeFIFO(t), "interrupted in a write that does not end"},
		"full":         {"/dev/full", "no space left on device; it is tried again"},
		"no directory": {filepath.Join(t.TempDir(), "none", "a.jsonl"), "no such file or directory; it is tried again"},
	} {
		if _, err := os.Stat("/dev/full"); name == "full" && err != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, others := range [][]string{nil, {"-o", "other.jsonl"}} {
				p := start(t, "env", append(append([]string{"PATIENCE=1ms", "auditctl", "mcp", "-o", test.dest}, others...), "--", "sh", "-c", "read call; echo '"+strings.TrimSpace(resultLine)+"'; read rest; exit 4")...)
				p.feed(callLine)
				p.expect(resultLine)
				p.in.Close()
				p.ends(4)
				if said := p.stderr.String(); !strings.Contains(said, test.stderr) || !strings.HasSuffix(said, " could not be recorded\n") {
					t.Errorf("said %q", said)
				}
				if want := "mcp.started tool_call_attempt tool_call_complete mcp.ended"; others != nil && !strings.HasPrefix(p.types("other.jsonl"), want) {
					t.Errorf("recorded %s, want %s", p.types("other.jsonl"), want)
				}
			}
		})
	}
}

// What a destination could not take is in it once it can.
func TestMCPDestinationComesBack(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "mcp", "-o", "later/audit.jsonl", "--", "cat")
	p.feed("{}\n")
	p.expect("{}\n")
	if !eventually(func() bool { return strings.Contains(p.stderr.String(), "it is tried again") }) {
		t.Error(p.stderr)
	}
	if err := os.Mkdir(filepath.Join(p.dir, "later"), 0o700); err != nil {
		t.Fatal(err)
	}
	if !eventually(func() bool { return p.types("later/audit.jsonl") == "mcp.started mcp.invalid mcp.invalid" }) {
		t.Error(p.types("later/audit.jsonl"))
	}
	p.in.Close()
	p.ends(0)
}

// Standard error that nobody reads holds nothing up either.
func TestMCPStderrFull(t *testing.T) {
	t.Parallel()
	r, w := pipe(t)
	fd := int(w.Fd())
	syscall.SetNonblock(fd, true)
	for err := error(nil); err == nil; {
		_, err = syscall.Write(fd, make([]byte, 4096))
	}
	syscall.SetNonblock(fd, false)
	cmd := exec.Command("auditctl", "mcp", "-o", "/dev/none/audit.jsonl", "--", "cat")
	cmd.Env, cmd.Stdin, cmd.Stderr = environment("PATIENCE=1ms", "PATIENCE_MESSAGES=1ms"), strings.NewReader(callLine), w
	if out, err := cmd.Output(); string(out) != callLine || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	r.Close()
}
