package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"auditctl/testdata"
)

func newExampleCmd(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:        "example [claude-code]",
		SuggestFor: []string{"sample", "demo"},
		Short:      "Print the log used in the examples",
		Long: `Print a sample log to try the other commands on: the one that the examples in
their help read. In it three agents work in two sessions, and some of their
calls fail. With the argument claude-code, print a transcript in the form of
Claude Code's.`,
		Example: `
# Save it to a file
auditctl example > session.jsonl

# What happened in it, turn by turn
auditctl example | auditctl cat --format=tree

# What an agent did, by another program's log
auditctl example claude-code | auditctl cat --format=tree`,
		ValidArgs: []string{"claude-code"},
		Args:      wantArgs(0, 1, "example"),
		RunE: func(_ *cobra.Command, args []string) error {
			log := testdata.Session
			if len(args) > 0 {
				log = testdata.ClaudeCode
				if args[0] != "claude-code" {
					return usagef("no example %q: %w", args[0], notOneOf(args[0], "claude-code"))
				}
			}
			_, err := io.WriteString(s.Out, log)
			return err
		},
	}
}
