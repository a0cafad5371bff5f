package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector/jetstream"
)

// feedOptions are the flags of commands that read streams as well as files.
type feedOptions struct {
	cursor string
}

func (o *feedOptions) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.cursor, "cursor", "", "read of nats:// inputs what no run with the cursor `NAME` has taken")
	offerWords(cmd, "cursor")
}

// isStream reports whether an input is a stream and no path.
func isStream(path string) bool { return strings.HasPrefix(path, jetstream.Scheme) }

// refuseStreams refuses streams as arguments of commands that read files only: those
// without a cursor.
func refuseStreams(cmd *cobra.Command, args []string) error {
	for _, arg := range args {
		if isStream(arg) && cmd.HasParent() && cmd.Flags().Lookup("cursor") == nil {
			return usagef("%s: %s is for files: copy the stream into one with %s tee -q -i", report.Redacted(arg), cmd.Name(), name)
		}
	}
	return nil
}

// addFeeds makes feeds of those of f's inputs that are streams, to be read as opts
// say. It is called before there are destinations.
func (o *feedOptions) addFeeds(ctx context.Context, f *flow, opts jetstream.ReaderOptions) error {
	opts.Cursor = o.cursor
	var feeds []*feed
	for _, in := range f.inputs {
		if !isStream(in.path) {
			continue
		}
		in.name = report.Redacted(in.path)
		a, err := jetstream.ParseAddress(in.path)
		if err != nil {
			return usagef("%s: %w", in.name, err)
		}
		for _, other := range feeds {
			if o.cursor != "" && other.address.SameStream(a) {
				return usagef("--cursor: %s is read twice: name it once", in.name)
			}
		}
		opts.Logger = f.reports.Logger(in.name)
		in.feed = newFeed(ctx, a, opts)
		feeds = append(feeds, in.feed)
	}
	if o.cursor != "" && len(feeds) == 0 {
		return usagef("--cursor is for streams: read from nats://HOST/STREAM, or drop it")
	}
	return nil
}
