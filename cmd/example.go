package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"auditctl/testdata"
)

func newExampleCmd(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "example",
		Short: "Print the log used in the examples",
		Long: `Print a sample log to try the other commands on: the one that the examples in
their help read. In it three agents work in two sessions, and some of their
calls fail.`,
		Example: example(`
# Save it to a file
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
