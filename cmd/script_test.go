package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
	_ "time/tzdata" // scripts set TZ

	"github.com/rogpeppe/go-internal/testscript"

	"auditctl/cmd"
)

// TestMain puts this test binary into the path as auditctl, for scripts and for tests that
// need a process. After a signal it may take the time it needs; tests of things that do
// not end shorten PATIENCE, for the command, PATIENCE_WRITES or PATIENCE_MESSAGES.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"auditctl": func() {
			cmd.SetPatience(envDuration("PATIENCE_WRITES", time.Second), envDuration("PATIENCE", patience), envDuration("PATIENCE_MESSAGES", math.MaxInt64))
			cmd.SetHookPatience(envDuration("PATIENCE_HOOK", patience), envDuration("PATIENCE_SPOOL", patience))
			os.Exit(cmd.Main(os.Args[1:]))
		},
	})
}

// envDuration returns a duration from the environment, or the default.
func envDuration(variable string, otherwise time.Duration) time.Duration {
	d, err := time.ParseDuration(os.Getenv(variable))
	if err != nil {
		return otherwise
	}
	return d
}

// tests runs all tests independently of the environment.
type tests struct{ *testing.M }

func (m tests) Run() int {
	// With the race detector a process waits a second before it ends, in case there is
	// more to report.
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	for _, variable := range []string{
		"AUDITCTL_AGENT_ID", "AUDITCTL_SESSION_ID", "AUDITCTL_TURN_ID",
		"NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS",
	} {
		os.Unsetenv(variable)
	}
	// Under nohup every process would inherit that SIGHUP is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	return m.M.Run()
}

// TestScript runs the scripts in testdata/script: what a person would type.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TZ", "UTC")
			env.Values["receivers"] = &receivers{all: map[string]*receiver{}}
			env.Values["nats"] = &natsNodes{}
			env.Setenv("GORACE", os.Getenv("GORACE"))
			log, err := os.ReadFile(filepath.Join("..", "testdata", "session.jsonl"))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "session.jsonl"), log, 0o600)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status":   scriptStatus,
			"mode":     scriptMode,
			"chomp":    scriptChomp,
			"cut":      scriptCut,
			"receiver": scriptReceiver,
			"nats":     scriptNATS,
		},
	})
}

// scriptStatus runs a program that must end with exactly this exit status. stdout, stderr
// and cmp then check its output.
//
//	status N program [args...]
func scriptStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	have := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit := new(exec.ExitError)
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		have = exit.ExitCode()
	}
	if have != want {
		ts.Fatalf("exit status %d, want %d", have, want)
	}
}

// scriptMode checks the permissions of files.
//
//	mode 0600 file...
func scriptMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: mode OCTAL file...")
	}
	for _, file := range args[1:] {
		st, err := os.Stat(ts.MkAbs(file))
		ts.Check(err)
		if have := fmt.Sprintf("%04o", st.Mode().Perm()); have != args[0] {
			ts.Fatalf("%s has mode %s, want %s", file, have, args[0])
		}
	}
}

// scriptChomp removes the last line feed of files, which a script cannot express.
//
//	chomp file...
func scriptChomp(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: chomp file...")
	}
	for _, file := range args {
		path := ts.MkAbs(file)
		text, err := os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, bytes.TrimSuffix(text, []byte("\n")), 0o600))
	}
}

// scriptCut removes bytes from the end of a file.
//
//	cut N file
func scriptCut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut N file")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	path := ts.MkAbs(args[1])
	text, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(os.WriteFile(path, text[:len(text)-n], 0o600))
}
