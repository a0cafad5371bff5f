package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"auditctl/testdata"
)

func newExampleCmd(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "example",
		Short: "Print the log that the examples read",
		Long: `Print a log to try the other commands on: the one that the examples in their help
read. Three agents work on it in two sessions, and not all of their calls succeed.`,
		Example: example(`
# Keep it in a file
auditctl example > session.jsonl

# What happened in it, turn by turn
auditctl example | auditctl cat --format=tree`),
		Args: usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(s.Out, testdata.Session)
			return err
		},
	}
}
