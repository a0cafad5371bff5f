package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"auditctl/cmd"
	"auditctl/pkg/hook"
)

// attempt is what an agent hands over before a call.
func attempt(id string) string {
	return fmt.Sprintf(`{"hook_event_name":"PreToolUse","session_id":"s","tool_name":"Bash","tool_use_id":%q}`, id)
}

// Many hooks at once append to one file, and some seal it: nothing is torn or lost.
func TestManyHooks(t *testing.T) {
	t.Parallel()
	const hooks, unsealed = 100, 90
	dir := t.TempDir()
	log, key := filepath.Join(dir, "audit.jsonl"), filepath.Join(dir, "audit.key")
	if status, _, said := run(nil, "keygen", "example.com/audit", "-o", key); status != 0 {
		t.Fatal(said)
	}
	var all sync.WaitGroup
	for i := range hooks {
		all.Go(func() {
			p := exec.Command("auditctl", "hook", "-o", log)
			if i >= unsealed {
				p.Args = append(p.Args, "--seal", key)
			}
			p.Env, p.Stdin = environment(), strings.NewReader(attempt(fmt.Sprint(i)))
			if out, err := p.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	_, ids, _ := run(nil, "cat", "--template", "{{.metadata.call_id}}", log)
	have := strings.Fields(ids)
	slices.Sort(have)
	if have = slices.Compact(have); len(have) != hooks {
		t.Errorf("%d of %d calls were recorded", len(have), hooks)
	}
	if n := strings.Count(readFile(t, log), "\n"); n != hooks {
		t.Errorf("%d lines, want %d", n, hooks)
	}
	if status, verdict, said := run(nil, "verify", "--vkey", key+".pub", log); status != 0 {
		t.Errorf("%s%s", verdict, said)
	}
}

// A never is a clock on which no time passes, until the test says so.
type never struct {
	mu    sync.Mutex
	waits map[time.Duration][]chan time.Time
	over  map[time.Duration]bool
}

func (c *never) after(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waits == nil {
		c.waits, c.over = map[time.Duration][]chan time.Time{}, map[time.Duration]bool{}
	}
	end := make(chan time.Time, 1)
	if c.over[d] {
		end <- time.Now()
	}
	c.waits[d] = append(c.waits[d], end)
	return end
}

// pass ends all waits for d, once there is one.
func (c *never) pass(d time.Duration) {
	eventually(func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, end := range c.waits[d] {
			end <- time.Now()
		}
		n := len(c.waits[d])
		delete(c.waits, d)
		if n > 0 {
			c.over[d] = true
		}
		return n > 0
	})
}

// runHook runs a hook whose clock is the test's.
func runHook(c *never, in io.Reader, args ...string) (status int, stderr string) {
	var out, said syncBuffer
	status = cmd.Run(context.Background(), append([]string{"hook"}, args...),
		cmd.Streams{In: in, Out: &out, Err: &said}.WithClock(c.after))
	return status, out.String() + said.String()
}

// A standard error that nobody reads keeps no hook from ending.
func TestHookUnheard(t *testing.T) {
	t.Parallel()
	_, unread := io.Pipe()
	for _, args := range []string{"hook -o /nowhere/x", "hook --bogus"} {
		c := &never{}
		go c.pass(200 * time.Millisecond)
		status := cmd.Run(context.Background(), strings.Fields(args),
			cmd.Streams{In: strings.NewReader(attempt("1")), Out: io.Discard, Err: unread}.WithClock(c.after))
		if want := strings.Count(args, "bogus"); status != want {
			t.Errorf("%s: status %d, want %d", args, status, want)
		}
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error)  { panic("a bug") }
func (panicking) Write([]byte) (int, error) { panic("a bug") }

// A panic is recorded, too, and blocks no agent.
func TestHookPanics(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "audit.jsonl")
	for _, in := range []io.Reader{panicking{}, iotest.ErrReader(errors.New("a bug"))} {
		status, said := runHook(&never{}, in, "-o", log)
		if status != 0 || !strings.Contains(said, "a bug") {
			t.Errorf("status %d, said %q", status, said)
		}
	}
	if have := readFile(t, log); strings.Count(have, "a bug") != 2 {
		t.Errorf("recorded %s", have)
	}
	for args, want := range map[string]int{"-o /nowhere/x": 0, "-o /nowhere/x --strict": 2, "--bogus": 1} {
		status := cmd.Run(context.Background(), append([]string{"hook"}, strings.Fields(args)...),
			cmd.Streams{In: strings.NewReader(attempt("1")), Out: panicking{}, Err: panicking{}})
		if status != want {
			t.Errorf("%s: status %d, want %d", args, status, want)
		}
	}
}

// Of what is too large the beginning is recorded, and all of it is read.
func TestHookTooLarge(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "audit.jsonl")
	in := io.MultiReader(strings.NewReader(`{"hook_event_name":"PreToolUse","tool_input":"`),
		io.LimitReader(zeros{}, 2*hook.MaxInput), strings.NewReader(`"}`))
	status, said := runHook(&never{}, in, "-o", log)
	if status != 0 || !strings.Contains(said, "recorded as hooks.invalid") {
		t.Errorf("status %d, said %q", status, said)
	}
	if n, _ := io.Copy(io.Discard, in); n > 0 {
		t.Errorf("%d bytes were not read", n)
	}
	if have := readFile(t, log); !strings.Contains(have, `"preview": "{\"hook_event_name\":\"PreToolUse\"`) || len(have) > 1000 {
		t.Errorf("recorded %.1000s", have)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("0"), len(p))), nil
}
