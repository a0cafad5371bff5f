package cmd

import (
	"context"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"auditctl/cmd/internal/redaction"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/hook"
)

// A hookTrouble keeps what goes wrong in a hook until it can be told: whoever is told may
// not listen.
type hookTrouble struct {
	*report.Reporter
	mu   sync.Mutex
	said strings.Builder
}

func newHookTrouble() *hookTrouble {
	t := &hookTrouble{}
	t.Reporter = report.New(name, t)
	return t
}

func (t *hookTrouble) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.said.Write(p)
}

func (t *hookTrouble) messages() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.said.String()
}

// guard calls f. A panic is trouble like any other.
func (t *hookTrouble) guard(f func()) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("internal error: %v", p)
		}
	}()
	f()
}

// tell tells what went wrong with a record, if anything did: in a file, if there is a path,
// and on standard error. r redacts the file's events; it may be nil.
func (t *hookTrouble) tell(s Streams, path string, record *hook.Record, r *redaction.Redaction, recorded bool) {
	messages := t.messages()
	if messages == "" {
		return
	}
	if path != "" {
		told := t.within(s, func() {
			lines := strings.Split(strings.TrimSuffix(messages, "\n"), "\n")
			for i, line := range lines {
				lines[i] = strings.TrimPrefix(line, name+": ")
			}
			events := hook.ErrorLines(record, strings.Join(lines, "; "), recorded, time.Now())
			if r != nil {
				events = r.Lines(events)
			}
			if err := hook.AppendLines(path, events); err != nil {
				t.Errorf("--errors: %v", err)
			}
		})
		if !told {
			t.Errorf("--errors: write %s: it takes longer than %v", path, hookTellTime)
		}
	}
	messages = t.messages()
	t.within(s, func() { s.Err.Write([]byte(messages)) })
}

// within calls f and waits for its end, but not for long. It reports whether f ended.
func (t *hookTrouble) within(s Streams, f func()) bool {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t.guard(f)
	}()
	select {
	case <-ended:
		return true
	case <-s.clock()(hookTellTime):
		return false
	}
}

// isHook reports whether arguments are those of the command that must not fail.
func isHook(args []string) bool {
	i := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") })
	return i >= 0 && args[i] == hookName
}

// dieOfSignals makes the process die of a signal where the Go runtime ends it: for a panic
// that nobody recovers, a lack of memory, or a signal of an error. By default its status
// is then 2, which would block the agent.
func dieOfSignals() { debug.SetTraceback("crash") }

// misusedHook tells what is wrong with the command line of a hook, which then records
// nothing, and returns its status. Under --strict that depends on the hook.
func misusedHook(ctx context.Context, args []string, s Streams, err error) exitStatus {
	trouble := newHookTrouble()
	trouble.Errorf("%v", err)
	trouble.within(s, func() { s.Err.Write([]byte(trouble.messages())) })
	if !slices.ContainsFunc(args, isStrict) {
		return statusNo
	}
	return unrecorded(readHook(ctx, s, nil))
}

// isStrict reports whether an argument is --strict.
func isStrict(arg string) bool {
	value, given := strings.CutPrefix(arg, "--strict=")
	on, err := strconv.ParseBool(value)
	return arg == "--strict" || given && (on || err != nil)
}
