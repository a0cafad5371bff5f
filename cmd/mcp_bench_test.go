//go:build unix

package cmd_test

import (
	"bufio"
	"io"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// BenchmarkMCP is the round trip of a call to a server that answers at once, with auditctl
// between them and without.
func BenchmarkMCP(b *testing.B) {
	server := []string{"cat"} // whose answer is the call itself: both are recorded
	for name, command := range map[string][]string{
		"without": server,
		"with":    append([]string{"auditctl", "mcp", "-o", b.TempDir() + "/audit.jsonl", "--"}, server...),
	} {
		b.Run(name, func(b *testing.B) {
			p := exec.Command(command[0], command[1:]...)
			p.Env = environment()
			in, err := p.StdinPipe()
			if err != nil {
				b.Fatal(err)
			}
			out, err := p.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			if err := p.Start(); err != nil {
				b.Fatal(err)
			}
			lines := bufio.NewReader(out)
			const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"/var/log/messages","lines":100},"_meta":{"progressToken":1}}}` + "\n"
			trip := func() time.Duration {
				start := time.Now()
				io.WriteString(in, call)
				if line, err := lines.ReadString('\n'); line != call {
					b.Fatal(line, err)
				}
				return time.Since(start)
			}
			trip()
			var took []time.Duration
			for b.Loop() {
				took = append(took, trip())
			}
			in.Close()
			p.Wait()
			slices.Sort(took)
			for name, p := range map[string]int{"p50-µs": 50, "p99-µs": 99} {
				b.ReportMetric(float64(took[len(took)*p/100].Microseconds()), name)
			}
		})
	}
}
