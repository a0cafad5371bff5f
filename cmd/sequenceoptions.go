package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/sequence"
)

// sequenceOptions are the flags for numbering events.
type sequenceOptions struct{ on bool }

func (o *sequenceOptions) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.on, "sequence", false, "number events in metadata.seq, by the counter FILE.seq")
	groupFlags(cmd, flagsForDestinations)
}

// apply checks the options and sets them in opts, for all destinations.
func (o *sequenceOptions) apply(opts *fanout.Options, dests []string) error {
	if !o.on {
		return nil
	}
	i := slices.IndexFunc(dests, fanout.MayBeRegular)
	if i < 0 {
		return usagef("--sequence counts in a file beside a log: add a file as destination")
	}
	counter := sequence.CounterPath(dests[i])
	if slices.Contains(dests, counter) {
		return usagef("%s: --sequence counts there: name another file", counter)
	}
	opts.Sequence = &fanout.Sequence{File: dests[i]}
	return nil
}
