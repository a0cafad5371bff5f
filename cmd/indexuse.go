package cmd

import (
	"github.com/spf13/cobra"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/match"
)

// indexUse is the flag of commands that use the indexes of logs.
type indexUse struct {
	noIndex bool
}

func (o *indexUse) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.noIndex, "no-index", false, "read all of FILE, whatever its index FILE.idx says")
	groupFlags(cmd, flagsForInput)
}

// apply lets f use indexes. counts says that events are only counted; quiet, that nothing is
// said but errors.
func (o *indexUse) apply(f *flow.Flow, q *match.Query, counts, quiet bool) {
	if !o.noIndex {
		f.Overview, f.QuietIndexes = match.Overview{Query: q, Counts: counts, Names: !quiet}, quiet
	}
}
