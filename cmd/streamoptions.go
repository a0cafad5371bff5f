package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector/jetstream"
)

// streamOptions are the flags of commands that read streams as well as files.
type streamOptions struct {
	cursor string
}

func (o *streamOptions) register(cmd *cobra.Command) {
	defer groupFlags(cmd, flagsForInput)
	cmd.Flags().StringVar(&o.cursor, "cursor", "", "continue nats:// inputs where the last run with the cursor `NAME` ended")
}

// isStream reports whether an input is a stream rather than a path.
func isStream(path string) bool { return isNATS(path) || isReceiver(path) }

// isNATS reports whether an input is a stream of NATS JetStream.
func isNATS(path string) bool { return strings.HasPrefix(path, jetstream.Scheme) }

// refuseStreams refuses streams as arguments of commands that read only files: those
// without --cursor. It refuses addresses to receive at where what is read must end.
func refuseStreams(cmd *cobra.Command, args []string) error {
	for _, arg := range args {
		if isReceiver(arg) && cmd.HasParent() && cmd.Flags().Lookup("cursor") != nil && cmd.Flags().Lookup("listen-anywhere") == nil {
			return usagef("%s: what is received does not end: record it with %s tee -q -i", report.Redacted(arg), name)
		}
		if isStream(arg) && cmd.HasParent() && cmd.Flags().Lookup("cursor") == nil {
			return usagef("%s: %s is for files: copy the stream into one with %s tee -q -i", report.Redacted(arg), cmd.Name(), name)
		}
	}
	return nil
}

// openStreams opens those of f's inputs that are streams, with these options. It must
// be called before destinations are added.
func (o *streamOptions) openStreams(ctx context.Context, f *flow.Flow, opts jetstream.ReaderOptions) error {
	opts.Cursor = o.cursor
	var all []jetstream.Address
	for _, in := range f.Inputs {
		if !isNATS(in.Path()) {
			continue
		}
		name := report.Redacted(in.Path())
		a, err := jetstream.ParseAddress(in.Path())
		if err != nil {
			return usagef("%s: %w", name, err)
		}
		if o.cursor != "" && slices.ContainsFunc(all, a.SameStream) {
			return usagef("--cursor: %s is read twice: name it once", name)
		}
		opts.Logger = f.Reports.Logger(name)
		in.From(name, input.NewNATS(ctx, a, opts))
		all = append(all, a)
	}
	if o.cursor != "" && len(all) == 0 {
		return usagef("--cursor is for streams: read from nats://HOST/STREAM, or drop it")
	}
	return nil
}
