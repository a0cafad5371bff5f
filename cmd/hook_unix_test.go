//go:build unix

package cmd_test

import (
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"auditctl/pkg/hook"
)

// A hook ends in time, whatever does not, and other destinations have the event.
func TestHookEndsInTime(t *testing.T) {
	t.Parallel()
	open, _ := io.Pipe()
	hangs := filepath.Join(t.TempDir(), "hangs")
	if err := syscall.Mkfifo(hangs, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		in     io.Reader
		args   string
		pass   []time.Duration
		status int
		said   string
		typ    string
	}{
		"input without an end": {
			open, "", []time.Duration{5 * time.Second}, 0,
			"auditctl: recorded as hooks.empty: no end of it within 5s\n", hook.TypeEmpty,
		},
		"half an object, and no end": {
			io.MultiReader(strings.NewReader(`{"hook_event_name":`), open), "--strict", []time.Duration{5 * time.Second}, 0,
			"auditctl: recorded as hooks.invalid: no end of it within 5s\n", hook.TypeInvalid,
		},
		"an object, and no end": {
			io.MultiReader(strings.NewReader(attempt("1")), open), "", nil, 0, "", "tool_call_attempt",
		},
		"a destination that hangs": {
			strings.NewReader(attempt("1")), "-o " + hangs, []time.Duration{900 * time.Millisecond}, 0,
			"auditctl: write " + hangs + ": nobody reads it\n", "tool_call_attempt",
		},
		"and does not notice": {
			strings.NewReader(attempt("1")), "-o " + hangs + " --strict", []time.Duration{time.Second}, 2,
			"auditctl: write " + hangs + ": it takes longer than 1s\n", "tool_call_attempt",
		},
		"at the end of a session": {
			strings.NewReader(`{"hook_event_name":"SessionEnd"}`), "-o " + hangs + " --strict", []time.Duration{800 * time.Millisecond}, 1,
			"auditctl: write " + hangs + ": it takes longer than 800ms\n", "hooks.SessionEnd",
		},
		"a file of errors that hangs": {
			strings.NewReader(attempt("1")), "--errors " + hangs + " -o /nowhere/x", nil, 0,
			"auditctl: open /nowhere/x: no such file or directory\nauditctl: --errors: open " + hangs + ": it is not a regular file\n", "tool_call_attempt",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "audit.jsonl")
			c := &never{}
			go func() {
				for _, d := range test.pass {
					if strings.Contains(test.args, "-o") { // the other destination has all the time it needs
						eventually(func() bool {
							_, types, _ := run(nil, "filter", "-c", log)
							return types == "1\n"
						})
					}
					c.pass(d)
				}
			}()
			status, said := runHook(c, test.in, append(strings.Fields(test.args), "-o", log)...)
			if status != test.status || said != test.said {
				t.Errorf("status %d, said %q", status, said)
			}
			if _, types, _ := run(nil, "cat", "--template", "{{.event_type}}", log); types != test.typ+"\n" {
				t.Errorf("recorded %q", types)
			}
		})
	}
}

// Where the runtime ends a hook, that is by a signal: its own status would block the agent.
func TestHookDiesOfSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGQUIT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			p := start(t, "auditctl", "hook", "-o", "audit.jsonl")
			p.feed("{" + strings.Repeat(" ", 1<<20)) // more than a pipe holds: it reads
			p.Process.Signal(sig)
			<-p.ended
			if status := p.ProcessState.Sys().(syscall.WaitStatus); status.ExitStatus() == 2 {
				t.Errorf("%v", p.ProcessState)
			}
		})
	}
}
