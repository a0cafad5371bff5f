package cmd

import (
	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
)

// nonceOptions are the flags for random bytes in events.
type nonceOptions struct{ on bool }

func (o *nonceOptions) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.on, "nonce", false, "give events 16 random bytes, in metadata.nonce")
	groupFlags(cmd, flagsForDestinations)
}

// apply sets the options in opts.
func (o *nonceOptions) apply(opts *fanout.Options) {
	if o.on {
		opts.Nonces = &fanout.Nonces{}
	}
}
