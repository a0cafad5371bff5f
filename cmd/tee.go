package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/match"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/selection"
)

type teeOptions struct {
	lineOptions
	streamOptions

	inputs   []string
	quiet    bool
	truncate bool
	routes   []string
	onError  string
	required requirement
	destinationOptions
	seal teeSealOptions
}

func newTeeCmd(s Streams, asked func(string) bool) *cobra.Command {
	o := &teeOptions{}
	cmd := &cobra.Command{
		Use:   "tee [flags] [DEST...]",
		Short: "Copy events to standard output and to every destination",
		Long: `Copy events from standard input, or from every --input FILE in turn, to
standard output and to every DEST. A DEST is a path, opened to append, or - for
standard output. New files are made with mode 0600. otlp+http://HOST:PORT and
otlp+https:// send events to OpenTelemetry, nats://HOST/STREAM to a stream of
NATS JetStream; lines count as written when they are acknowledged. What is said
of files here is of paths only.

A stream has a message for each line, under the subject audit.SESSION.TYPE, and
is made where it is missing. nats://[USER:PASSWORD@]HOST[:PORT],.../STREAM may end
in ?replicas=3, subject=PREFIX instead of audit, creds=FILE, tls=on, ca=FILE,
cert=FILE and key=FILE, with & between them. A run that sends a file again, after
it was killed perhaps, sends only what is not there yet; what comes from standard
input cannot be known again. While the server is away --spool keeps lines in DIR,
on the disk: they count as written then, and are delivered in order, by the next
run with that DIR if need be. --input may be a stream as well, see filter.

Nothing is lost or changed: lines that are not events are reported and passed
on like the rest, and the exit status is 3. Only --invalid=fail stops at the
first one. A last line without a line feed gets it. Input that has no lines of JSON,
as xz, UTF-16 or a JSON array, is passed on as well, reported as what it is, and the
exit status is 2. What is compressed with gzip or Zstandard is decompressed. Only
where a DEST or standard output is a terminal, what could control it or does not
show is escaped, in a JSON string as \u009b.

With --route a DEST gets only the events of some types; routed to -, standard
output gets only those.

A destination that fails is reported once and dropped; the others go on, and
the exit status is 2. With --on-error=stop the first failure is the end, with
--require the one after which fewer destinations are left than that. One that
takes no data holds the others up unless --stall-timeout drops it; OpenTelemetry
is tried again for a minute otherwise. A stream that is away at the start is
waited for with --stall-timeout only; at the end, one with a spool for as long as
that, or for a second.

A line reaches every destination as soon as the input pauses. With --sync=always
nothing more is read before it is on the disk as well, and it is on standard
output only then. On an interrupt every destination ends whole, after the same
event; SIGHUP opens files anew.

--rotate-size and --rotate-every move DEST to DEST.1, that to DEST.2, and so on,
always between two lines. Where that cannot be done, DEST is written on, and the
error is reported at the end. Where DEST ends in .gz or .zst it is written
compressed, and so is a file that is compressed already. Several processes may
append to one file. Where DEST is a path such as /dev/stderr, it is what the shell
opened: tee writes on from where it is, without --truncate or rotation.

With --seal, every DEST that is a file is sealed, as seal does: at the end, before
it is moved away, and with --seal-every while it is written. Lines are on the disk
before they are sealed. That a seal fails is reported, and the lines are written
all the same. A file is not moved away before what is left of it is sealed: sealed
now and then, that takes no time.`,
		Example: example(`
# Keep a log while something else reads it
agent | auditctl tee audit.jsonl | consumer

# Copy a log into two files, checking every line; nothing to standard output
auditctl tee -q a.jsonl b.jsonl < session.jsonl

# Everything into one file, what went wrong into another as well
auditctl tee -q all.jsonl --route 'error,*_failure=failures.jsonl' < session.jsonl

# A log that is safe on the disk and never larger than 1 GiB, with old ones kept
agent | auditctl tee -q audit.jsonl --sync=always --rotate-size 1G --rotate-compress

# A log that nobody can quietly change
auditctl keygen example.com/audit -o audit.key
agent | auditctl tee -q audit.jsonl --seal audit.key --seal-every 10s
auditctl verify --vkey audit.key.pub audit.jsonl

# To OpenTelemetry, with a copy in a file; what it does not take in 5s is only there
agent | auditctl tee -q audit.jsonl otlp+http://localhost:4318 --stall-timeout 5s

# To a stream, whether its server is there or not
agent | auditctl tee -q nats://localhost/AUDIT --spool spool

# Only check a log
auditctl tee -q < session.jsonl`),
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, dests []string) error {
			return runTee(cmd.Context(), s, o, dests)
		},
	}
	if !asked(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	fs.StringArrayVarP(&o.inputs, "input", "i", nil, "read `FILE` instead of standard input; repeatable")
	fs.BoolVarP(&o.quiet, "quiet", "q", false, "leave standard output out")
	fs.BoolVar(&o.truncate, "truncate", false, "start files anew instead of appending")
	fs.StringArrayVar(&o.routes, "route", nil, "send events of some types to a destination: `GLOB,...=DEST`; repeatable")
	fs.StringVar(&o.onError, "on-error", "drop", "when a destination fails: drop it and go on, or stop")
	o.required = 1
	fs.Var(&o.required, "require", "how many destinations must be left to go on")
	o.destinationOptions.register(cmd)
	fs.StringVar(&o.seal.keyFile, "seal", "", "seal files as they are written, with the secret key in `KEYFILE`")
	fs.DurationVar(&o.seal.every, "seal-every", 0, "seal what came every `D`, as in 10s (default: at rotation and at the end)")
	o.streamOptions.register(cmd)
	o.lineOptions.register(cmd)
	completeWords(cmd, "require", "all", "any")
	completeWords(cmd, "on-error", "drop", "stop")
	completeRoutes(cmd, "route")
	return cmd
}

func runTee(ctx context.Context, s Streams, o *teeOptions, dests []string) error {
	if o.onError != "drop" && o.onError != "stop" {
		return usagef("--on-error=%s: want drop or stop", o.onError)
	}
	routes, err := parseRoutes(o.routes, dests)
	if err != nil {
		return err
	}
	if !o.quiet && !slices.ContainsFunc(slices.Concat(dests, routes.dests()), fanout.IsStdout) {
		dests = append([]string{"-"}, dests...)
	}

	f, opts := o.newFlow(s, o.inputs)
	opts.StopOnError = o.onError == "stop"
	opts.Require = int(o.required)
	opts.Files.Truncate = o.truncate
	if err := o.openStreams(ctx, f, jetstream.ReaderOptions{}); err != nil {
		return err
	}
	if err := o.apply(&opts); err != nil {
		return err
	}
	if err := o.seal.apply(&opts, slices.DeleteFunc(slices.Concat(dests, routes.dests()), func(dest string) bool { return !fanout.IsFile(dest) })); err != nil {
		return err
	}
	f.Destinations = fanout.New(opts)
	if f.Lines, err = f.Destinations.Add(fanout.Role{Share: "lines"}, dests...); err != nil {
		return err
	}
	var unmet match.Mistakes
	for _, r := range routes {
		to, err := f.Destinations.Add(fanout.Role{Share: "types " + r.types()}, r.dest)
		if err != nil {
			return err
		}
		unmet.WatchGlobs("route", "event_type", r.globs)
		var routed match.Matcher
		routed.Require(selection.OneOf("event_type", r.globs))
		f.Outlets = append(f.Outlets, flow.Outlet{Take: flow.Showing(routed.Match, flow.AppendLine), To: to})
	}
	if len(routes) > 0 {
		unmet.Join(f)
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	return statusOf(f)
}

// A route sends the events of some types to a destination.
type route struct {
	globs []selection.Glob
	dest  string
}

// types returns the globs as they were given.
func (r route) types() string {
	var types []string
	for i := range r.globs {
		types = append(types, r.globs[i].String())
	}
	return strings.Join(types, ",")
}

type routes []route

// parseRoutes reads the --route flags. Two routes to one destination are one
// with the types of both, and a route to one that gets everything is none.
func parseRoutes(flags, dests []string) (routes, error) {
	var all routes
	for _, flag := range flags {
		types, dest, ok := strings.Cut(flag, "=")
		if !ok || dest == "" {
			return nil, usagef("--route %q: want GLOB,...=DEST", flag)
		}
		globs, err := selection.ParseGlobs(types)
		if err != nil {
			return nil, usagef("--route: %w", err)
		}
		if slices.Contains(dests, dest) {
			continue
		}
		if i := slices.IndexFunc(all, func(r route) bool { return r.dest == dest }); i >= 0 {
			all[i].globs = append(all[i].globs, globs...)
			continue
		}
		all = append(all, route{globs, dest})
	}
	return all, nil
}

func (r routes) dests() (all []string) {
	for _, route := range r {
		all = append(all, route.dest)
	}
	return all
}
