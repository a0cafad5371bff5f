package cmd_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"auditctl/testdata"
)

// A paged is auditctl on a terminal of 80 columns and 24 rows, with a pager.
type paged struct {
	*exec.Cmd
	t      *testing.T
	screen *os.File // the ends of the terminal
	tty    *os.File
	shown  chan string // what is on the screen in the end
}

// page prepares auditctl. The pager that env names may write to the file got, and wait
// until the FIFO gate, or gate2, is closed.
func page(t *testing.T, env string, args ...string) *paged {
	t.Helper()
	screen, tty := openTerminal(t, 80)
	p := &paged{Cmd: exec.Command("auditctl", args...), t: t, screen: screen, tty: tty, shown: make(chan string, 1)}
	p.Dir, p.Stdout, p.Stderr = t.TempDir(), tty, tty
	p.Env = environment(append([]string{"TERM=xterm-256color"}, strings.Split(env, "\x00")...)...)
	for _, gate := range []string{"gate", "gate2"} {
		if err := syscall.Mkfifo(filepath.Join(p.Dir, gate), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	go func() {
		shown, _ := io.ReadAll(screen)
		p.shown <- strings.ReplaceAll(string(shown), "\r\n", "\n")
	}()
	return p
}

func (p *paged) start() {
	p.t.Helper()
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.tty.Close()
}

// startWaiting starts it with lines on standard input, and more to come.
func (p *paged) startWaiting(lines string) {
	p.t.Helper()
	in, more := pipe(p.t)
	p.Stdin = in
	go io.WriteString(more, lines)
	p.start()
}

// open opens a gate, once the pager waits there.
func (p *paged) open(gate string) *os.File {
	p.t.Helper()
	f, err := os.OpenFile(filepath.Join(p.Dir, gate), os.O_WRONLY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	return f
}

// end waits for the end, and returns what is on the screen, and what the pager got.
func (p *paged) end(status int) (screen, got string) {
	p.t.Helper()
	p.Wait()
	if have := p.ProcessState.ExitCode(); have != status {
		p.t.Errorf("exit status %d, want %d", have, status)
	}
	file, _ := os.ReadFile(filepath.Join(p.Dir, "got"))
	return <-p.shown, string(file)
}

// The pager gets exactly what would be on the terminal.
func TestTerminalPager(t *testing.T) {
	t.Parallel()
	logs, err := filepath.Abs("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"cat LOGS/session.jsonl", "cat --wrap LOGS/claude-code.jsonl", "cat --format=tree LOGS/session.jsonl",
		"cat --color=never LOGS/session.jsonl", "cat --format=csv LOGS/session.jsonl", "filter LOGS/session.jsonl", "stats LOGS/session.jsonl", "stats --json LOGS/session.jsonl",
		"help", "help tee", "cat --help", "emit base --help", "",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(strings.ReplaceAll(args, "LOGS", logs))
			plain := page(t, "PAGER=", args...)
			plain.Stderr = nil
			plain.start()
			want, _ := plain.end(0)
			p := page(t, "PAGER=cat > got", args...)
			p.Stderr = nil
			p.start()
			if screen, got := p.end(0); screen != "" || got != want {
				t.Errorf("%d bytes on the screen, the pager got %d bytes, want %d: %.100q", len(screen), len(got), len(want), got)
			}
		})
	}
}

// When there is a pager, and which.
func TestTerminalPagerWanted(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log.jsonl")
	writeFile(t, log, strings.Repeat(lineA, 24))
	session, err := filepath.Abs("../testdata/session.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	const first, second = "AUDITCTL_PAGER=echo first", "PAGER=echo second"
	for _, test := range []struct{ args, env, want string }{
		{"cat LOG", first, "first\n"},
		{"cat LOG", second, "second\n"},
		{"cat LOG", first + "\x00" + second, "first\n"},
		{"cat LOG", "AUDITCTL_PAGER=\x00" + second, ""},
		{"cat LOG", "AUDITCTL_PAGER= cat \x00" + second, ""},
		{"cat LOG", first + "\x00TERM=dumb", ""},
		{"cat --no-pager LOG", first, ""},
		{"cat -m 23 LOG", first, ""},
		{"cat -m 24 LOG", first, "first\n"},
		{"cat -f -m 24 LOG", first, ""},
		{"cat --rejects rejects LOG", first, ""},
		{"filter LOG", first, "first\n"},
		{"filter --no-pager LOG", first, ""},
		{"filter -c LOG", first, ""},
		{"filter -q LOG", first, ""},
		{"filter -o - LOG", first, "first\n"},
		{"filter -o - -o copy LOG", first, ""},
		{"filter -o copy LOG", first, ""},
		{"filter --stall-timeout 1h LOG", first, ""},
		{"stats SESSION", first, "first\n"},
		{"stats --no-pager SESSION", first, ""},
		{"stats --rejects rejects SESSION", first, ""},
		{"stats LOG", first, ""}, // it is short
		{"help", first, "first\n"},
		{"help --no-pager", first, ""},
		{"help --no-pager cat", first, ""},
		{"cat --help --no-pager", first, ""},
		{"tee -i LOG", first, ""},
		{"repair LOG", first, ""},
	} {
		t.Run(test.args+" "+test.env, func(t *testing.T) {
			t.Parallel()
			p := page(t, test.env, strings.Fields(strings.NewReplacer("LOG", log, "SESSION", session).Replace(test.args))...)
			p.start()
			screen, _ := p.end(0)
			if paged := strings.HasPrefix(screen, "first\n") || strings.HasPrefix(screen, "second\n"); paged != (test.want != "") || paged && screen != test.want {
				t.Errorf("%.300q, want %q", screen, test.want)
			}
		})
	}
}

// What a pager may never show must not be acknowledged.
func TestTerminalPagerCursor(t *testing.T) {
	t.Parallel()
	stream := startNATS(t).url("AUDIT")
	if status, _, said := run(strings.NewReader(testdata.Session), "tee", "-q", stream); status != 0 {
		t.Fatal(said)
	}
	for args, want := range map[string]bool{"filter": true, "filter --cursor a": false, "stats": true, "stats --cursor b": false} {
		p := page(t, "PAGER=echo paged", append(strings.Fields(args), stream)...)
		p.start()
		if shown, _ := p.end(0); strings.HasPrefix(shown, "paged\n") != want {
			t.Errorf("%s: %.100q", args, shown)
		}
	}
}

// If its keys are the input, there is no pager.
func TestTerminalPagerTyped(t *testing.T) {
	t.Parallel()
	screen, tty := openTerminal(t, 80)
	for _, args := range []string{"cat", "filter -", "stats"} {
		p := page(t, "PAGER=echo paged", strings.Fields(args)...)
		p.Stdin = tty
		io.WriteString(screen, strings.Repeat(lineA, 30)+"\x04")
		p.start()
		if shown, _ := p.end(0); strings.Contains(shown, "paged") {
			t.Errorf("%s: %q", args, shown)
		}
	}
}

// The pager shows colours, unless it is told otherwise.
func TestTerminalPagerEnvironment(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]string{
		"LC_ALL=C":     "FRX -c\n",
		"LESS=S":       "S -c\n",
		"LESS=\x00LV=": "\n",
	} {
		p := page(t, "PAGER=echo $LESS $LV > got\x00"+env, "help")
		p.start()
		if _, got := p.end(0); got != want {
			t.Errorf("%q: %q, want %q", env, got, want)
		}
	}
}

// Messages follow once the pager has ended, and the status is what it is without one.
func TestTerminalPagerMessages(t *testing.T) {
	t.Parallel()
	p := page(t, "PAGER=cat > got; echo bye", "filter")
	p.Stdin = strings.NewReader(strings.Repeat(lineA, 30) + "no event\n" + strings.Repeat(lineA, 30))
	p.start()
	screen, got := p.end(3)
	if want := "bye\nauditctl: stdin:31:1: not a JSON object\n"; screen != want || got != strings.Repeat(lineA, 60) {
		t.Errorf("%q, want %q; the pager got %d bytes", screen, want, len(got))
	}

	// In their order, without a pager.
	p = page(t, "PAGER=echo paged", "filter")
	p.Stdin = strings.NewReader("no event\n" + lineA)
	p.start()
	screen, _ = p.end(3)
	if want := lineA + "auditctl: stdin:1:1: not a JSON object\n"; screen != want {
		t.Errorf("%q, want %q", screen, want)
	}
}

// Of more messages than are held, it is said how many are left out.
func TestTerminalPagerManyMessages(t *testing.T) {
	t.Parallel()
	missing := slices.Repeat([]string{strings.Repeat("x/", 1500)}, 500)
	p := page(t, "PAGER=cat > got", append([]string{"filter", "-"}, missing...)...)
	p.Stdin = strings.NewReader(strings.Repeat(lineA, 30))
	p.start()
	screen, _ := p.end(2)
	shown := strings.Count(screen, "no such file")
	if want := fmt.Sprintf("auditctl: %d more messages left out\n", len(missing)-shown); shown == 0 || !strings.HasSuffix(screen, want) {
		t.Errorf("%d messages and then %q, want %q", shown, screen[max(0, len(screen)-50):], want)
	}
}

// When the pager ends, so does auditctl, whether it waits for input or for the pager, and
// that is no failure.
func TestTerminalPagerQuit(t *testing.T) {
	t.Parallel()
	const pager = "PAGER=head -n 1 > got"
	const first = "no event\n" + lineA
	p := page(t, pager, "filter")
	p.startWaiting(first + strings.Repeat(lineB, 30))
	if _, got := p.end(0); got != lineA {
		t.Errorf("waiting for input: the pager got %q", got)
	}
	p = page(t, pager, "filter")
	p.Stdin = strings.NewReader(first + strings.Repeat(lineB, 200_000))
	p.start()
	if _, got := p.end(0); got != lineA {
		t.Errorf("waiting for the pager: it got %q", got)
	}
}

// After ^C the pager gets no more, and auditctl waits for its end.
func TestTerminalPagerInterrupt(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]int{"waiting for input": 30, "waiting for the pager": 200_000} {
		t.Run(name, func(t *testing.T) {
			p := page(t, "PAGER=cat gate; cat > got; cat gate2; echo bye", "filter")
			p.startWaiting(strings.Repeat(lineA, lines))
			gate := p.open("gate")
			p.Process.Signal(syscall.SIGINT)
			gate.Close()
			gate = p.open("gate2") // it has got everything
			p.Process.Signal(syscall.SIGINT)
			gate.Close()
			screen, got := p.end(0)
			if screen != "bye\n" || len(got) < 30*len(lineA) || !strings.HasPrefix(strings.Repeat(lineA, lines), got) {
				t.Errorf("%q, the pager got %d bytes", screen, len(got))
			}
		})
	}
}

// Other signals end the pager too, which leaves the terminal as it was.
func TestTerminalPagerTerminated(t *testing.T) {
	t.Parallel()
	p := page(t, "PAGER=trap 'echo restored > got; exit' TERM; cat gate & wait", "filter")
	p.startWaiting(strings.Repeat(lineA, 30))
	gate := p.open("gate")
	p.Process.Signal(syscall.SIGTERM)
	p.Wait()
	gate.Close() // it has the terminal open
	if _, got := p.end(143); got != "restored\n" {
		t.Errorf("the pager said %q", got)
	}
}

// A pager that a signal kills leaves the terminal to auditctl, which puts it back.
func TestTerminalPagerKilled(t *testing.T) {
	t.Parallel()
	p := page(t, "PAGER=stty -icanon -echo <&1; exec cat gate", "filter")
	p.startWaiting(strings.Repeat(lineA, 30))
	defer p.open("gate").Close()
	p.Process.Signal(syscall.SIGTERM)
	p.end(143)
	state, err := unix.IoctlGetTermios(int(p.screen.Fd()), unix.TCGETS)
	if err != nil || state.Lflag&unix.ICANON == 0 || state.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal is left with %+v, %v", state, err)
	}
}
