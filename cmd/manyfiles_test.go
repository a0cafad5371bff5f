//go:build unix

package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/compress"
)

// manyFiles is a directory with more logs than a process with few may have open.
func manyFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := range 500 {
		var lines strings.Builder
		for line := range 3 {
			minute := i/10 + line*20
			fmt.Fprintf(&lines, `{"event_type": "e", "timestamp": "2026-03-10T%02d:%02d:00Z", "n": "%d.%d"}`+"\n", 8+minute/60, minute%60, i, line)
		}
		text, ext := lines.String(), ""
		if i%5 == 0 {
			format := []compress.Format{compress.Gzip, compress.Zstd}[i/5%2]
			text, ext = string(format.NewAppender().Compress([]byte(text))), string(format)
		}
		sub := filepath.Join(dir, fmt.Sprint(i%7))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(sub, fmt.Sprintf("%d.jsonl%s", i, ext)), text)
	}
	return dir
}

// few is a shell command after which a process may have few files open.
const few = "ulimit -n 64 && "

// A process reads more files than it may have open.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	dir := manyFiles(t)
	for _, args := range []string{
		"cat .",
		"cat --sort .",
		"cat -n 1 .",
		"cat --sort -n 1 .",
		"tee -i .",
		"stats */*",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			var outputs []string
			for _, limit := range []string{"", few} {
				p := exec.Command("sh", "-c", limit+"exec auditctl "+args)
				p.Dir, p.Env = dir, environment()
				out, err := p.CombinedOutput()
				if err != nil {
					t.Fatalf("%s%v: %s", limit, err, out)
				}
				outputs = append(outputs, string(out))
			}
			if outputs[0] != outputs[1] || outputs[0] == "" {
				t.Errorf("%d bytes with few open files, want %d", len(outputs[1]), len(outputs[0]))
			}
		})
	}
}

// A process follows more files than it may have open.
func TestFollowManyFiles(t *testing.T) {
	t.Parallel()
	for _, flags := range []string{"", " -n 1"} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			dir := manyFiles(t)
			p := startIn(t, dir, nil, "sh", "-c", few+"exec auditctl cat -f"+flags+" .")
			var want []string
			for i := range 500 {
				for line := range 3 {
					if flags == "" || line == 2 {
						minute := i/10 + line*20
						want = append(want, fmt.Sprintf(`{"event_type": "e", "timestamp": "2026-03-10T%02d:%02d:00Z", "n": "%d.%d"}`+"\n", 8+minute/60, minute%60, i, line))
					}
				}
			}
			p.expectLines(want...)
			logs, err := filepath.Glob(filepath.Join(dir, "*", "*.jsonl"))
			if err != nil || len(logs) != 400 {
				t.Fatal(len(logs), err)
			}
			want = nil
			for i, log := range slices.Backward(logs) {
				name, _ := filepath.Rel(dir, log)
				line := fmt.Sprintf(`{"event_type": "more", "n": %d}`+"\n", i)
				if i%10 == 0 {
					p.rename(name, name+".1")
				}
				p.appendFile(name, line)
				want = append(want, line)
			}
			p.appendFile("new.jsonl", lineA)
			p.expectLines(append(want, lineA)...)
			p.Process.Signal(syscall.SIGINT)
			p.exit(130, "")
		})
	}
}
