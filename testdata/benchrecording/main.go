// Command benchrecording measures what a call of a tool costs that auditctl records while
// it happens, beside the same call without it, in turns: a hook as a whole process, and
// the round trip of a message to an MCP server that answers at once.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	auditctl := flag.String("auditctl", "auditctl", "the program")
	n := flag.Int("n", 500, "how many times each hook runs; a message passes ten times as often")
	flag.Parse()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := func(name string) string { return filepath.Join(dir, name) }

	compare("hook, the whole process", *n, []contender{
		{"true", process("true")},
		{"auditctl hook", process(*auditctl, "hook", "-o", file("hook.jsonl"))},
		{"auditctl hook --sync=always", process(*auditctl, "hook", "-o", file("synced.jsonl"), "--sync=always")},
		{"auditctl hook --sequence --seal", process(*auditctl, "hook", "-o", file("sealed.jsonl"), "--sequence", "--seal", newKey(*auditctl, file("key")))},
	})
	alone, end := conversation("cat")
	defer end()
	between, end := conversation(*auditctl, "mcp", "-o", file("mcp.jsonl"), "--", "cat")
	defer end()
	compare("mcp, a round trip", 10**n, []contender{{"the server alone", alone}, {"auditctl mcp", between}})
}

func newKey(auditctl, path string) string {
	if out, err := exec.Command(auditctl, "keygen", "example.com/bench", "-o", path).CombinedOutput(); err != nil {
		log.Fatalf("%s: %v", out, err)
	}
	return path
}

// A contender does once what is measured.
type contender struct {
	name string
	do   func() error
}

// compare lets contenders do it n times each, in turns, and prints how long that took.
func compare(title string, n int, all []contender) {
	took := make([][]time.Duration, len(all))
	for range n {
		for i, c := range all {
			start := time.Now()
			if err := c.do(); err != nil {
				log.Fatalf("%s: %v", c.name, err)
			}
			took[i] = append(took[i], time.Since(start))
		}
	}
	fmt.Printf("%-34s%10s%10s\n", title, "p50", "p99")
	for i, c := range all {
		slices.Sort(took[i])
		fmt.Printf("  %-32s%10v%10v\n", c.name, shown(took[i][n/2]), shown(took[i][n*99/100]))
	}
}

func shown(d time.Duration) time.Duration {
	if d < time.Millisecond {
		return d.Round(time.Microsecond)
	}
	return d.Round(10 * time.Microsecond)
}

// process returns what runs a hook of a call.
func process(command ...string) func() error {
	const call = `{"session_id":"s","cwd":"/src","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"go test ./..."},"tool_use_id":"toolu_1"}`
	return func() error {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Stdin, cmd.Stderr = strings.NewReader(call), os.Stderr
		return cmd.Run()
	}
}

// conversation starts a server that answers a call with the same. It returns what sends
// one, and what ends the server.
func conversation(command ...string) (do func() error, end func()) {
	const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"/var/log/messages","lines":100},"_meta":{"progressToken":1}}}` + "\n"
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		log.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		log.Fatal(err)
	}
	answers := bufio.NewReader(out)
	do = func() error {
		if _, err := io.WriteString(in, call); err != nil {
			return err
		}
		_, err := answers.ReadString('\n')
		return err
	}
	return do, func() {
		in.Close()
		cmd.Wait()
	}
}
