package cmd_test

import (
	"flag"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

var update = flag.Bool("update", false, "write the screens in testdata/screens")

// screens are what is looked at: what these commands show, run in testdata.
var screens = []struct {
	view     string
	coloured bool
	commands []string
}{
	{"text", true, []string{
		"cat --since 2026-03-09T08:14:26 --until 2026-03-09T08:15:09 session.jsonl",
		"cat screens/odd.jsonl",
		"cat --max-count 9 claude-code.jsonl",
		"cat --wrap --type '*failure' claude-code.jsonl",
	}},
	{"tree", true, []string{
		"cat --format tree --turn-id 8fad06cb0fb3,1a2a562b0f79 session.jsonl",
		"cat --format tree claude-code.jsonl",
		"cat --format tree screens/odd.jsonl",
	}},
	{"table", false, []string{
		"cat --format table --since 2026-03-09T08:14:26 --until 2026-03-09T08:15:09 session.jsonl",
		"cat --format table --columns tool_name,error_message,turn_id,metadata.cwd --type 'tool_*' --max-count 8 claude-code.jsonl",
		"cat --format table screens/odd.jsonl",
	}},
	{"stats", false, []string{
		"stats claude-code.jsonl",
		"stats --by tool_name,severity --top 5 session.jsonl",
	}},
	{"help", false, []string{
		"--help",
		"repair --help",
	}},
	{"errors", false, []string{
		"flter --type error session.jsonl",
		"session.jsonl",
		"filter --session sess-7f3a session.jsonl",
		"filter -type error session.jsonl",
		"filter error session.jsonl",
		"cat --format json session.jsonl",
		"cat --since soon session.jsonl",
		"stats --group-by tool_name session.jsonl",
		"filter --where '.tool_name == grep' session.jsonl",
		"filter --count --type eror --field tool=grep session.jsonl",
		"filter --count screens/damaged.jsonl",
		"repair --quiet missing.jsonl",
		"cat missing.jsonl",
	}},
}

// Everything that is looked at is as in testdata/screens, on terminals of usual widths.
func TestScreens(t *testing.T) {
	t.Parallel()
	for _, s := range screens {
		for _, columns := range []int{40, 80, 120, 200} {
			name := fmt.Sprintf("%s-%d.golden", s.view, columns)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var plain, coloured strings.Builder
				for _, command := range s.commands {
					shown := screenOf(t, columns, command)
					fmt.Fprintf(&plain, "$ auditctl %s\n%s\n", command, rows(colours.ReplaceAllString(shown, ""), columns))
					coloured.WriteString(legible(shown))
				}
				if s.coloured && columns == 80 {
					fmt.Fprintf(&plain, "In colour:\n\n%s", &coloured)
				}
				golden := filepath.Join("..", "testdata", "screens", name)
				if *update {
					writeFile(t, golden, plain.String())
				}
				if plain.String() != readFile(t, golden) {
					t.Errorf("not as in %s (after a change that is right: go test ./cmd -run TestScreens -update):\n%s", golden, &plain)
				}
			})
		}
	}
}

// screenOf returns what a command sends to a terminal of so many columns.
func screenOf(t *testing.T, columns int, command string) string {
	t.Helper()
	screen, tty := openTerminal(t, columns)
	p := exec.Command("sh", "-c", "exec auditctl "+command)
	p.Dir, p.Stdout, p.Stderr = filepath.Join("..", "testdata"), tty, tty
	p.Env = environment("TERM=xterm-256color")
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	shown, _ := io.ReadAll(screen) // until nobody has the terminal open any more
	p.Wait()
	return strings.ReplaceAll(string(shown), "\r\n", "\n")
}

// rows breaks lines that are longer than a terminal is wide, as the terminal does.
func rows(lines string, columns int) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		used := 0
		for clusters := uniseg.NewGraphemes(line); clusters.Next(); used += clusters.Width() {
			if used+clusters.Width() > columns {
				b.WriteByte('\n')
				used = 0
			}
			b.WriteString(clusters.Str())
		}
	}
	return b.String()
}

var styleNames = strings.NewReplacer("\x1b[", "‹", "m", "›", ";", " ",
	"31", "red", "32", "green", "35", "magenta", "36", "cyan", "0", "", "1", "bold", "2", "dim", "7", "reverse")

// legible spells out the styles of text, as in ‹red›failed‹›.
func legible(text string) string {
	return colours.ReplaceAllStringFunc(text, styleNames.Replace)
}
