package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/record"
	"auditctl/cmd/internal/report"
)

// recordOptions are the flags of commands that record events, for how and where.
type recordOptions struct {
	outputs []string
	routes  []string
	destinationOptions
	nonce    nonceOptions
	sequence sequenceOptions
	seal     recordSealOptions
}

// registerOutput adds --output. Commands with it leave standard output to somebody else.
func (o *recordOptions) registerOutput(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&o.outputs, "output", "o", nil, "record events in `DEST` (default see below); repeatable")
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
	o.nonce.register(cmd)
	o.sequence.register(cmd)
	fs := cmd.Flags()
	fs.StringVar(&o.seal.keyFile, "seal", "", "seal files as they are written, with the secret key in `KEYFILE`")
	fs.DurationVar(&o.seal.every, "seal-every", 0, "seal new lines every `D`, such as 10s (default at rotation and at the end)")
	groupFlags(cmd, flagsForSealing)
}

// destinations returns those of --output, or else the default log, and the routes. If there
// is no default log, that is reported and there are none. Standard output is its owner's.
func (o *recordOptions) destinations(owner string, reports *report.Reporter) (dests []string, routes record.Routes, err error) {
	dests = o.outputs
	if len(dests) == 0 {
		log, err := defaultLog()
		if err != nil {
			reports.Errorf("nothing is recorded: %v", err)
		} else {
			dests = []string{log}
		}
	}
	routes, err = o.parseRoutes(dests)
	if err == nil && slices.ContainsFunc(slices.Concat(dests, routes.Dests()), fanout.IsStdout) {
		err = usagef("standard output is the %s's: name a file", owner)
	}
	return dests, routes, err
}

// parseRoutes returns the routes of --route, for a command that sends everything to dests.
func (o *recordOptions) parseRoutes(dests []string) (record.Routes, error) {
	routes, err := record.ParseRoutes(o.routes, dests)
	if err != nil {
		return nil, usagef("%w", err)
	}
	return routes, nil
}

// apply checks the options and sets them in opts, for all destinations.
func (o *recordOptions) apply(opts *fanout.Options, dests []string) error {
	if err := o.destinationOptions.apply(opts); err != nil {
		return err
	}
	o.nonce.apply(opts)
	if err := o.sequence.apply(opts, dests); err != nil {
		return err
	}
	files := slices.DeleteFunc(slices.Clone(dests), func(dest string) bool { return !fanout.IsFile(dest) })
	return o.seal.apply(opts, files)
}
