package cmd_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/sys/unix"
)

// openTerminal returns the two ends of a terminal of so many columns: that of the person,
// and that of the program.
func openTerminal(t *testing.T, columns int) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	size := &unix.Winsize{Row: 24, Col: uint16(columns)}
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	return screen, tty
}

// onTerminal runs auditctl with standard output on a terminal and returns the
// lines that it shows.
func onTerminal(t *testing.T, columns int, env []string, args ...string) []string {
	t.Helper()
	screen, tty := openTerminal(t, columns)
	p := exec.Command("auditctl", args...)
	p.Stdout, p.Stderr = tty, os.Stderr
	p.Env = environment(append([]string{"TERM=xterm-256color"}, env...)...)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	var shown strings.Builder
	for buf := make([]byte, 4096); ; {
		n, err := screen.Read(buf)
		shown.Write(buf[:n])
		if err != nil { // nobody has the terminal open any more
			break
		}
	}
	if err := p.Wait(); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(shown.String(), "\r\n", "\n"), "\n"), "\n")
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func withoutColour(line string) string {
	return strings.TrimRight(colours.ReplaceAllString(line, ""), " ")
}

// wideLog writes a log whose texts are wide, joined, or escaped, and long.
func wideLog(t *testing.T) string {
	t.Helper()
	var log strings.Builder
	for _, text := range []string{"完", "🛠️", "👩‍👩‍👧‍👦", "é", "e\u0301", "x", "🇩🇪", "ｆ", `\u001b`, `\n`, "\u202e", "한", "नि", `\"`} {
		for pad := range 4 {
			fmt.Fprintf(&log, `{"event_type": "turn_start", "timestamp": "2026-03-09T08:14:02.117+00:00", "agent_id": "planner", "turn_id": "t", "session_id": "s", "severity": "info", "metadata": {}, "prompt_preview": "%s%s"}`+"\n",
				strings.Repeat("a", pad), strings.Repeat(text, 200))
		}
	}
	fmt.Fprintln(&log, `{"event_type": "`+strings.Repeat("完", 200)+`", "agent_id": "`+strings.Repeat("x", 300)+`"}`)
	fmt.Fprintln(&log, `{"event_type": "bare"}`)
	path := filepath.Join(t.TempDir(), "wide.jsonl")
	writeFile(t, path, log.String())
	return path
}

// No line is wider than the terminal, and cut lines end with …
func TestTerminalWidth(t *testing.T) {
	t.Parallel()
	log := wideLog(t)
	for _, columns := range []int{1, 20, 40, 60, 61, 80, 119, 120, 200} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			lines := onTerminal(t, columns, nil, "cat", log)
			if columns < 120 {
				if day := "2026-03-09 Monday"; columns > len(day) && lines[0] != day && withoutColour(lines[0]) != day {
					t.Errorf("%q, want the day", lines[0])
				}
				lines = lines[1:]
			}
			if len(lines) != 14*4+2 {
				t.Errorf("%d lines, want %d", len(lines), 14*4+2)
			}
			for _, line := range lines[:len(lines)-1] {
				line = withoutColour(line)
				width := uniseg.StringWidth(line)
				if width > columns || width < columns-8 || !strings.HasSuffix(line, "…") {
					t.Errorf("%d columns in %d: %s", width, columns, line)
				}
			}
		})
	}
}

// In any terminal a failed call shows its tool and its message, or the start of it; and
// names that are long leave room for that.
func TestTerminalHeadline(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log.jsonl")
	for _, name := range []string{"tracker", "an_agent_or_tool_with_a_long_name_and_more"} {
		writeFile(t, log, `{"event_type": "tool_call_failure", "timestamp": "2026-03-09T08:14:02.117Z", "severity": "ERR", "agent_id": "`+name+`", "tool_name": "`+name+`", "error_type": "HTTPError", "error_message": "429 Too Many Requests"}`)
		for columns, want := range map[int][]string{
			200: {"2026-03-09 08:14:02.117 ERR      tracker    tracker failed: HTTPError: 429 Too Many Requests  event_type=tool_call_failure",
				"2026-03-09 08:14:02.117 ERR      an_agent_or_tool_with_a_… an_agent_or_tool_with_a_long_name_and_more failed: HTTPError: 429 Too Many Requests  event_type=tool_call_failure"},
			120: {"2026-03-09 08:14:02.117 ERR      tracker    tracker failed: HTTPError: 429 Too Many Requests  event_type=tool_call_fail…",
				"2026-03-09 08:14:02.117 ERR      an_agent_or_to… an_agent_or_tool_with_a_long_name_a… failed: HTTPError: 429 Too Many R…"},
			80: {"08:14:02.117 E tracker    tracker failed: HTTPError: 429 Too Many Requests  sev…",
				"08:14:02.117 E an_agent_… an_agent_or_tool_with_a… failed: HTTPError: 429 Too M…"},
			60: {"08:14:02 E tracker failed: HTTPError: 429 Too Many Requests…",
				"08:14:02 E an_agent_or_tool_… failed: HTTPError: 429 Too Ma…"},
			40: {"08:14:02 E tracker failed: HTTPError: 4…",
				"08:14:02 E an_agent_or… failed: HTTPErr…"},
		} {
			lines := onTerminal(t, columns, nil, "cat", log)
			if line := withoutColour(lines[len(lines)-1]); !slices.Contains(want, line) {
				t.Errorf("in %d columns %q", columns, line)
			}
		}
	}
}

// A tree and a table are no wider than the terminal either, and nothing in them controls
// it.
func TestTerminalFormats(t *testing.T) {
	t.Parallel()
	log := wideLog(t)
	for _, columns := range []int{1, 20, 40, 80, 200} {
		for _, args := range []string{"--format=tree", "--format=table", "--format=table --columns prompt_preview,agent_id,event_type,a,b,c,d,e,f"} {
			t.Run(fmt.Sprint(columns, args), func(t *testing.T) {
				lines := onTerminal(t, columns, nil, append(strings.Fields("cat "+args), log)...)
				for _, line := range lines {
					line = withoutColour(line)
					if width := uniseg.StringWidth(line); width > columns {
						t.Errorf("%d columns in %d: %s", width, columns, line)
					}
					if i := strings.IndexFunc(line, unicode.IsControl); i >= 0 {
						t.Errorf("%q is sent: %q", line[i], line)
					}
				}
				if len(lines) < 14*4 {
					t.Errorf("%d lines", len(lines))
				}
			})
		}
	}
}

// Nor is anything sent to a terminal that is not standard output.
func TestTerminalAsOutput(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"--format=text", "--format=tree", "--format=table --columns=k", "--format=csv --columns=k", "--format=tsv --columns=k", "--template={{.k}}", "--format=jsonl"} {
		screen, tty := openTerminal(t, 80)
		status, _, said := run(strings.NewReader(`{"event_type": "a", "k": "\u001b[2J\u009b2Jend"}`+"\n"), append(strings.Fields("cat "+args), "-o", tty.Name())...)
		tty.Close()
		shown, _ := io.ReadAll(screen)
		if bad := strings.ContainsAny(string(shown), "\x1b\u009b"); status != 0 || bad || !strings.Contains(string(shown), "2Jend") {
			t.Errorf("%s: status %d, %q, %q", args, status, shown, said)
		}
	}
}

// Default columns of a table that do not fit are left out, those asked for share the
// width.
func TestTerminalTable(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"cat --format=table -m 12": "timestamp     severity  event_type            agent_id  tool_name   duration_ms",
		"cat --format=table -m 1 --columns prompt_preview,content_preview,arguments_preview,result_preview,error_message": "prompt_preview   content_preview  arguments_prev…  result_preview  error_message",
	} {
		if line := withoutColour(onTerminal(t, 80, nil, append(strings.Fields(args), "../testdata/session.jsonl")...)[0]); line != want {
			t.Errorf("%s:\n%s, want\n%s", args, line, want)
		}
	}
}

// Columns that were asked for and do not fit are reported, once. In a pipe all fit.
func TestTerminalTableLeavesOut(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--columns agent_id,tool_name,a,b,metadata.c": "auditctl: --columns: 2 columns did not fit: b, metadata.c: ask for fewer, or use a wider terminal\n",
		"--columns agent_id,tool_name,a,b":            "auditctl: --columns: 1 column did not fit: b: ask for fewer, or use a wider terminal\n",
		"--columns agent_id,tool_name,a":              "",
		"--columns agent_id,tool_name,a,b -t none":    "",
		"": "",
	} {
		_, tty := openTerminal(t, 8)
		p := exec.Command("auditctl", append(strings.Fields("cat --format=table -m 2 "+args), "../testdata/session.jsonl")...)
		var messages strings.Builder
		p.Stdout, p.Stderr, p.Env = tty, &messages, environment()
		if err := p.Run(); err != nil {
			t.Error(err)
		}
		// That no event had a key is another message.
		if said := regexp.MustCompile(`(?m)^auditctl: --(columns|type): no event had .*\n`).ReplaceAllString(messages.String(), ""); said != want {
			t.Errorf("%s: %q, want %q", args, said, want)
		}
		if _, _, said := run(nil, append(strings.Fields("cat --format=table "+args), "../testdata/session.jsonl")...); strings.Contains(said, "did not fit") {
			t.Errorf("in a pipe %q", said)
		}
	}
}

// COLUMNS overrides the width of the terminal; a terminal without a width has 80 columns.
func TestTerminalColumns(t *testing.T) {
	t.Parallel()
	log := wideLog(t)
	for _, test := range []struct {
		terminal int
		env      string
		want     int
	}{
		{200, "COLUMNS=50", 50},
		{200, "COLUMNS=none", 200},
		{0, "COLUMNS=", 80},
	} {
		t.Run(test.env, func(t *testing.T) {
			lines := onTerminal(t, test.terminal, []string{test.env}, "cat", "-m", "1", log)
			line := withoutColour(lines[len(lines)-1])
			if width := uniseg.StringWidth(line); width > test.want || width < test.want-2 {
				t.Errorf("%d columns, want %d: %s", width, test.want, line)
			}
		})
	}
}

// With --wrap lines are not cut: they go on below their headline, each row in its colour.
// In a pipe they have 80 columns, or COLUMNS.
func TestTerminalWrap(t *testing.T) {
	t.Parallel()
	log := wideLog(t)
	joined := func(rows string) string { return strings.Join(strings.Fields(colours.ReplaceAllString(rows, "")), "") }
	_, all, _ := run(strings.NewReader(""), "cat", "--format=text", log)
	for _, columns := range []int{1, 20, 40, 80, 120} {
		shown := onTerminal(t, columns, nil, "cat", "--wrap", log)
		for _, row := range shown {
			if all, off := strings.Count(row, "\x1b["), strings.Count(row, "\x1b[0m"); all != 2*off {
				t.Errorf("colour is not switched on and off in %q", row)
			}
			if width := uniseg.StringWidth(withoutColour(row)); width > max(columns, 2) {
				t.Errorf("%d columns in %d: %s", width, columns, row)
			}
		}
		if have, want := joined(strings.Join(shown, "\n")), joined(all); columns == 120 && have != want {
			t.Errorf("have %.3000s\nwant %.3000s", have, want)
		}
	}
	path := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, path, `{"event_type": "turn_start", "timestamp": "2026-03-09T08:14:02.117Z", "severity": "info", "agent_id": "ops", "prompt_preview": "Finds every TODO in the billing service", "url": "`+strings.Repeat("x", 40)+`"}`)
	want := []string{
		"2026-03-09 Monday",
		"08:14:02 I prompt: Finds every",
		"           TODO in the billing",
		"           service",
		"           agent_id=ops",
		"           event_type=turn_sta",
		"           rt",
		"           url=xxxxxxxxxxxxxxx",
		"           xxxxxxxxxxxxxxxxxxx",
		"           xxxxxx",
	}
	var have []string
	for _, row := range onTerminal(t, 30, nil, "cat", "--wrap", path) {
		have = append(have, withoutColour(row))
	}
	if !slices.Equal(have, want) {
		t.Errorf("have\n%s", strings.Join(have, "\n"))
	}
	p := exec.Command("auditctl", "cat", "--wrap", "--format=text", path)
	p.Env = environment("COLUMNS=30")
	if piped, err := p.Output(); string(piped) != strings.Join(want, "\n")+"\n" {
		t.Errorf("in a pipe\n%s%v", piped, err)
	}
}

// A narrow terminal has no room for the date: a line names the day where it is another
// than that of the event before.
func TestTerminalDays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, path, `{"event_type": "a", "timestamp": "2026-03-09T23:59:59Z"}
{"event_type": "b"}
{"event_type": "c", "timestamp": "2026-03-10T00:00:00Z"}
{"event_type": "d", "timestamp": "soon"}
{"event_type": "c", "timestamp": "2026-03-10T00:00:01Z"}
{"event_type": "a", "timestamp": "2026-03-09T23:59:59Z"}
`)
	for args, want := range map[string][]string{
		"cat": {"2026-03-09 Monday", "23:59:59   a", "           b", "2026-03-10 Tuesday", "00:00:00   c", "soon       d",
			"00:00:01   c", "2026-03-09 Monday", "23:59:59   a"},
		"cat -t c -B 1 --context-all": {"           b", "2026-03-10 Tuesday", "00:00:00   c", "soon       d", "00:00:01   c"},
		"cat -t a -B 0 -A 0":          {"2026-03-09 Monday", "23:59:59   a", "23:59:59   a"},
		"cat -t b,c -A 1 --tz=+02:00": {"           b", "2026-03-10 Tuesday", "02:00:00   c", "soon       d", "02:00:01   c", "01:59:59   a"},
	} {
		var have []string
		for _, line := range onTerminal(t, 60, nil, append(strings.Fields(args), path)...) {
			have = append(have, withoutColour(line))
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s:\n%s", args, strings.Join(have, "\n"))
		}
	}
	if line := onTerminal(t, 120, nil, "cat", path)[0]; !strings.HasPrefix(withoutColour(line), "2026-03-09 23:59:59.000 ") {
		t.Errorf("in 120 columns %q first", line)
	}
}

// On a terminal cat shows coloured text by default.
func TestTerminalColour(t *testing.T) {
	t.Parallel()
	session := readFile(t, "../testdata/session.jsonl")
	first, _, _ := strings.Cut(session, "\n")
	for _, test := range []struct {
		env, args string
		colour    bool
		text      bool
	}{
		{"A=b", "", true, true},
		{"A=b", "--color=auto", true, true},
		{"A=b", "--color=never", false, true},
		{"NO_COLOR=1", "", false, true},
		{"NO_COLOR=", "", true, true},
		{"NO_COLOR=1", "--color=always", true, true},
		{"NO_COLOR=0", "", false, true},
		{"NO_COLOR=1 CLICOLOR_FORCE=1 FORCE_COLOR=1", "", false, true},
		{"TERM=dumb", "", false, true},
		{"TERM=dumb CLICOLOR_FORCE=1", "", true, true},
		{"TERM=dumb FORCE_COLOR=3", "", true, true},
		{"TERM=dumb CLICOLOR_FORCE=0", "", false, true},
		{"TERM=dumb FORCE_COLOR=", "", false, true},
		{"CLICOLOR_FORCE=0", "", true, true},
		{"FORCE_COLOR=0", "", false, true},
		{"CLICOLOR=0", "", false, true},
		{"CLICOLOR=0 CLICOLOR_FORCE=1", "", true, true},
		{"FORCE_COLOR=1", "--color=never", false, true},
		{"FORCE_COLOR=1", "--format=jsonl", false, false},
		{"A=b", "--format=text", true, true},
		{"A=b", "--format=jsonl", false, false},
		{"A=b", "-o -", false, false},
	} {
		t.Run(test.env+" "+test.args, func(t *testing.T) {
			args := append([]string{"cat", "-m", "1", "../testdata/session.jsonl"}, strings.Fields(test.args)...)
			line := onTerminal(t, 80, strings.Fields(test.env), args...)[0]
			if strings.Contains(line, "\x1b[") != test.colour || (line == first) == test.text {
				t.Errorf("shown as %q", line)
			}
		})
	}
}

// filter and tee write the lines themselves, also to a terminal.
func TestTerminalIsOnlyForCat(t *testing.T) {
	t.Parallel()
	first, _, _ := strings.Cut(readFile(t, "../testdata/session.jsonl"), "\n")
	for _, args := range []string{"filter ../testdata/session.jsonl", "tee -i ../testdata/session.jsonl"} {
		if line := onTerminal(t, 80, nil, strings.Fields(args)...)[0]; line != first {
			t.Errorf("%s: %q, want %q", args, line, first)
		}
	}
}

// Lines that commands pass on do not control a terminal either. Events stay the same, and
// in a pipe so do all bytes.
func TestTerminalLines(t *testing.T) {
	t.Parallel()
	const event = "{\"event_type\": \"a\", \"n\": \"\u009b31m\u202e\x7f\"}"
	const torn = "\x1b[31m\xff\u009b \"\u202e"
	log := filepath.Join(t.TempDir(), "hostile.jsonl")
	writeFile(t, log, event+"\n"+torn+"\n")
	const shownEvent = `{"event_type": "a", "n": "\u009b31m\u202e\u007f"}`
	const shownTorn = `\x1b[31m\xff\u009b "\u202e`
	for _, test := range []struct {
		args        string
		shown, sent []string
	}{
		{"filter", []string{shownEvent}, []string{event}},
		{"filter -o -", []string{shownEvent}, []string{event}},
		{"filter -o /dev/stdout", []string{shownEvent}, []string{event}},
		{"filter -o /dev/fd/1 -o /dev/null --stall-timeout 1h", []string{shownEvent}, []string{event}},
		{"filter -t none --rejects - -o /dev/null", []string{shownTorn}, []string{torn}},
		{"filter -c --rejects /dev/stdout", []string{shownTorn, "1"}, []string{torn, "1"}},
		{"cat --format=jsonl", []string{shownEvent}, []string{event}},
		{"cat --format=csv --columns n", []string{"n", `\u009b31m\u202e\x7f`}, []string{"n\r", "\u009b31m\u202e\x7f\r"}},
		{"cat --format=tsv --columns n -o - -o /dev/null", []string{"n", `\u009b31m\u202e\x7f`}, []string{"n", "\u009b31m\u202e\x7f"}},
		{"cat --template {{.n}}", []string{`\u009b31m\u202e\x7f`}, []string{"\u009b31m\u202e\x7f"}},
		{"filter --json-array", []string{"[", shownEvent, "]"}, []string{"[", event, "]"}},
		{"cat --format=text -c --rejects -", []string{shownTorn, "1"}, []string{torn, "1"}},
		{"repair", []string{shownEvent}, []string{event}},
		{"tee -i", []string{shownEvent, shownTorn}, []string{event, torn}},
		{"tee -q --route a=/dev/stdout -i", []string{shownEvent}, []string{event}},
		{"stats --json --by n", []string{`{"events":1,"errors":0,"by":["n"],"groups":[{"by":{"n":"\u009b31m\u202e\u007f"},"events":1,"errors":0,"duration_ms":null}],"others":null}`}, nil},
	} {
		t.Run(test.args, func(t *testing.T) {
			args := append(strings.Fields(test.args), log)
			args = slices.Insert(args, 1, "--invalid=skip")
			if lines := onTerminal(t, 80, nil, args...); !slices.Equal(lines, test.shown) {
				t.Errorf("shown as %q, want %q", lines, test.shown)
			}
			p := exec.Command("auditctl", args...)
			p.Env = environment()
			out, err := p.Output()
			if sent := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); test.sent != nil && !slices.Equal(sent, test.sent) {
				t.Errorf("in a pipe %q, want %q, %v", sent, test.sent, err)
			}
		})
	}
	for args, want := range map[string]string{
		"emit base --timestamp 2026-03-09T00:00:00Z --agent-id \x7f": `{"event_type": "base", "timestamp": "2026-03-09T00:00:00+00:00", "agent_id": "\u007f", "turn_id": null, "session_id": null, "severity": "info", "metadata": {}}`,
		"emit base --print agent_id --agent-id \u009b\x7f":           `\u009b\x7f`,
	} {
		if line := onTerminal(t, 80, nil, strings.Fields(args)...)[0]; line != want {
			t.Errorf("%s: shown as %q, want %q", args, line, want)
		}
	}
}

// ^D on a terminal ends the input.
func TestTerminalAsInput(t *testing.T) {
	t.Parallel()
	screen, tty := openTerminal(t, 80)
	p := exec.Command("auditctl", "filter", "-c")
	p.Stdin, p.Env = tty, environment()
	fmt.Fprint(screen, lineA+"\x04")
	if count, err := p.Output(); string(count) != "1\n" || err != nil {
		t.Errorf("have %q, %v, want 1", count, err)
	}
}

// A command that waits for somebody to type says so, and how to end that, unless it is to
// be quiet.
func TestTerminalAwaitsTyping(t *testing.T) {
	t.Parallel()
	const message = "auditctl: reading standard input: type or paste lines, then ^D"
	for args, want := range map[string]string{
		"cat":              message + ", or name a FILE\n",
		"cat -f":           message + ", or name a FILE\n",
		"filter":           message + ", or name a FILE\n",
		"stats":            message + ", or name a FILE\n",
		"repair":           message + ", or name a FILE\n",
		"tee":              message + ", or add --input FILE\n",
		"emit --stdin":     message + "\n",
		"filter -q":        "",
		"filter -":         "",
		"cat ../cmd/x":     "auditctl: open ../cmd/x: no such file or directory\n",
		"filter --jobs=-1": "auditctl: --jobs -1: want at least 1; see 'auditctl filter --help'\n",
	} {
		screen, tty := openTerminal(t, 80)
		p := exec.Command("auditctl", strings.Fields(args)...)
		var stderr strings.Builder
		p.Stdin, p.Stderr, p.Env = tty, &stderr, environment()
		fmt.Fprint(screen, `{"event_type": "error"}`+"\n\x04")
		p.Run()
		have, _, _ := strings.Cut(stderr.String(), "nothing to repair")
		have = strings.TrimSuffix(have, "auditctl: stdin: ")
		if have != want {
			t.Errorf("%s: %q, want %q", args, have, want)
		}
	}
}
