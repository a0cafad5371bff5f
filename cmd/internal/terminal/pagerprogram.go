package terminal

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// Pages reports whether w can get a [Pager]: it is a terminal of a known size on which
// nothing else is shown.
func Pages(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || !Capable(f) || !ownScreen(f) {
		return false
	}
	columns, rows := size(f)
	return columns > 0 && rows > 0
}

// PagerCommand returns the command that the first of these variables has which is set,
// or else that of less if it is installed. It is empty if there is to be no pager.
func PagerCommand(variables ...string) string {
	for _, variable := range variables {
		if command, ok := os.LookupEnv(variable); ok {
			if command = strings.TrimSpace(command); command == "cat" {
				command = ""
			}
			return command
		}
	}
	if _, err := exec.LookPath("less"); err != nil {
		return ""
	}
	return "less -FRX"
}

// start starts the program, if it can be.
func (p *Pager) start() bool {
	in, out, err := os.Pipe()
	if err != nil {
		return false
	}
	defer in.Close()
	program := exec.CommandContext(p.ctx, "sh", "-c", p.command)
	program.Stdin, program.Stdout, program.Stderr = in, p.screen, p.messages.file
	program.Env = pagerEnvironment()
	program.Cancel = func() error {
		if program.Process.Signal(syscall.SIGTERM) == nil {
			return nil
		}
		return program.Process.Kill()
	}
	modes, _ := term.GetState(int(p.Fd()))
	if program.Start() != nil {
		out.Close()
		return false
	}
	p.state, p.pipe = paging, out
	p.running.Store(out)
	go func() {
		program.Wait()
		out.Close()
		if !program.ProcessState.Exited() && modes != nil && inForeground(p.screen) {
			term.Restore(int(p.Fd()), modes) // less leaves that to whoever kills it
		}
		p.running.Store(nil)
		p.missing = slices.Contains([]int{126, 127}, program.ProcessState.ExitCode()) // as sh says it
		close(p.ended)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.settle()
	}()
	return true
}

// pagerEnvironment has the settings of less and lv that show colours, unless there are
// others.
func pagerEnvironment() []string {
	all := os.Environ()
	for variable, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if _, ok := os.LookupEnv(variable); !ok {
			all = append(all, variable+"="+value)
		}
	}
	return all
}
