//go:build unix

package cmd_test

import (
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"auditctl/pkg/hook"
)

// A hook ends in time, whatever does not, and other destinations have the event.
func TestHookEndsInTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     string // after which there is no end if it is shorter than an object
		args   string // HANGS hangs
		pass   time.Duration
		status int
		said   string
		typ    string
	}{
		"input without an end": {
			"", "", 5 * time.Second, 0,
			"auditctl: recorded as hooks.empty: no end of it within 5s\n", hook.TypeEmpty,
		},
		"half an object, and no end": {
			`{"hook_event_name":`, "--strict", 5 * time.Second, 0,
			"auditctl: recorded as hooks.invalid: no end of it within 5s\n", hook.TypeInvalid,
		},
		"an object, and no end": {
			attempt("1"), "", 0, 0, "", "tool_call_attempt",
		},
		"a destination that hangs": {
			attempt("1"), "-o HANGS", 900 * time.Millisecond, 0,
			"auditctl: write HANGS: nobody reads it\n", "tool_call_attempt",
		},
		"and does not notice": {
			attempt("1"), "-o HANGS --strict", time.Second, 2,
			"auditctl: write HANGS: it takes longer than 1s\n", "tool_call_attempt",
		},
		"at the end of a session": {
			`{"hook_event_name":"SessionEnd"}`, "-o HANGS --strict", 800 * time.Millisecond, 1,
			"auditctl: write HANGS: it takes longer than 800ms\n", "hooks.SessionEnd",
		},
		"a file of errors that hangs": {
			attempt("1"), "--errors HANGS -o /nowhere/x", 0, 0,
			"auditctl: open /nowhere/x: no such file or directory\nauditctl: --errors: open HANGS: it is not a regular file\n", "tool_call_attempt",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			log, hangs := filepath.Join(dir, "audit.jsonl"), filepath.Join(dir, "HANGS")
			if err := syscall.Mkfifo(hangs, 0o600); err != nil {
				t.Fatal(err)
			}
			in := &endless{text: strings.NewReader(test.in), waits: make(chan struct{})}
			c := &never{}
			go func() {
				switch {
				case test.pass == 0:
					return
				case strings.Contains(test.args, "-o"): // the other destination has all the time it needs
					eventually(func() bool {
						_, types, _ := run(nil, "filter", "-c", log)
						return types == "1\n"
					})
				default:
					<-in.waits
				}
				c.pass(test.pass)
			}()
			args := strings.Fields(strings.ReplaceAll(test.args, "HANGS", hangs))
			status, said := runHook(c, in, append(args, "-o", log)...)
			// The log has the event a moment before the hook knows that.
			said = regexp.MustCompile("auditctl: write "+regexp.QuoteMeta(log)+": it takes longer than .*\n").ReplaceAllString(said, "")
			if said = strings.ReplaceAll(said, hangs, "HANGS"); status != test.status || said != test.said {
				t.Errorf("status %d, said %q", status, said)
			}
			if _, types, _ := run(nil, "cat", "--template", "{{.event_type}}", log); types != test.typ+"\n" {
				t.Errorf("recorded %q", types)
			}
		})
	}
}

// An endless reader has a text, and then waits for more for ever.
type endless struct {
	text  io.Reader
	waits chan struct{} // closed when it does
	once  sync.Once
}

func (r *endless) Read(p []byte) (int, error) {
	if n, _ := r.text.Read(p); n > 0 {
		return n, nil
	}
	r.once.Do(func() { close(r.waits) })
	select {}
}

// Where the runtime ends a hook, that is by a signal: its own status would block the agent.
func TestHookDiesOfSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGABRT, syscall.SIGQUIT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
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
