package cmd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/rivo/uniseg"
)

// hostileLog writes a log whose names are wide, long, or control a terminal, and returns
// its path.
func hostileLog(t *testing.T) string {
	t.Helper()
	var log strings.Builder
	for _, text := range []string{
		`\u001b[2J\u001b]0;title\u0007`, `\u009b31m`, `完完完完完完完完完完完完完完完完`, "🛠️👩‍👩‍👧‍👦🇩🇪", `e\u0301\u202e\u2066`, `\r\n\t\u0000\u007f`,
		strings.Repeat("x", 300), strings.Repeat(`\u001b`, 300), "", "-", `it's \"it\"`,
	} {
		for _, what := range []string{"attempt", "complete", "failure", text} {
			fmt.Fprintf(&log, `{"event_type": "tool_call_%s", "timestamp": "2026-03-09T08:14:%02dZ", "agent_id": "%s", "session_id": "%[3]s", "turn_id": "%[3]s %[1]s", "severity": "%[3]s", "tool_name": "%[3]s", "error_type": "%[3]s", "error_message": "%[3]s", "duration_ms": 1e%[2]d, "metadata": {"%[3]s": 1}}`+"\n",
				what, log.Len()%60, text)
		}
	}
	log.WriteString(`{"event_type": "none", "tool_name": ["\u001b"], "duration_ms": -5}` + "\n")
	path := filepath.Join(t.TempDir(), "hostile.jsonl")
	writeFile(t, path, log.String())
	return path
}

var wideArguments = []string{
	"stats",
	"stats --color=never --top 1",
	"stats --by tool_name,turn_id,agent_id",
	`stats --by severity,metadata.` + "\x1b[1m",
}

// No line is wider than the terminal, whatever is in the log.
func TestTerminalStatsWidth(t *testing.T) {
	t.Parallel()
	log := hostileLog(t)
	for _, args := range wideArguments {
		for _, columns := range []int{1, 2, 20, 40, 80, 119, 200} {
			t.Run(fmt.Sprint(args, columns), func(t *testing.T) {
				widest := 0
				for _, line := range onTerminal(t, columns, nil, append(strings.Fields(args), log)...) {
					line = withoutColour(line)
					width := uniseg.StringWidth(line)
					widest = max(widest, width)
					if width > columns {
						t.Errorf("%d columns: %s", width, line)
					}
				}
				if columns > 80 && widest < columns-12 {
					t.Errorf("no line is wider than %d columns", widest)
				}
			})
		}
	}
}

// Colours are the only control sequences that are sent.
func TestTerminalStatsEscapes(t *testing.T) {
	t.Parallel()
	log := hostileLog(t)
	control := regexp.MustCompile("[\x00-\x1f\x7f\u0080-\u009f\u202e\u2066]")
	for _, args := range wideArguments {
		shown := strings.Join(onTerminal(t, 300, nil, append(strings.Fields(args), log)...), "")
		shown = colours.ReplaceAllString(shown, "")
		if found := control.FindString(shown); found != "" {
			t.Errorf("%s: sends %q", args, found)
		}
	}
}

// Colour works as in cat.
func TestTerminalStatsColour(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		env, args string
		colour    bool
	}{
		{"A=b", "", true},
		{"A=b", "--color=never", false},
		{"NO_COLOR=1", "", false},
		{"NO_COLOR=1", "--color=always", true},
		{"TERM=dumb", "", false},
		{"FORCE_COLOR=1", "--json", false},
	} {
		t.Run(test.env+" "+test.args, func(t *testing.T) {
			args := append([]string{"stats", "../testdata/session.jsonl"}, strings.Fields(test.args)...)
			shown := strings.Join(onTerminal(t, 80, []string{test.env}, args...), "\n")
			if strings.Contains(shown, "\x1b[") != test.colour {
				t.Errorf("shown as %q", shown)
			}
		})
	}
}

// Bars fill the width of the terminal, and begin with the errors.
func TestTerminalStatsBars(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	for i := range 8 {
		severity := map[bool]string{true: "error", false: "info"}[i < 2]
		fmt.Fprintf(&log, `{"event_type": "a", "severity": "%s"}`+"\n", severity)
	}
	log.WriteString(`{"event_type": "b", "severity": "info"}` + "\n")
	path := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, path, log.String())
	for columns, want := range map[int]string{
		60: "  \x1b[31m████████\x1b[0m\x1b[36m████████████████████████\x1b[0m",
		44: "  \x1b[31m████\x1b[0m\x1b[36m████████████\x1b[0m",
		37: "\x1b[31m2\x1b[0m", // no room for bars
	} {
		lines := onTerminal(t, columns, nil, "stats", "--by", "event_type", path)
		if !strings.HasSuffix(lines[1], want) {
			t.Errorf("in %d columns %q, want %q at its end", columns, lines[1], want)
		}
	}
}

// With -f the report is redrawn in place, messages are above it, and the totals are at the
// end, whole. Standard error may be elsewhere.
func TestTerminalStatsFollow(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []bool{false, true} {
		t.Run(fmt.Sprint(elsewhere), func(t *testing.T) {
			t.Parallel()
			p := slowly(t, "auditctl", "stats", "-f", "--color=never", "log")
			p.Dir = t.TempDir()
			log := filepath.Join(p.Dir, "log")
			writeFile(t, log, lineA)
			messages, want := new(syncBuffer), "auditctl: log:2:1: not a JSON object\n"
			p.out.Close()
			p.Stdout = p.tty
			if elsewhere {
				p.Stderr, want = messages, ""
			}
			p.start()
			p.shows(`(?s)\r1 event, 0 errors.*?\x1b\[J\r\x1b\[\d+A`)
			f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			fmt.Fprint(f, "nonsense\n"+lineB)
			p.shows(`(?s)\r2 events, 0 errors.*?\x1b\[J\r\x1b\[\d+A`)
			p.Process.Signal(syscall.SIGINT)
			p.shows(`\x1b\[A2 events, 0 errors`)
			totals := strings.Join(onTerminal(t, 80, nil, "stats", "--color=never", "--invalid=skip", log), "\n")
			p.ends(130, want+totals+"\n")
		})
	}
}
