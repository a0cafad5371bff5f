package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/collector/jetstream"
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

// openAll opens what f reads of streams and receivers, for a command that passes on every line.
// What receivers get is followed, in the context that it returns and until stop is called.
func (o *readOptions) openAll(ctx context.Context, f *flow.Flow, opts *fanout.Options, receive *receiveOptions) (until context.Context, stop func(), err error) {
	if err := o.openStreams(ctx, f, jetstream.ReaderOptions{}); err != nil {
		return nil, nil, err
	}
	if err := receive.openReceivers(f, opts, &o.decodeOptions); err != nil {
		return nil, nil, err
	}
	stop = func() {}
	if opts.Retry {
		ctx, f.Read, stop = follow(ctx, nil)
	}
	return ctx, stop, nil
}
