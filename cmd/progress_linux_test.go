package cmd_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A slow command has a terminal as standard error, and a standard output that nobody
// reads: until somebody does, there is more than a second to go.
type slow struct {
	*exec.Cmd
	t      *testing.T
	tty    *os.File
	out    *os.File    // its standard output
	screen *syncBuffer // what the terminal got
	seen   int         // how much of it was checked
	closed chan struct{}
}

// slowly prepares a program that will run slowly.
func slowly(t *testing.T, program string, args ...string) *slow {
	t.Helper()
	screen, tty := openTerminal(t, 80)
	out, outW := pipe(t)
	p := &slow{
		Cmd: exec.Command(program, args...), t: t,
		tty: tty, out: out, screen: &syncBuffer{}, closed: make(chan struct{}),
	}
	p.Env = environment("TERM=xterm", "GOMAXPROCS=2") // which limits what is read ahead
	p.Stdout, p.Stderr = outW, tty
	go func() {
		io.Copy(p.screen, screen)
		close(p.closed)
	}()
	return p
}

func (p *slow) start() {
	p.t.Helper()
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.Stdout.(*os.File).Close()
	p.t.Cleanup(func() { p.Process.Kill() })
}

// shows waits until the terminal gets something that matches, after the last match.
func (p *slow) shows(want string) {
	p.t.Helper()
	var found []int
	if !eventually(func() bool {
		found = regexp.MustCompile(want).FindStringIndex(p.screen.String()[p.seen:])
		return found != nil
	}) {
		p.t.Fatalf("the terminal got %q, want %s", p.screen.String()[p.seen:], want)
	}
	p.seen += found[1]
}

// drain reads the standard output to its end.
func (p *slow) drain() { io.Copy(io.Discard, p.out) }

// ends checks the exit status and the final screen.
func (p *slow) ends(status int, want string) {
	p.t.Helper()
	p.Wait()
	if have := p.ProcessState.ExitCode(); have != status {
		p.t.Errorf("exit status %d, want %d", have, status)
	}
	p.tty.Close()
	<-p.closed
	if have := onScreen(p.t, p.screen.String()); have != want {
		p.t.Errorf("on the screen is %q, want %q; it got %q", have, want, p.screen)
	}
}

// onScreen returns the lines on a screen that got this output. The last one must be
// empty.
func onScreen(t *testing.T, got string) string {
	t.Helper()
	lines, row, at := [][]rune{nil}, 0, 0
	for _, part := range regexp.MustCompile(`(?s)\x1b\[\d*[A-Z]|.`).FindAllString(got, -1) {
		switch line := lines[row]; {
		case part == "\r":
			at = 0
		case part == "\n":
			if row++; row == len(lines) {
				lines = append(lines, nil)
			}
			at = 0
		case part == "\x1b[J":
			lines = lines[:row+1]
			fallthrough
		case part == "\x1b[K":
			lines[row] = line[:min(at, len(line))]
		case part == "\x1b[B" && row < len(lines)-1:
			row++
		case part == "\x1b[A" && row > 0:
			row--
		case strings.HasPrefix(part, "\x1b[") && strings.HasSuffix(part, "A"):
			up, err := strconv.Atoi(part[2 : len(part)-1])
			if err != nil || up > row {
				t.Fatalf("the terminal got %q in line %d", part, row)
			}
			row -= up
		case part < " ":
			t.Fatalf("the terminal got %q", got)
		default:
			lines[row] = append(line[:at:at], append([]rune(part), line[min(at+1, len(line)):]...)...)
			at++
		}
	}
	if last := len(lines) - 1; row < last || len(lines[last]) > 0 {
		t.Errorf("%q is left on the last lines", string(lines[last]))
	}
	var above strings.Builder
	for _, line := range lines[:len(lines)-1] {
		above.WriteString(string(line) + "\n")
	}
	return above.String()
}

// shown returns a pattern of the progress of so many bytes in 80 columns.
func shown(size int64) string {
	total := regexp.QuoteMeta(fmt.Sprintf("%.1f", float64(size)/(1<<20)))
	return `\r *[0-9.]+ [KM]iB / ` + total + ` MiB \[=*-+\] +[0-9.]+ [KM]iB/s  \w+ left\x1b\[J\r`
}

const slowSize = 4 << 20

// slowLog returns a log that takes long to write to a pipe. Its last line is not an event.
func slowLog() []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var log []byte
	for len(log) < slowSize-100 {
		// Something that does not compress well.
		log = fmt.Appendf(log, `{"event_type": "a", "n": "%x%x%x"}`+"\n", rng.Uint64(), rng.Uint64(), rng.Uint64())
	}
	return append(log, strings.Repeat("x", slowSize-1-len(log))+"\n"...)
}

// If there is more than a second to go, the bytes, the rate and the time left are shown.
// Messages still are whole lines, and the progress is gone at the end.
func TestProgress(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log, zipped := filepath.Join(dir, "log.jsonl"), filepath.Join(dir, "log.gz")
	writeFile(t, log, string(slowLog()))
	writeFile(t, zipped, gzipped(t, string(slowLog())))
	st, err := os.Stat(zipped)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args  string
		stdin int64 // offset in the log at which standard input starts
		size  int64
	}{
		{"filter " + log, 0, slowSize},
		{"filter -t a -o - -o /dev/null " + log, 0, slowSize},
		{"filter " + zipped, 0, st.Size()},
		{"filter " + log + " " + log, 0, 2 * slowSize},
		{"filter", 0, slowSize},
		{"filter -", 1 << 20, slowSize - 1<<20},
		{"tee /dev/null -i " + log, 0, slowSize},
		{"tee", 0, slowSize},
		{"repair " + log, 0, slowSize},
		{"emit --stdin", 0, slowSize},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			in, err := os.Open(log)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			in.Seek(test.stdin, io.SeekStart)
			_, _, messages := run(in, strings.Fields(test.args)...)

			in.Seek(test.stdin, io.SeekStart)
			p := slowly(t, "auditctl", strings.Fields(test.args)...)
			p.Stdin = in
			p.start()
			p.shows(shown(test.size))
			p.shows(shown(test.size))
			p.drain()
			p.ends(3, messages)
		})
	}
}

// However a command ends, only its messages are left on the screen.
func TestProgressEnds(t *testing.T) {
	t.Parallel()
	text := slowLog()
	log := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, log, string(text))
	for name, test := range map[string]struct {
		args   string
		end    func(p *slow)
		status int
		want   string
	}{
		"enough": {"auditctl filter -m 20000", (*slow).drain, 0, ""},
		"reader": {"auditctl filter", func(p *slow) { p.out.Close() }, 0, ""},
		"error": {"auditctl filter --invalid=fail", (*slow).drain, 2,
			fmt.Sprintf("auditctl: %s:%d:1: not a JSON object\n", log, bytes.Count(text, []byte("\n")))},
		"signal": {"auditctl tee -i", func(p *slow) {
			p.Process.Signal(syscall.SIGINT)
			p.shows(`\r\x1b\[J`) // it has come
			p.drain()
		}, 130, ""},
		"signals": {"auditctl filter", func(p *slow) {
			p.Process.Signal(syscall.SIGINT)
			p.shows(`\r\x1b\[J`) // the first has come
			p.Process.Signal(syscall.SIGTERM)
		}, 130, ""},
		"grace": {"PATIENCE=50ms auditctl filter", func(p *slow) { p.Process.Signal(syscall.SIGINT) }, 130,
			"auditctl: interrupt: gave up waiting for a write; a destination may end within a line\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := slowly(t, "env", append(strings.Fields(test.args), log)...)
			p.start()
			p.shows(shown(slowSize))
			test.end(p)
			p.ends(test.status, test.want)
		})
	}
}

// Lines fit even after the terminal changed its width.
func TestProgressResized(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, log, string(slowLog()))
	p := slowly(t, "auditctl", "filter", "--invalid=skip", log)
	p.start()
	p.shows(shown(slowSize))
	for columns, want := range map[uint16]string{
		60: `\r[^\r\x1b]{50,59}\x1b\[J\r`,
		40: `\r[^\r\x1b]{15,39}\x1b\[J\r`,
		10: `\r\x1b\[J\r`,
	} {
		unix.IoctlSetWinsize(int(p.tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
		p.shows(want)
	}
	p.drain()
	p.ends(0, "")
}

// A run of less than a second shows no progress.
func TestProgressOfShortRuns(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"filter", "tee -i", "repair"} {
		p := slowly(t, "auditctl", append(strings.Fields(args), "../testdata/session.jsonl")...)
		p.start()
		p.drain()
		p.Wait()
		p.tty.Close()
		<-p.closed
		if have := p.screen.String(); strings.ContainsAny(have, "\x1b") {
			t.Errorf("%s: the terminal got %q", args, have)
		}
	}
}

// No progress is shown if it was not asked for, or would be in the way. A run that shows
// some tells how long to wait for nothing.
func TestProgressIsNotShown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := filepath.Join(dir, "log.jsonl")
	writeFile(t, log, string(slowLog()))
	messages, err := os.Create(filepath.Join(dir, "messages"))
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Close()
	_, other := openTerminal(t, 80)

	small := filepath.Join(dir, "small.jsonl")
	writeFile(t, small, strings.Repeat(lineA, 100_000/len(lineA))) // more than a pipe takes

	for name, test := range map[string]struct {
		args    string
		prepare func(p *slow)
	}{
		"filter --no-progress": {"filter --no-progress " + log, nil},
		"tee --no-progress":    {"tee --no-progress -i " + log, nil},
		"repair --no-progress": {"repair --no-progress " + log, nil},
		"emit --no-progress": {"emit --no-progress --stdin", func(p *slow) {
			in, err := os.Open(log)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { in.Close() })
			p.Stdin = in
		}},
		"cat":                  {"cat " + log, nil},
		"nothing left to read": {"filter " + small, nil},
		"another input":        {"filter " + log + " /dev/null", nil},
		"terminal as a file":   {"filter -o - -o " + other.Name() + " " + log, nil},
		"events on a terminal": {"filter " + log, func(p *slow) { p.Stdout = other }},
		"not a terminal":       {"filter " + log, func(p *slow) { p.Stderr = messages }},
		"dumb":                 {"filter " + log, func(p *slow) { p.Env = append(p.Env, "TERM=dumb") }},
		"pipe": {"filter " + log + " -", func(p *slow) {
			in, _ := pipe(t)
			p.Stdin = in
		}},
		"pager": {"filter " + log, func(p *slow) {
			state, err := unix.IoctlGetTermios(int(p.tty.Fd()), unix.TCGETS)
			if err != nil {
				t.Fatal(err)
			}
			state.Lflag &^= unix.ICANON
			unix.IoctlSetTermios(int(p.tty.Fd()), unix.TCSETS, state)
		}},
	} {
		p := slowly(t, "auditctl", strings.Fields(test.args)...)
		if test.prepare != nil {
			test.prepare(p)
		}
		p.start()
		defer func() {
			p.Process.Kill()
			p.Wait()
			if have := p.screen.String(); have != "" {
				t.Errorf("%s: the terminal got %q", name, have)
			}
		}()
	}
	p := slowly(t, "sh", "-c", `set -m; auditctl filter --invalid=skip "$0" & wait`, log)
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}
	p.start()
	defer func() {
		p.Process.Kill()
		p.Wait()
		if have := p.screen.String(); strings.Contains(have, "\x1b") {
			t.Errorf("in the background: the terminal got %q", have)
		}
	}()

	control := slowly(t, "auditctl", "filter", "--invalid=skip", log)
	control.start()
	for range 3 {
		control.shows(shown(slowSize))
	}
	if text := readFile(t, messages.Name()); text != "" {
		t.Errorf("standard error got %q", text)
	}
}
