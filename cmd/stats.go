package cmd

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/selection"
	"auditctl/pkg/stats"
)

type statsOptions struct {
	selectFlags
	readOptions
	indexUse
	redactOptions
	pagerOptions

	follow bool
	by     []string
	json   bool
	top    int
	color  string
}

func newStatsCmd(s Streams, asked arguments) *cobra.Command {
	o := &statsOptions{}
	cmd := &cobra.Command{
		Use:        "stats [flags] [FILE...]",
		SuggestFor: []string{"count", "summary", "summarize", "top", "stat", "wc"},
		Short:      "Count events by type, agent and tool, and over time",
		Long: `Count matching events, in one pass: by type, severity, agent and tool; for each
tool its calls, how many failed, were denied or have no end, and how long they
took; the tokens of each model and session; why events failed; the slowest
calls; and the number of events over time. With no FILE, or if FILE is -, read
standard input; FILE may be a directory, that is all logs below it, a log of
another program, or nats://HOST/STREAM, see filter. If interrupted, print what
was counted so far.

--follow counts what is in the files and then what is added, as that of cat
shows it. On a terminal the report is redrawn in place once a second, as much of
it as fits; the whole is printed at the end.

A call is denied by a tool_policy_decision whose action is deny, denied, block
or blocked. A tool_call_complete or tool_call_failure ends the attempt of its
session with the same call_id (or tool_call_id or tool_use_id, also in
metadata); without one, the oldest open attempt of its tool, turn and session.
An attempt has no end if none comes before 1000 others are open. Errors are the
events of severity error or critical. Severities are counted by what they mean,
so WARN under warning, see filter. "-" stands for events that lack a key. p95
is the smallest duration with at least 95 % of all durations at or below it, to
within 1 %, and likewise p50 and p99; all other numbers are exact.

Tokens are the sums of input_tokens (without those from a cache), output_tokens,
cache_read_tokens and cache_write_tokens, by model, all in metadata or else at
the top level. An event whose metadata has copied: true repeats an earlier one:
it counts as an event, but its call, failure, durations and tokens do not.

Of events that were numbered by --sequence, see tee, it shows for each epoch
which numbers are missing and which are there twice, if the inputs were read
from start to end and no flag selects events. A copy that was routed or filtered
has gaps by nature. What is before the first number may have been rotated away.

--by KEY,... prints a table by the values of these keys instead, with the number
of events and of errors and the durations of events that have any, and below it
a table of their tokens. Dots reach into objects, as in metadata.region; a
backslash before a dot or a comma makes it part of the key. A key that no event
has is reported.

--json prints the same numbers as one JSON object on one line, durations in
milliseconds: events, errors, sessions, first, last, untimed, types, severities,
agents, tools, tokens, failures, slowest, unfinished, timeline, sequence,
others; with --by: events, errors, by, groups, others.

Memory does not grow with the input: 1000 names of each kind and 10000 groups
are counted separately, later ones together as others. With --cursor, lines are
acknowledged once the counts are printed.

The output is as wide as the terminal, or 80 columns elsewhere; COLUMNS
overrides that.

Events are selected by the same flags as in filter, with an index if there is
one. Times are local, or in the zone of --tz, except in JSON.

` + colorHelp + `

` + pagerHelp + "\n\n" + redactHint,
		Example: `
# What did the agents do, and why did it fail?
auditctl stats session.jsonl

# Which tool fails, and in which session?
auditctl stats -t tool_call_failure --by tool_name,session_id session.jsonl

# What agents are doing
auditctl stats -f audit.jsonl

# Events that were added to a stream since the last run
auditctl stats --cursor daily nats://localhost/AUDIT

# The same numbers for a program
auditctl stats --json session.jsonl`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			paged := o.pages(s, files) && !o.follow && o.rejects == "" && o.cursor == ""
			return s.paged(cmd.Context(), paged, func(ctx context.Context, s Streams) error {
				return runStats(ctx, s, o, files)
			})
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&o.by, "by", nil, "count by the values of `KEY,...`")
	fs.BoolVar(&o.json, "json", false, "print one JSON object")
	fs.IntVar(&o.top, "top", stats.DefaultTop, "show `N` rows of a long list")
	fs.StringVar(&o.color, "color", "auto", "use colour `WHEN`: always, never, or auto, which is on a terminal")
	o.pagerOptions.register(cmd)
	groupFlags(cmd, flagsForOutput)
	fs.BoolVarP(&o.follow, "follow", "f", false, "wait for more events, also in files that replace the given ones")
	groupFlags(cmd, flagsForInput)
	o.selectFlags.register(cmd)
	o.redactOptions.register(cmd, true)
	o.readOptions.register(cmd, fromAuto)
	o.indexUse.register(cmd)
	completeKeys(cmd, "by", dotted)
	completeWords(cmd, "color", "auto", "always", "never")
	return cmd
}

// maxTop is the largest --top: the slowest calls are kept in memory.
const maxTop = 1000

func runStats(ctx context.Context, s Streams, o *statsOptions, files []string) error {
	query, err := o.query(ctx, time.Now())
	if err != nil {
		return err
	}
	color, err := wantsColor(o.color, s.Out)
	if err != nil {
		return err
	}
	switch {
	case o.top < 1 || o.top > maxTop:
		return usagef("--top %d: want 1 to %d", o.top, maxTop)
	case o.follow && slices.Contains(files, ""):
		return usagef("--follow: a FILE has no name")
	}
	local := time.UTC
	if len(o.by) == 0 { // groups have no times
		if local, err = o.location(); err != nil {
			return err
		}
	}
	t, err := o.newTally(local)
	if err != nil {
		return err
	}
	f, opts := o.newFlow(s, files, o.follow, o.follow)
	if err = o.decode(f, false); err != nil {
		return err
	}
	if err = o.redactOptions.apply(f); err != nil {
		return err
	}
	f.Destinations = fanout.New(opts)
	if g, ok := t.(*stats.Groups); ok {
		query.WatchKeys("by", g.Keys...)
	}
	defer query.Join(f, true)()
	o.indexUse.apply(f, query, false, false)
	count := &counting{tally: t, partial: o.selects()}
	f.Observe(count)
	f.Outlets = []flow.Outlet{{Take: flow.Showing(query.Match, flow.Always(t.AppendNote)), Then: count}}
	look := view.Options{Color: color, Zone: local}
	stopDrawing := func() {}
	if o.follow {
		var stop func()
		ctx, f.Read, stop = follow(ctx, s.Out)
		defer stop()
		o.noProgress = true
		o.draw = func(line *terminal.StatusLine) { stopDrawing = o.keepDrawn(ctx, s, line, count, look) }
	}
	streams := jetstream.ReaderOptions{Follow: o.follow}
	o.narrow(&streams, o.lineOptions)
	if err := o.openStreams(ctx, f, streams); err != nil {
		return err
	}
	f.Conclude = func(stopped error) error {
		stopDrawing()
		if interrupted := (interruption{}); stopped != nil && !errors.As(stopped, &interrupted) {
			f.MarkIncomplete()
			return stopped
		}
		if f.NothingRead() {
			return stopped
		}
		look.Width = terminal.Width(s.Out)
		text, err := o.render(count, look)
		if err != nil {
			f.MarkIncomplete()
			return err
		}
		f.Print(s.Out, text)
		return stopped
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	return statusOf(f)
}

// newTally returns a tally of what the options ask for.
func (o *statsOptions) newTally(local *time.Location) (tally, error) {
	if len(o.by) == 0 {
		return &stats.Summary{Top: o.top, Location: local}, nil
	}
	g := &stats.Groups{}
	for _, list := range o.by {
		keys, err := selection.ParseKeys(list)
		if err != nil {
			return nil, usagef("--by: %w", err)
		}
		g.Keys = append(g.Keys, keys...)
	}
	return g, nil
}
