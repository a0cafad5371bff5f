package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"auditctl/testdata"
)

func newExampleCmd(s Streams, _ arguments) *cobra.Command {
	return &cobra.Command{
		Use:        "example [claude-code|hooks]",
		SuggestFor: []string{"sample", "demo"},
		Short:      "Print the log used in the examples",
		Long: `Print a sample log to try the other commands on: the one that the examples in
their help read. In it three agents work in two sessions, and some of their
calls fail. With the argument claude-code, print a transcript in the form of
Claude Code's; with hooks, what its hooks recorded of the same session, but for
one call.`,
		Example: `
# Save it to a file
auditctl example > session.jsonl

# What happened in it, turn by turn
auditctl example | auditctl cat --format=tree

# What an agent did, by another program's log
auditctl example claude-code | auditctl cat --format=tree`,
		ValidArgs: []string{"claude-code", "hooks"},
		Args:      wantArgs(0, 1, "example"),
		RunE: func(_ *cobra.Command, args []string) error {
			log := testdata.Session
			if len(args) > 0 {
				switch args[0] {
				case "claude-code":
					log = testdata.ClaudeCode
				case "hooks":
					log = testdata.Hooks
				default:
					return usagef("no example %q: %w", args[0], notOneOf(args[0], "claude-code", "hooks"))
				}
			}
			_, err := io.WriteString(s.Out, log)
			return err
		},
	}
}
