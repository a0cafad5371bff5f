package cmd

import (
	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
)

// readOptions are the flags of commands that read the lines of files, directories and
// streams, as they are or decoded.
type readOptions struct {
	lineOptions
	streamOptions
	decodeOptions
}

// register adds the flags, with a default for --from, see registerDecode.
func (o *readOptions) register(cmd *cobra.Command, from string) {
	o.registerDecode(cmd, from)
	o.streamOptions.register(cmd)
	o.lineOptions.register(cmd)
}

// newFlow is newFlow of lineOptions, but reads the logs below paths that are directories.
// If they are followed, so are logs that come later. silent keeps it from saying what is
// left out.
func (o *readOptions) newFlow(s Streams, paths []string, followed, silent bool) (*flow.Flow, fanout.Options) {
	f, opts := o.lineOptions.newFlow(s, paths)
	f.Inputs, f.Directories = input.WithLogs(f.Inputs, followed)
	setInputs(&opts, f)
	if silent {
		for _, d := range f.Directories {
			d.LeftOut = ""
		}
	}
	return f, opts
}
