package cmd_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd"
)

// Flags refuse an empty value, as from an unset shell variable, except those of emit that
// set keys.
func TestEmptyValuesRefused(t *testing.T) {
	noKeys := []string{"timestamp", "severity", "metadata-json", "print", "rotate-compress", "spool"}
	tried := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		path := strings.Fields(c.CommandPath())[1:]
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() != "string" || c.Parent().Name() == "emit" && !slices.Contains(noKeys, f.Name) {
				return
			}
			tried++
			args := append(path, "--"+f.Name+"=")
			status, stdout, stderr := run(strings.NewReader(lineA), args...)
			if !strings.Contains(stderr, "empty") { // arguments are checked before flags
				status, stdout, stderr = run(strings.NewReader(lineA), append(args, "x")...)
			}
			wrong := 2
			if c.Name() == "hook" { // where 2 would block the agent
				wrong = 1
			}
			if status != wrong || stdout != "" || !strings.HasPrefix(stderr, "auditctl: --"+f.Name+": the value is empty; see ") {
				t.Errorf("%q: status %d, %q, %q", args, status, stdout, stderr)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(cmd.Tree())
	if tried < 30 {
		t.Errorf("only %d flags were tried", tried)
	}
}

// Keys of an event may be empty.
func TestEmptyValuesOfKeys(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(nil, "emit", "error", "--error-type=", "--agent-id=", "--print=error_type")
	if status != 0 || stdout != "\n" || stderr != "" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}
