package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/selection"
)

// filterOptions are the options of filter and cat.
type filterOptions struct {
	selectFlags
	readOptions
	receiveOptions
	indexUse
	contextOptions

	original   bool
	array      bool // print one JSON array
	count      bool
	maxCount   int64
	quiet      bool
	exitStatus bool
	follow     bool // wait for more events
	outputOptions
	redactOptions
	pagerOptions

	// read is how the inputs are read; nil: one after the other.
	read   func(inputs []*input.Input, opts *input.Options) input.Source
	merges bool  // read merges the inputs
	last   int64 // start with this many of the last events of each; negative: with the first

	// show appends what is shown for an event instead of its line.
	show     flow.Show
	arranger flow.Arranger  // of what is shown; may be nil
	role     fanout.Role    // of where it goes
	failing  *view.Template // nil: show does not fail
	table    *view.Table    // nil: events are shown in another format

	columnKeys []selection.Key // those of --columns
	separator  string          // between groups of events
}

func (o *filterOptions) register(cmd *cobra.Command) {
	o.selectFlags.register(cmd)
	fs := cmd.Flags()
	o.maxCount, o.last = -1, -1
	fs.VarP((*countValue)(&o.maxCount), "max-count", "m", "stop after `N` matching events")
	groupFlags(cmd, flagsForSelection)
	o.contextOptions.register(cmd)
	fs.BoolVarP(&o.count, "count", "c", false, "print only the number of matching events")
	fs.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing and stop at the first match; the exit status is the answer")
	fs.BoolVarP(&o.exitStatus, "exit-status", "e", false, "exit with status 1 if no event matches")
	fs.BoolVar(&o.original, "original", false, "print the records that matching events were made from, each once")
	o.outputOptions.register(cmd)
	o.redactOptions.register(cmd, true)
	o.pagerOptions.register(cmd)
	o.readOptions.register(cmd, fromAuto)
	o.receiveOptions.register(cmd)
	o.indexUse.register(cmd)
}

func newFilterCmd(s Streams, asked arguments) *cobra.Command {
	o := &filterOptions{}
	cmd := &cobra.Command{
		Use:        "filter [flags] [FILE...]",
		SuggestFor: []string{"grep", "search", "find", "select", "query", "jq", "where"},
		Short:      "Print matching events",
		Long: `Print matching events, unchanged and in order, to standard output or to every
--output DEST: a path, - for standard output, otlp+http://HOST:PORT for
OpenTelemetry, or nats://HOST/STREAM, see tee. With no FILE, or if FILE is -,
read standard input. On a terminal, control and invisible characters are
escaped, inside JSON strings as \u009b, so that each event stays the same event,
and more than a screen is shown by a pager, see cat.

FILE may be nats://HOST/STREAM, a stream as tee writes it, which is read up to
its end as of the start of the run. If --type and --session-id are spelled
without *, ? and [, the server selects by them; invalid lines are then not seen,
unless --rejects, --invalid=fail, -v or a context needs them. With --cursor a
run continues where the last one with that NAME ended: lines are acknowledged
once they are written, so after a run was killed some may come twice. A DEST
that failed and was dropped does not delay that. Use one NAME for one selection,
and in one process at a time.

FILE may be otlp+http://HOST:PORT, to receive what programs send by
OpenTelemetry's protocol until filter is interrupted, see tee.

FILE may be a directory: all logs below it, named *.jsonl, *.json or *.ndjson,
compressed as .gz or .zst or not, in the order of their names, each once. Hidden
entries, links that lead out of the directory, and *.json that are no logs are
left out, which is said. No DEST may be a log below it.

FILE may be a log of another program, such as a transcript of Claude Code or an
audit log of Kubernetes; see 'auditctl dialects'. If one of its first records is
certainly of such a log and none has an event_type, all are read as events, and
that is said. --from names the dialect instead; --from=none reads lines as they
are. With --keys the keys of events are where you say, in a log of JSON objects:
--keys type=.rule,timestamp=.time, or a file with a line for each key; the type
is required, and paths can be joined, as in type=.verb+.object. Records may also
be elements of a JSON array or of {"Records": [...]}, or objects over several
lines. --original prints the records that matching events were made from, each
once, instead of the events.

Different flags must all match; the values of one flag are alternatives, but
every --field and every --where must match. GLOB supports *, ? and [a-z]. EXPR
compares a key: key=v, key!=v, key<n, key<=n, key>n and key>=n with numbers,
key~=regexp and key!~regexp in RE2 syntax; dots reach into objects, as in
metadata.region. Spaces around the key and the value are ignored, and v may be a
JSON string in double quotes. An event that lacks the key in question does not
match, and so matches with -v.

LEVEL and the severities of events are read in any case and in the words of
syslog and logging libraries: warn is warning; err is error; crit, fatal, alert,
emerg and panic are critical; notice is info; trace is debug.

At the end of the input, messages point out likely mistakes, without changing
the exit status: an agent, session, turn, tool or type named in full that no
event had, if a similar name exists; a key of --field that no event had; and how
many events had a timestamp or severity that could not be read. --quiet
suppresses them.

TIME is a date, with or without a time of day, as RFC 3339, ISO 8601 and most
programs write it; 08:15, yesterday 08:15, now, today or yesterday; 2h, -2h or
30 minutes ago; or @ followed by the seconds since 1970. Of digits alone, 8 are
a date and 14 a date and time; 10, 13, 16 and 19 are the seconds, milliseconds,
microseconds and nanoseconds since 1970. Without an offset it is in the zone
of --tz, or local time, as set by TZ. ZONE is a name such as Europe/Zurich, UTC,
local, or an offset such as +02:00. If a time occurs twice because clocks are
set back, --since takes the first and --until the last; if it is skipped because
they are set forward, both take the moment of the change. Timestamps of events
are read the same way, but are UTC without an offset.

JQ is a jq expression, as implemented by gojq, with the event as its input: the
event is kept if an output is neither null nor false. Comparisons of a value
with a literal, and, or, not, test, startswith, endswith, contains, has, IN and
select are as fast as the other flags, where the value is at a path such as
.message.content[0].type, one of .message.content[] or of any and all, or the
type, length or ascii_downcase of one; everything else is slower. If the
expression fails on an event, the event does not match; how often that happened
is reported at the end, and with --strict the exit status is then 2. Keys in the
expression that no event had are reported too. $ENV and env are the environment,
and --arg NAME=VALUE sets $NAME to a string, without the quotes that jq needs;
both are as fast as literals. An assignment such as .tool_name = "grep" is refused: it would
match every event. If the expression takes long on an event while more than
--where-memory is in use, the run ends with exit status 2.

-A, -B and -C add the events of the same session after and before each matching
event, or with --context-all those of the same file. Each event is printed once,
and those of a session in order; events of another session may be printed later
than they occurred. -m counts matching events only. Context comes from the 65536
most recently active sessions, and at most 64 MiB of earlier events are kept for
it.

Where FILE has an index, FILE.idx as 'auditctl index' makes it, blocks of lines
that it shows to have no matching event are not read; the output, the messages
and the exit status are the same. An index that does not fit FILE is not used,
and a message says so. --no-index reads all.

Lines that are not events are invalid: they are reported and left out, and the
exit status is 3; --invalid=skip ignores them silently, --invalid=fail stops at
the first. If a FILE cannot be read, or has no JSON at all (xz or UTF-16), the
others are still read, and the exit status is 2. Input compressed with gzip or
Zstandard is decompressed.

--json-array prints one JSON array, with an event on each line, which is whole
even if filter is interrupted. A file for it must not be there yet.

--count counts what could be read, and prints no number if nothing could.
--quiet stops at the first match and then exits with 0, whatever went wrong
before; without a match it exits with 1, or with 2 or 3 if not everything could
be read. With --invalid=fail, an invalid line before the first match ends the
run with exit status 2.

` + redactHint,
		Example: `
# The failed tool calls of one session
auditctl filter -t tool_call_failure --session-id sess-7f3a session.jsonl

# The first three calls that took more than a second
auditctl filter -F 'duration_ms>1000' -m 3 session.jsonl

# Did a policy deny anything? See the exit status.
auditctl filter -q -t tool_policy_decision -F action=deny session.jsonl

# Failed calls, each after the three events before it in its session
auditctl filter -t tool_call_failure -B 3 session.jsonl

# Slow calls of shell tools
auditctl filter -w '.duration_ms > 1000 and (.tool_name | startswith("shell_"))' session.jsonl

# Who denied what to a coding agent
auditctl example claude-code | auditctl filter -t tool_policy_decision -F action=deny

# Warnings and worse, written to two files
auditctl filter -p warning -o warnings.jsonl -o copy.jsonl session.jsonl

# Calls in a stream that failed since the last run
auditctl filter -t tool_call_failure --cursor failures nats://localhost/AUDIT

# What a coding agent reports by OpenTelemetry, as it comes
auditctl filter -T 'otlp.*' otlp+http://127.0.0.1:4318

# Warnings and worse, sent to OpenTelemetry
auditctl filter -p warning -o otlp+http://localhost:4318 session.jsonl`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return s.paged(cmd.Context(), o.pages(s, files), func(ctx context.Context, s Streams) error {
				return runFilter(ctx, s, o, files)
			})
		},
	}
	if asked.name(cmd.Name()) {
		o.register(cmd)
		cmd.Flags().BoolVar(&o.array, "json-array", false, "print the events as one JSON array")
		groupFlags(cmd, flagsForOutput)
	}
	return cmd
}

// setArray makes the events one array.
func (o *filterOptions) setArray() error {
	switch {
	case o.quiet:
		return usagef("--quiet prints nothing: drop it or --json-array")
	case o.count:
		return usagef("--count prints only the number: drop it or --json-array")
	case o.original:
		return usagef("--original prints lines as they are: drop it or --json-array")
	case o.rotation.Size != 0 || o.rotation.Every != 0:
		return usagef("--json-array: a rotated file has only a part of the array: drop --rotate-size and --rotate-every")
	}
	array := new(view.Array)
	o.show, o.arranger = flow.Always(array.AppendElement), shown{array}
	o.role = fanout.Role{Text: true, Whole: true}
	return nil
}

// pages reports whether what is printed may get a pager: events that are there already,
// and nothing else. If it matters what standard output took, and when, a pager is in the
// way.
func (o *filterOptions) pages(s Streams, files []string) bool {
	return o.pagerOptions.pages(s, files) && !o.follow && !slices.ContainsFunc(files, isReceiver) && !o.quiet && !o.count && o.rejects == "" && o.stall == 0 && o.cursor == "" &&
		(len(o.outputs) == 0 || slices.Equal(o.outputs, []string{"-"}))
}

func runFilter(ctx context.Context, s Streams, o *filterOptions, files []string) error {
	query, err := o.query(ctx, time.Now())
	if err != nil {
		return err
	}
	f, opts := o.newFlow(s, files, o.follow, o.quiet || o.follow)
	o.silent = o.quiet
	if err = o.decode(f, o.quiet); err != nil {
		return err
	}
	if err = o.redactOptions.apply(f); err != nil {
		return err
	}
	if f.Redaction != nil {
		f.Redaction.Quiet = o.quiet
	}
	query.WatchKeys("columns", o.columnKeys...)
	defer query.Join(f, !o.quiet)()
	outputs := o.outputs
	switch {
	case o.quiet && o.count:
		return usagef("--quiet prints nothing: drop it or --count")
	case o.quiet && len(outputs) > 0:
		return usagef("--quiet prints nothing: drop it or --output")
	case o.count && slices.Contains(outputs, "-"):
		return usagef("--count prints only the number: drop --output -")
	case len(outputs) == 0 && !o.count && !o.quiet:
		outputs = []string{"-"}
	}
	if o.array {
		if err := o.setArray(); err != nil {
			return err
		}
	}
	if o.failing != nil {
		f.Observe(&templateFailures{of: o.failing, reports: f.Reports})
	}
	if o.table != nil {
		f.Observe(leftOut{o.table, f.Reports})
	}
	streams := jetstream.ReaderOptions{Follow: o.follow}
	switch {
	case !o.contextOptions.wanted():
		o.narrow(&streams, o.lineOptions)
	case o.cursor != "":
		return usagef("--cursor: what is before or after an event may be in another run: drop -A, -B and -C")
	}
	if err := o.openStreams(ctx, f, streams); err != nil {
		return err
	}
	if err := o.openReceivers(f, &opts, &o.decodeOptions); err != nil {
		return err
	}
	if opts.Retry && o.read == nil {
		var stop func()
		ctx, stop = o.followed(ctx, s)
		defer stop()
	}
	if err := o.outputOptions.apply(&opts); err != nil {
		return err
	}
	f.Destinations = fanout.New(opts)
	all, err := f.Destinations.Add(o.role, outputs...)
	if err != nil {
		return err
	}
	if o.read != nil {
		f.Read = o.read
	}
	if o.last >= 0 {
		f.Last = &input.Last{N: o.last, Wanted: query.Ahead}
	}
	if err := o.direct(f, query.Match, all, len(outputs) > 0); err != nil {
		return err
	}
	// How wide the columns of a table are depends on which events are read together.
	if !o.contextOptions.wanted() && !o.merges && o.table == nil {
		o.indexUse.apply(f, query, len(outputs) == 0 && o.arranger == nil, o.quiet)
	}
	var taken int64
	f.Conclude = func(stopped error) error {
		if taken = f.Taken(); o.maxCount >= 0 {
			taken = min(taken, o.maxCount) // with a context a block may have more
		}
		switch {
		case !o.count, f.NothingRead():
		case stopped == nil:
			f.Print(s.Out, fmt.Appendln(nil, taken))
		default:
			f.MarkIncomplete() // the lines were not counted
		}
		return stopped
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	if o.quiet && taken > 0 {
		return nil // whatever else happened
	}
	if err := statusOf(f); err != nil {
		return err
	}
	if (o.quiet || o.exitStatus) && taken == 0 {
		return statusNo
	}
	return nil
}

// followed makes the inputs be followed until stop is called. The context it returns ends
// when nobody reads the output any more.
func (o *filterOptions) followed(ctx context.Context, s Streams) (until context.Context, stop func()) {
	var out io.Writer
	if !o.quiet && (len(o.outputs) == 0 || slices.Equal(o.outputs, []string{"-"})) {
		out = s.Out
	}
	until, o.read, stop = follow(ctx, out)
	return until, stop
}

// direct sets f's outlet, which passes on what is shown for the wanted events and
// those around them, or only counts them.
func (o *filterOptions) direct(f *flow.Flow, wanted flow.Predicate, to fanout.Group, pass bool) error {
	limit := o.maxCount
	if o.quiet && limit != 0 {
		limit = 1
	}
	if o.original && o.contextOptions.wanted() {
		return usagef("--original prints only what matching events were made from: drop it, or -A, -B and -C")
	}
	show := o.show
	switch {
	case !pass, o.original:
		show = nil
	case show == nil:
		show = flow.AppendLine
	}
	around, err := o.context(limit, o.separator)
	if err != nil {
		return err
	}
	if around != nil && pass {
		if limit != 0 {
			limit = flow.All // those around the last event follow it
		}
		around.Then = o.arranger
		f.Outlets = []flow.Outlet{around.Outlet(wanted, show, to)}
	} else {
		f.Outlets = []flow.Outlet{{Take: flow.Showing(wanted, show), Original: o.original && pass, Then: o.arranger, To: to}}
	}
	f.Limit = limit
	return nil
}
