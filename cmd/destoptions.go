package cmd

import (
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
	"auditctl/pkg/compress"
)

// destinationOptions are the flags for how destinations are written.
type destinationOptions struct {
	sync     syncMode
	rotation collector.Rotation
	compress string
	stall    time.Duration
	spool    string
	otlp     fanout.TLSFiles
}

func (o *destinationOptions) register(cmd *cobra.Command) {
	defer groupFlags(cmd, flagsForDestinations)
	fs := cmd.Flags()
	fs.Var(&o.sync, "sync", "when to sync files to disk: never, close or always")
	fs.Var((*sizeValue)(&o.rotation.Size), "rotate-size", "rotate a file before it grows larger than `SIZE`")
	fs.DurationVar(&o.rotation.Every, "rotate-every", 0, "rotate a file when it is `D` old, such as 24h")
	fs.IntVar(&o.rotation.Keep, "rotate-keep", 0, "keep `N` rotated files (default all)")
	fs.StringVar(&o.compress, "rotate-compress", "", "compress rotated files with `gz|zst`")
	fs.Lookup("rotate-compress").NoOptDefVal = "gz"
	fs.DurationVar(&o.stall, "stall-timeout", 0, "drop a destination that takes no data for `D`, such as 5s (default wait)")
	fs.StringVar(&o.spool, "spool", "", "deliver first what waits in `DIR`; keep lines for nats:// there while it is unavailable")
	fs.StringVar(&o.otlp.CA, "otlp-ca", "", "trust the authorities in `FILE`, and no others, at otlp+https:// destinations")
	fs.StringVar(&o.otlp.Cert, "otlp-cert", "", "show otlp+https:// destinations the certificate in `FILE`")
	fs.StringVar(&o.otlp.Key, "otlp-key", "", "private key of --otlp-cert, in `FILE`")
	completeDirs(cmd, "spool")
	completeWords(cmd, "sync", syncModes[:]...)
	completeWords(cmd, "rotate-compress", "gz", "zst")
}

// apply checks the options and sets them in opts.
func (o *destinationOptions) apply(opts *fanout.Options) error {
	switch o.compress {
	case "":
	case "gz", "zst":
		o.rotation.Compress = compress.Format("." + o.compress)
	default:
		return usagef("--rotate-compress=%s: %w", o.compress, notOneOf(o.compress, "gz", "zst"))
	}
	switch {
	case o.rotation.Every < 0:
		return usagef("--rotate-every %v: want more than zero", o.rotation.Every)
	case o.rotation.Keep < 0:
		return usagef("--rotate-keep %d: want more than zero", o.rotation.Keep)
	case o.rotation.Size == 0 && o.rotation.Every == 0 && (o.rotation.Keep > 0 || o.compress != ""):
		return usagef("nothing is ever rotated: add --rotate-size or --rotate-every")
	case o.stall < 0:
		return usagef("--stall-timeout %v: want more than zero", o.stall)
	case (o.otlp.Cert == "") != (o.otlp.Key == ""):
		return usagef("--otlp-cert and --otlp-key go together: give both")
	}
	opts.Files.Sync = collector.Sync(o.sync)
	opts.Files.Rotate = o.rotation
	opts.Stall = o.stall
	opts.Spool = o.spool
	opts.OTLP.TLSFiles = o.otlp
	return nil
}

// outputOptions are the flags of commands that write events to standard output unless
// told otherwise.
type outputOptions struct {
	outputs []string
	destinationOptions
}

func (o *outputOptions) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&o.outputs, "output", "o", nil, "write events to `DEST` instead of standard output; repeatable")
	groupFlags(cmd, flagsForOutput)
	o.destinationOptions.register(cmd)
}

// fanoutOptions returns the options for destinations that depend on no flag.
func fanoutOptions(s Streams, reports *report.Reporter) fanout.Options {
	opts := fanout.Options{Out: s.Out, Reports: reports, Version: version(), Grace: grace, OTLP: fanout.OTLP{Variables: EnvVar("OTLP_")}}
	if s.hangup != nil {
		opts.OnHangup = s.hangup.do
	}
	return opts
}

// A syncMode is a collector.Sync as a flag.
type syncMode collector.Sync

var syncModes = [...]string{collector.SyncNever: "never", collector.SyncOnClose: "close", collector.SyncAlways: "always"}

var _ pflag.Value = (*syncMode)(nil)

func (m *syncMode) String() string { return syncModes[*m] }
func (m *syncMode) Type() string   { return "WHEN" }

func (m *syncMode) Set(text string) error {
	for i, mode := range syncModes {
		if text == mode {
			*m = syncMode(i)
			return nil
		}
	}
	return notOneOf(text, syncModes[:]...)
}

// A requirement is how many destinations must be left for a command to go on, or
// fanout.RequireAll.
type requirement int

var _ pflag.Value = (*requirement)(nil)

func (r *requirement) String() string {
	switch *r {
	case fanout.RequireAll:
		return "all"
	case 1:
		return "any"
	}
	return strconv.Itoa(int(*r))
}

func (r *requirement) Type() string { return "all|any|N" }

func (r *requirement) Set(text string) error {
	switch text {
	case "all":
		*r = fanout.RequireAll
	case "any":
		*r = 1
	default:
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return notOneOf(text, "all", "any", "a number")
		}
		*r = requirement(n)
	}
	return nil
}
