package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/match"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/compress"
	"auditctl/pkg/index"
)

type teeOptions struct {
	readOptions
	receiveOptions

	inputs   []string
	quiet    bool
	truncate bool
	index    bool
	onError  string
	required requirement
	recordOptions
	redactOptions
}

func newTeeCmd(s Streams, asked arguments) *cobra.Command {
	o := &teeOptions{}
	cmd := &cobra.Command{
		Use:        "tee [flags] [DEST...]",
		SuggestFor: []string{"copy", "cp", "record", "collect", "split", "save"},
		Short:      "Copy events to standard output and to every destination",
		Long: `Copy events from standard input, or from every --input FILE in turn, to standard
output and to every DEST. A DEST is a path, opened to append, or - for standard
output. New files get mode 0600. otlp+http://HOST:PORT and otlp+https:// send
events to OpenTelemetry, nats://HOST/STREAM to a stream of NATS JetStream; their
lines count as written once they are acknowledged. What follows about files
applies to paths only.

otlp: stands for the receiver in $OTEL_EXPORTER_OTLP_ENDPOINT, by default
http://localhost:4318. Other OTEL_EXPORTER_OTLP_ variables, with their LOGS_
forms, are for all receivers: HEADERS, CERTIFICATE, CLIENT_CERTIFICATE,
CLIENT_KEY, TIMEOUT, COMPRESSION (default gzip) and PROTOCOL, http/protobuf or
http/json; and so are OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES. Each has a
form AUDITCTL_OTLP_ENDPOINT, AUDITCTL_OTLP_HEADERS and so on, which wins: agents
may keep the others from what they run. What a URL says wins over flags, and
flags win over variables; it may end in ?ca=FILE&cert=FILE&key=FILE for TLS.

A stream gets a message for each line, with the subject audit.SESSION.TYPE, and
is created if it does not exist. nats://[USER:PASSWORD@]HOST[:PORT],.../STREAM
may end in ?replicas=3, subject=PREFIX instead of audit, creds=FILE, tls=on,
ca=FILE, cert=FILE and key=FILE, joined by &. A run that sends a file again,
perhaps because it was killed, sends only the lines that are not in the stream
yet; lines of standard input cannot be recognized. While the server is
unavailable, --spool keeps lines on disk in DIR: they then count as written, and
are delivered in order, if need be by the next run with that DIR. Events that
'auditctl hook --spool DIR' left there for any DEST are delivered before all
others, and what waits there for none of them is reported. --input may be a
stream as well, or a directory, that is all logs below it; see filter.

--input otlp+http://HOST:PORT receives log records that other programs send by
OpenTelemetry's protocol over HTTP, in protobuf or JSON, until tee is
interrupted; they become events as by --from=otlp. A request is answered once
all destinations have its events, with --sync=always on disk, and else with 503:
its sender sends it again, so that nothing is lost, though some may come twice.
A destination that fails or stalls, by default for 5s, is tried again with each
request instead of being dropped. Metrics and traces are accepted and not
recorded. Only programs on this machine can send, and no web pages;
--listen-anywhere lets others. Senders must name the bearer token that is in
$AUDITCTL_OTLP_TOKEN, if it is set.

Nothing is lost or changed: lines that are not events are reported and passed on
like the rest, and the exit status is 3. Only --invalid=fail stops at the first
one. A last line without a line feed gets one. Input without JSON lines (xz,
UTF-16 or a JSON array) is passed on as well and reported as what it is, and the
exit status is 2. Input compressed with gzip or Zstandard is decompressed. Where
a DEST or standard output is a terminal, control and invisible characters are
escaped, inside JSON strings as \u009b.

--from NAME passes on the events that it makes of another program's log instead
of its lines, see 'auditctl dialects', and so does --keys, see filter. Records
that it cannot read are invalid lines.

With --route a DEST gets only events of the given types; if one is routed to -,
so does standard output.

A destination that fails is reported once and dropped; the others go on, and the
exit status is 2. --on-error=stop ends the run at the first failure, --require
once fewer destinations than that are left. A destination that takes no data
blocks the others unless --stall-timeout drops it; without it, OpenTelemetry is
retried for a minute. A stream that is unavailable at the start is waited for
only with --stall-timeout; at the end, a stream with a spool is waited for as
long as that, or for a second.

Every line reaches all destinations as soon as the input pauses. With
--sync=always, lines are on disk before they appear on standard output and
before any more are read. On an interrupt every destination is closed whole,
after the same event; SIGHUP reopens files.

--rotate-size and --rotate-every rename DEST to DEST.1, DEST.1 to DEST.2, and so
on, always between two lines. If that fails, DEST is written to as before and
the error is reported at the end. A DEST that ends in .gz or .zst is written
compressed, and so is a file that already is compressed. Several processes may
append to one file. If DEST is a path such as /dev/stderr, it is what the shell
opened: tee continues where that is, without --truncate or rotation.

--sequence numbers events in metadata.seq, from 1, so that one that is missing
leaves a gap, which stats names. The count is in FILE.seq beside the first DEST
that is a file, for all processes that write to FILE with --sequence, and goes
on after rotation and --truncate. It begins again from 1, under a new
metadata.seq_epoch, if FILE.seq is missing or does not fit the end of FILE.
Events that had a number get another one. If events cannot be numbered, that is
reported and they are written all the same. A line that is no event, or whose
metadata is not an object, gets no number.

--nonce gives events 16 random bytes, as 32 hexadecimal digits in
metadata.nonce. A seal keeps the hash of each line, also of one that erase took
out: if a line can be guessed, because it is short or only a little of it is
unknown, whoever has the hash can try guesses until one has that hash. With a
nonce none is ever found; without, assume that lines of few variants can be. An
event that has a nonce keeps it; another value is replaced. The rest is as with
--sequence: all destinations get the same, and what is no event gets none.

With --index, every DEST that is a file, and not compressed, gets an index in
FILE.idx (see index), which is up to date at any time: what is in FILE before is
indexed first unless FILE.idx has it, and then each block once it is full. It is
renamed and removed with FILE when that is rotated, and removed when FILE.1 is
compressed. If others write to FILE without --index, or may write to it because
of its mode, that is said: FILE.idx is then compared with FILE before each use.
If FILE.idx cannot be written, that is reported, and FILE is written all the
same.

With --seal, every DEST that is a file is sealed as by seal: at the end, before
it is rotated, and with --seal-every while it is written. Lines are on disk
before they are sealed. If sealing fails, that is reported and the lines are
written all the same. A file is not rotated until the rest of it is sealed,
which is quick if it is sealed regularly.

` + redactHint,
		Example: `
# Keep a log while something else reads it
agent | auditctl tee audit.jsonl | consumer

# Copy a log to two files, checking every line, and nothing to standard output
auditctl tee -q a.jsonl b.jsonl < session.jsonl

# Everything to one file, and failures to another as well
auditctl tee -q all.jsonl --route 'error,*_failure=failures.jsonl' < session.jsonl

# A log that is safe on disk and rotated before it exceeds 1 GiB
agent | auditctl tee -q audit.jsonl --sync=always --rotate-size 1G --rotate-compress

# A log that nobody can change unnoticed
auditctl keygen example.com/audit -o audit.key
agent | auditctl tee -q audit.jsonl --seal audit.key --seal-every 10s
auditctl verify --vkey audit.key.pub audit.jsonl

# A log that can be asked for what is rare, at any size
agent | auditctl tee -q --index audit.jsonl
auditctl filter -t error audit.jsonl

# To OpenTelemetry and a file; only to the file if the other stalls for 5s
agent | auditctl tee -q audit.jsonl otlp+http://localhost:4318 --stall-timeout 5s

# To a stream, whether or not its server is available
agent | auditctl tee -q nats://localhost/AUDIT --spool spool

# What a coding agent on this machine reports by OpenTelemetry
auditctl tee -q -i otlp+http://127.0.0.1:4318 audit.jsonl

# Just check a log
auditctl tee -q < session.jsonl`,
		ValidArgsFunction: completeDests,
		RunE: func(cmd *cobra.Command, dests []string) error {
			return runTee(cmd.Context(), s, o, dests)
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	fs.StringArrayVarP(&o.inputs, "input", "i", nil, "read `FILE` instead of standard input; repeatable")
	groupFlags(cmd, flagsForInput)
	fs.BoolVarP(&o.quiet, "quiet", "q", false, "do not write to standard output")
	fs.BoolVar(&o.truncate, "truncate", false, "empty files first instead of appending")
	o.registerRoute(cmd)
	fs.BoolVar(&o.index, "index", false, "keep an index of files, so that questions about them are fast")
	fs.StringVar(&o.onError, "on-error", "drop", "what to do about a destination that fails: `drop|stop`")
	o.required = 1
	fs.Var(&o.required, "require", "number of destinations that must be left to go on")
	o.recordOptions.register(cmd)
	o.redactOptions.register(cmd, true)
	o.readOptions.register(cmd, fromNone)
	o.receiveOptions.register(cmd)
	completeWords(cmd, "require", "all", "any")
	completeWords(cmd, "on-error", "drop", "stop")
	return cmd
}

func runTee(ctx context.Context, s Streams, o *teeOptions, dests []string) error {
	if o.onError != "drop" && o.onError != "stop" {
		return usagef("--on-error=%s: %w", o.onError, notOneOf(o.onError, "drop", "stop"))
	}
	routes, err := o.parseRoutes(dests)
	if err != nil {
		return err
	}
	if !o.quiet && !slices.ContainsFunc(slices.Concat(dests, routes.Dests()), fanout.IsStdout) {
		dests = append([]string{"-"}, dests...)
	}

	f, opts := o.newFlow(s, o.inputs, false, false)
	if err = o.decode(f, true); err != nil {
		return err
	}
	if err = o.redactOptions.apply(f); err != nil {
		return err
	}
	opts.StopOnError = o.onError == "stop"
	opts.Require = int(o.required)
	opts.Files.Truncate, opts.Files.Index = o.truncate, o.index
	ctx, stop, err := o.openAll(ctx, f, &opts, &o.receiveOptions)
	if err != nil {
		return err
	}
	defer stop()
	if err := o.recordOptions.apply(&opts, slices.Concat(dests, routes.Dests())); err != nil {
		return err
	}
	if opts.Nonces != nil {
		opts.Nonces.MaxLine = f.MaxLine
	}
	if opts.Sequence != nil {
		opts.Sequence.MaxLine = f.MaxLine
	}
	f.Destinations = fanout.New(opts)
	if f.Lines, err = f.Destinations.Add(fanout.Role{Share: "lines"}, dests...); err != nil {
		return err
	}
	var unmet match.Mistakes
	for _, r := range routes {
		to, err := f.Destinations.Add(fanout.Role{Share: "types " + r.Types()}, r.Dest)
		if err != nil {
			return err
		}
		unmet.WatchGlobs("route", "event_type", r.Globs)
		var routed match.Matcher
		routed.Require(r.Wanted())
		f.Outlets = append(f.Outlets, flow.Outlet{Take: flow.Showing(routed.Match, flow.AppendLine), To: to})
	}
	if len(routes) > 0 {
		unmet.Join(f)
	}
	if o.index {
		if err := o.prepareIndexes(ctx, f, slices.Concat(dests, routes.Dests())); err != nil {
			return err
		}
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	return statusOf(f)
}

// prepareIndexes indexes what is in files before something is appended.
func (o *teeOptions) prepareIndexes(ctx context.Context, f *flow.Flow, dests []string) error {
	if err := f.Destinations.Check(); err != nil {
		return err
	}
	files := slices.DeleteFunc(dests, func(dest string) bool {
		return !fanout.MayBeRegular(dest) || compress.ByName(dest) != compress.None
	})
	if len(files) == 0 {
		return usagef("--index: no DEST is a file, and not compressed: drop it, or name one")
	}
	for _, in := range input.New(files, nil) {
		if st := in.Stat(); st == nil || st.Size() == 0 || o.truncate {
			continue
		}
		err := canBeIndexed(in)
		if err == nil {
			err = index.Prepare(ctx, in.Path())
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			f.Reports.Printf("%v", report.Named("index", in.Name(), err))
		}
	}
	return nil
}
