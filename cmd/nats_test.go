package cmd_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"
)

// A natsNode is a nats-server with JetStream in this process, which can be stopped and
// restarted with the same address.
type natsNode struct {
	opts   server.Options
	server *server.Server
}

// newNATSNode returns a node that keeps its streams in dir. Its first start chooses a
// free port.
func newNATSNode(dir string) *natsNode {
	return &natsNode{opts: server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: dir,
	}}
}

func (n *natsNode) start() error {
	opts := n.opts
	s, err := server.NewServer(&opts)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		return fmt.Errorf("the server does not start")
	}
	n.server, n.opts.Port = s, s.Addr().(*net.TCPAddr).Port
	return nil
}

func (n *natsNode) stop() {
	if n.server != nil {
		n.server.Shutdown()
		n.server.WaitForShutdown()
		n.server = nil
	}
}

// url is the address of a stream.
func (n *natsNode) url(stream string) string {
	return fmt.Sprintf("nats://127.0.0.1:%d/%s", n.opts.Port, stream)
}

// messages returns how many messages there are in all streams.
func (n *natsNode) messages(t *testing.T) uint64 {
	info, err := n.server.Jsz(nil)
	if err != nil {
		t.Fatal(err)
	}
	return info.Messages
}

// acknowledged returns how many messages the only consumer has acknowledged.
func (n *natsNode) acknowledged(t *testing.T) (floor uint64) {
	info, err := n.server.Jsz(&server.JSzOptions{Accounts: true, Streams: true, Consumer: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range info.AccountDetails {
		for _, stream := range account.Streams {
			for _, consumer := range stream.Consumer {
				floor = consumer.AckFloor.Stream
			}
		}
	}
	return floor
}

// startNATS starts a node.
func startNATS(t *testing.T) *natsNode {
	t.Helper()
	n := newNATSNode(t.TempDir())
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.stop)
	return n
}

// serverIsSlow matches the message about a slow server, as on a slow machine.
var serverIsSlow = regexp.MustCompile(`(?m)^auditctl: nats://.*: trying again\n`)

// faults returns the messages about what went wrong.
func faults(said string) string { return serverIsSlow.ReplaceAllString(said, "") }

// endsWithoutFaults waits for the end of a process that must report no faults.
func (p *process) endsWithoutFaults(status int) {
	p.t.Helper()
	p.ends(status)
	if said := faults(p.stderr.String()); said != "" {
		p.t.Errorf("said %q", said)
	}
}

// scriptNATS starts and stops the NATS server of a script, whose address is then in $NATS.
// With well it checks that the last command reported nothing on standard error, except
// perhaps that the server is slow.
//
//	nats start|stop|well
func scriptNATS(ts *testscript.TestScript, neg bool, args []string) {
	n, _ := ts.Value("nats").(*natsNodes)
	switch {
	case neg || len(args) != 1:
		ts.Fatalf("usage: nats start|stop|well")
	case args[0] == "well":
		if said := faults(ts.ReadFile("stderr")); said != "" {
			ts.Fatalf("said %q", said)
		}
	case args[0] == "stop":
		n.node.stop()
	case n.node == nil:
		n.node = newNATSNode(ts.MkAbs("jetstream"))
		ts.Defer(n.node.stop)
		ts.Check(n.node.start())
		ts.Setenv("NATS", strings.TrimSuffix(n.node.url(""), "/"))
	default:
		ts.Check(n.node.start())
	}
}

// natsNodes has the node of a script, nil before its first start.
type natsNodes struct{ node *natsNode }

// manyLines returns a log that takes a while to send.
func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"event_type": "tool_call_complete", "session_id": "s%d", "n": %d}`+"\n", i%7, i)
	}
	return b.String()
}

// Runs that are killed and repeated send every line once, and in order.
func TestTeeToStreamAfterKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes many lines")
	}
	t.Parallel()
	for name, more := range map[string][]string{"direct": nil, "spool": {"--spool", "spool"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node, dir, log := startNATS(t), t.TempDir(), manyLines(15000)
			stream := node.url("AUDIT")
			writeFile(t, filepath.Join(dir, "big.jsonl"), log)
			args := append([]string{"tee", "-q", "-i", "big.jsonl", stream, "--stall-timeout", patience.String()}, more...)
			for _, enough := range []uint64{1, 5000, 10000} {
				p := startIn(t, dir, nil, "auditctl", args...)
				if !eventually(func() bool { return node.messages(t) >= enough }) {
					t.Fatalf("%d lines are there, not %d", node.messages(t), enough)
				}
				p.Process.Signal(syscall.SIGKILL)
				<-p.ended
				t.Logf("killed when %d lines were there", node.messages(t))
			}
			p := startIn(t, dir, nil, "auditctl", args...)
			p.endsWithoutFaults(0)
			if _, got, said := run(nil, "filter", stream); got != log || faults(said) != "" {
				t.Errorf("%d bytes came back of %d, and %q", len(got), len(log), said)
			}
		})
	}
}

// The next run sends only the new lines of a file.
func TestTeeToStreamOfFileThatGrows(t *testing.T) {
	t.Parallel()
	stream, path := startNATS(t).url("AUDIT"), filepath.Join(t.TempDir(), "audit.jsonl")
	for _, log := range []string{lineA + lineB, lineA + lineB, lineA + lineB + lineC + "no event\n"} {
		writeFile(t, path, log)
		run(nil, "tee", "-q", "--invalid=skip", "-i", path, stream, "--route", "c="+stream+"C?subject=c")
		if _, got, _ := run(nil, "tee", "--invalid=skip", "-i", stream); got != log {
			t.Errorf("%q is there, want %q", got, log)
		}
	}
	if _, got, _ := run(nil, "filter", stream+"C?subject=c"); got != lineC {
		t.Errorf("%q was routed, want %q", got, lineC)
	}
}

// A stream is followed, and with a cursor what was shown is not shown again.
func TestCatFollowsStream(t *testing.T) {
	t.Parallel()
	stream := startNATS(t).url("AUDIT")
	run(strings.NewReader(lineA), "tee", "-q", stream)
	p := start(t, "auditctl", "cat", "-f", "--cursor", "me", stream)
	p.expect(lineA)
	run(strings.NewReader(lineB), "tee", "-q", stream)
	p.expect(lineB)
	p.Process.Signal(syscall.SIGTERM)
	p.endsWithoutFaults(128 + int(syscall.SIGTERM))
	run(strings.NewReader(lineC), "tee", "-q", stream)
	if _, got, said := run(nil, "cat", "--cursor", "me", stream); got != lineC || faults(said) != "" {
		t.Errorf("%q came then, and %q", got, said)
	}
}

// While a stream is followed, what a table shows is acknowledged at once.
func TestCursorOfWhatIsShown(t *testing.T) {
	t.Parallel()
	node := startNATS(t)
	run(strings.NewReader(lineA), "tee", "-q", node.url("AUDIT"))
	p := start(t, "auditctl", "cat", "-f", "--format=table", "--columns=n", "--cursor=me", node.url("AUDIT"))
	p.expect("n\n1\n")
	for deadline := time.Now().Add(patience); node.acknowledged(t) != 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not acknowledged")
		}
	}
}

// Only what all remaining destinations took is acknowledged.
func TestCursorOfWhatWasTaken(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	stream, dir := startNATS(t).url("AUDIT"), t.TempDir()
	run(strings.NewReader(lineA+lineB), "tee", "-q", stream)
	if status, _, said := run(nil, "tee", "-q", "--cursor", "me", "-i", stream, "/dev/full"); status != 2 {
		t.Errorf("status %d: %q", status, said)
	}
	if status, got, said := run(nil, "tee", "--cursor", "me", "-i", stream, "/dev/full"); status != 2 || got != lineA+lineB {
		t.Errorf("status %d, %q: %q", status, got, said)
	}
	if _, got, said := run(nil, "tee", "--cursor", "me", "-i", stream); got != "" || faults(said) != "" {
		t.Errorf("%q came again, and %q", got, said)
	}
	run(strings.NewReader(lineC+lineA), "tee", "-q", stream)
	for _, want := range []string{lineC, lineA, ""} { // each run continues after the limit of the one before
		if _, got, said := run(nil, "filter", "-m1", "--cursor", "me", stream); got != want || faults(said) != "" {
			t.Errorf("%q came, and %q; want %q", got, said, want)
		}
	}
	run(strings.NewReader(lineC), "tee", "-q", stream)
	if _, got, _ := run(nil, "filter", "-c", "--cursor", "me", stream, filepath.Join(dir, "none")); got != "1\n" {
		t.Errorf("counted %q", got)
	}
	if _, got, _ := run(nil, "filter", "-c", "--cursor", "me", stream); got != "0\n" {
		t.Errorf("counted %q the next time", got)
	}
}

// An interruption ends a run whose server is unavailable.
func TestInterruptedWithoutServer(t *testing.T) {
	t.Parallel()
	node := startNATS(t)
	p := start(t, "auditctl", "tee", "--sync=always", "copy.jsonl", node.url("AUDIT"))
	p.feed(lineA)
	p.expect(lineA) // on standard output once the others have it
	node.stop()
	p.feed(lineB)
	p.file("copy.jsonl", lineA+lineB)
	p.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	if !strings.Contains(p.stderr.String(), "interrupted before the last events were acknowledged") {
		t.Errorf("it said %q", p.stderr)
	}
}

// With a spool no line is lost, and the next run delivers them.
func TestInterruptedWithSpool(t *testing.T) {
	t.Parallel()
	node := startNATS(t)
	node.stop()
	dir := t.TempDir()
	p := startIn(t, dir, nil, "auditctl", "tee", "--spool", "spool", node.url("AUDIT"))
	p.feed(lineA + lineB)
	p.expect(lineA + lineB)
	p.Process.Signal(syscall.SIGTERM)
	<-p.ended
	if status := p.ProcessState.ExitCode(); status != 128+int(syscall.SIGTERM) || !strings.Contains(p.stderr.String(), "lines are left in spool") {
		t.Errorf("status %d: %q", status, p.stderr)
	}
	if err := node.start(); err != nil {
		t.Fatal(err)
	}
	p = startIn(t, dir, nil, "auditctl", "tee", "-q", "--spool", "spool", node.url("AUDIT"), "--stall-timeout", patience.String())
	p.feed(lineC)
	p.in.Close()
	p.endsWithoutFaults(0)
	if _, got, _ := run(nil, "filter", node.url("AUDIT")); got != lineA+lineB+lineC {
		t.Errorf("%q is there", got)
	}
}
