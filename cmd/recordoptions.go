package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
)

// recordOptions are the flags of commands that record events, for how and where.
type recordOptions struct {
	routes []string
	destinationOptions
	sequence sequenceOptions
	seal     recordSealOptions
}

// registerRoute adds --route, which comes before flags of the command's own.
func (o *recordOptions) registerRoute(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.routes, "route", nil, "send DEST only events whose type matches: `GLOB,...=DEST`; repeatable")
	completeRoutes(cmd, "route")
}

// register adds the other flags.
func (o *recordOptions) register(cmd *cobra.Command) {
	groupFlags(cmd, flagsForDestinations)
	o.destinationOptions.register(cmd)
	o.sequence.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&o.seal.keyFile, "seal", "", "seal files as they are written, with the secret key in `KEYFILE`")
	fs.DurationVar(&o.seal.every, "seal-every", 0, "seal new lines every `D`, such as 10s (default at rotation and at the end)")
	groupFlags(cmd, flagsForSealing)
}

// apply checks the options and sets them in opts, for all destinations.
func (o *recordOptions) apply(opts *fanout.Options, dests []string) error {
	if err := o.destinationOptions.apply(opts); err != nil {
		return err
	}
	if err := o.sequence.apply(opts, dests); err != nil {
		return err
	}
	files := slices.DeleteFunc(slices.Clone(dests), func(dest string) bool { return !fanout.IsFile(dest) })
	return o.seal.apply(opts, files)
}
