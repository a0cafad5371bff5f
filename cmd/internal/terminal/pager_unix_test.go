//go:build unix

package terminal_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/cmd/internal/terminal"
)

// A paged is a Pager for a screen of 10 columns and 4 rows, with files for what is on the
// screen and for what the program got.
type paged struct {
	*terminal.Pager
	screen, got string
	gate        string          // a FIFO
	quit        context.Context // ends when the program has ended early
	end         func()          // ends the context of the Pager
}

// newPaged returns a Pager whose command may write to $GOT, and wait for $GATE to be
// closed.
func newPaged(t *testing.T, command string) *paged {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no sh")
	}
	dir := t.TempDir()
	p := &paged{screen: filepath.Join(dir, "screen"), got: filepath.Join(dir, "got"), gate: filepath.Join(dir, "gate")}
	if err := syscall.Mkfifo(p.gate, 0o600); err != nil {
		t.Fatal(err)
	}
	screen, err := os.Create(p.screen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	ctx, end := context.WithCancel(t.Context())
	quit, left := context.WithCancel(ctx)
	p.quit, p.end = quit, end
	command = strings.NewReplacer("$GOT", p.got, "$GATE", p.gate).Replace(command)
	p.Pager = terminal.NewPager(ctx, screen, command, terminal.NewStatusLine(screen), left)
	p.SetSize(10, 4)
	return p
}

// open opens the gate, once the program waits there.
func (p *paged) open(t *testing.T) *os.File {
	t.Helper()
	gate, err := os.OpenFile(p.gate, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return gate
}

// have checks what is on the screen, and what the program got.
func (p *paged) have(t *testing.T, when, screen, got string) {
	t.Helper()
	for file, want := range map[string]string{p.screen: screen, p.got: got} {
		if have, _ := os.ReadFile(file); string(have) != want {
			t.Errorf("%s %s has %d bytes, %.60q, want %d, %.60q", when, filepath.Base(file), len(have), have, len(want), want)
		}
	}
}

// The program gets everything if a screen is full before the first pause, and otherwise
// the terminal does.
func TestPager(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text  string // | is almost a pause, ! is one
		paged bool
	}{
		"nothing":                 {"", false},
		"less than a screen":      {"1\n2\n3\n", false},
		"a screen":                {"1\n2\n3\n4\n", true},
		"no last line feed":       {"1\n2\n3\n4", true},
		"line by line":            {"1\n|2\n|3\n|4\n", true},
		"byte by byte":            {"1|\n|2|\n|3|\n|4", true},
		"after a pause":           {"1\n2\n3\n!4\n|5\n6\n7\n8\n", false},
		"after a pause in a line": {"1!\n2\n3\n4\n5\n", false},
		"empty lines":             {"\n\n\n\n", true},
		"wrapped":                 {"1234567890a\n3\n4\n", true},
		"as wide as the screen":   {"1234567890\n2\n1234567890\n", false},
		"a long line":             {strings.Repeat("x", 31), true},
		"a line of three rows":    {strings.Repeat("x", 30), false},
		"wide characters":         {strings.Repeat("完", 16), true},
		"they are not divided":    {"123456789完2345678完2345678完", true},
		"combining marks":         {strings.Repeat("e\u0301", 30), false},
		"colours":                 {strings.Repeat("\x1b[1;31m1234567890\x1b[0m\n", 3), false},
		"a colour in two pieces":  {"\x1b[1;|31m1234567890\x1b[|0m\n2\n3\n", false},
		"tabs":                    {"\t1\n\t2\n\t3\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const pause = 100 * time.Millisecond
				p := newPaged(t, "cat > $GOT")
				all := ""
				for i, piece := range strings.Split(strings.ReplaceAll(test.text, "!", "!|"), "|") {
					if i > 0 { // not while the program runs: that does not let the time pass
						time.Sleep(pause - time.Nanosecond)
					}
					piece, paused := strings.CutSuffix(piece, "!")
					if _, err := p.Write([]byte(piece)); err != nil {
						t.Fatal(err)
					}
					all += piece
					if paused {
						time.Sleep(pause - time.Nanosecond)
						p.have(t, "before the end of the pause", "", "")
						time.Sleep(time.Nanosecond)
						synctest.Wait()
						p.have(t, "after the pause", all, "")
					}
				}
				if err := p.Close(); err != nil || p.quit.Err() != nil {
					t.Errorf("at the end %v, %v", err, p.quit.Err())
				}
				if test.paged {
					p.have(t, "at the end", "", all)
				} else {
					p.have(t, "at the end", all, "")
				}
			})
		})
	}
}

// linesOf returns so many bytes of lines.
func linesOf(size int) string { return strings.Repeat("a line\n", size/7+1) }

// Without the program, the terminal gets everything, whatever a pipe has taken of it.
func TestPagerMissing(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"no-such-program", "/", "exec no-such-program --flag"} {
		for _, size := range []int{100, 65_000, 200_000} {
			for _, piece := range []int{100, 50_000, 1_000_000} {
				p := newPaged(t, command+" 2> /dev/null")
				all := linesOf(size)
				for rest := all; rest != ""; rest = rest[min(piece, len(rest)):] {
					if _, err := p.Write([]byte(rest[:min(piece, len(rest))])); err != nil {
						t.Fatal(err)
					}
				}
				if err := p.Close(); err != nil || p.quit.Err() != nil {
					t.Errorf("at the end %v, %v", err, p.quit.Err())
				}
				p.have(t, "at the end", all, "")
			}
		}
	}
}

// That the program is missing is noticed while nothing more is written.
func TestPagerMissingInPause(t *testing.T) {
	t.Parallel()
	p := newPaged(t, "no-such-program 2> /dev/null")
	all := linesOf(100)
	p.Write([]byte(all))
	for {
		if on, _ := os.ReadFile(p.screen); string(on) == all {
			break
		}
		time.Sleep(time.Millisecond)
	}
	p.Close()
}

// A program that ends early has enough, whether more is written or not.
func TestPagerQuit(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"head -n 1 > $GOT", "head -n 1 > $GOT; exit 1", "exec < /dev/null; echo a line > $GOT"} {
		p := newPaged(t, command)
		p.Write([]byte(linesOf(100)))
		<-p.quit.Done()
		if n, err := p.Write([]byte(linesOf(100))); n != 0 || !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%s: %d bytes, %v", command, n, err)
		}
		p.Close()
		p.have(t, "at the end", "", "a line\n")

		p = newPaged(t, command)
		if n, err := p.Write([]byte(linesOf(2_000_000))); n >= 2_000_000 || !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%s: %d bytes of many, %v", command, n, err)
		}
		p.Close()
		p.have(t, "at the end", "", "a line\n")
	}
}

// An interrupt is for the program: what is being written ends, and Close waits for it.
// Before and after, there is no such program.
func TestPagerInterrupt(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"cat > $GOT; cat $GATE", "head -n 1 > $GOT; cat $GATE", "cat $GATE"} {
		p := newPaged(t, command)
		if p.Interrupt() || (*terminal.Pager)(nil).Interrupt() {
			t.Error("there is a program already")
		}
		p.Write([]byte(linesOf(100)))
		written := make(chan error)
		go func() {
			_, err := p.Write([]byte(linesOf(2_000_000)))
			written <- err
			written <- p.Close()
		}()
		if !p.Interrupt() || p.quit.Err() == nil {
			t.Error("there is no program")
		}
		gate := p.open(t)
		select {
		case <-written:
			t.Errorf("%s: writing has ended", command)
		default:
		}
		gate.Close()
		if err := <-written; !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%s: writing ends with %v", command, err)
		}
		<-written
		if p.Interrupt() {
			t.Error("there still is a program")
		}
	}
}

// The end of the context terminates the program, which may clear up.
func TestPagerTerminated(t *testing.T) {
	t.Parallel()
	p := newPaged(t, "trap 'echo restored > $GOT; exit' TERM; cat $GATE & wait")
	p.Write([]byte(linesOf(100)))
	gate := p.open(t)
	p.end()
	p.Close()
	gate.Close()
	p.have(t, "at the end", "", "restored\n")
}
