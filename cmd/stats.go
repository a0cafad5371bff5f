package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/stats"
)

type statsOptions struct {
	selectFlags
	lineOptions
	streamOptions
	decodeOptions

	by    []string
	json  bool
	top   int
	color string
}

func newStatsCmd(s Streams, asked func(string) bool) *cobra.Command {
	o := &statsOptions{}
	cmd := &cobra.Command{
		Use:   "stats [flags] [FILE...]",
		Short: "Count events by type, agent and tool, and over time",
		Long: `Count matching events, in one pass: by type, severity, agent and tool; for each
tool its calls, how many failed, were denied or have no end, and how long they
took; the tokens of each model and session; why events failed; the slowest
calls; and the number of events over time. With no FILE, or if FILE is -, read
standard input; FILE may be a directory, that is all logs below it, a log of
another program, or nats://HOST/STREAM, see filter. If interrupted, print what
was counted so far.

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

--by KEY,... prints a table by the values of these keys instead, with the number
of events and of errors and the durations of events that have any, and below it
a table of their tokens. Dots reach into objects, as in metadata.region; a
backslash before a dot or a comma makes it part of the key. A key that no event
has is reported.

--json prints the same numbers as one JSON object on one line, durations in
milliseconds: events, errors, sessions, first, last, untimed, types, severities,
agents, tools, tokens, failures, slowest, unfinished, timeline, others; with
--by: events, errors, by, groups, others.

Memory does not grow with the input: 1000 names of each kind and 10000 groups
are counted separately, later ones together as others. With --cursor, lines are
acknowledged once the counts are printed.

The output is as wide as the terminal, or 80 columns elsewhere; COLUMNS
overrides that.

Events are selected by the same flags as in filter. Times are local, or in the
zone of --tz, except in JSON.

` + colorHelp,
		Example: `
# What did the agents do, and why did it fail?
auditctl stats session.jsonl

# Which tool fails, and in which session?
auditctl stats -t tool_call_failure --by tool_name,session_id session.jsonl

# Events that were added to a stream since the last run
auditctl stats --cursor daily nats://localhost/AUDIT

# The same numbers for a program
auditctl stats --json session.jsonl`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runStats(cmd.Context(), s, o, files)
		},
	}
	if !asked(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&o.by, "by", nil, "count by the values of `KEY,...`")
	fs.BoolVar(&o.json, "json", false, "print one JSON object")
	fs.IntVar(&o.top, "top", stats.DefaultTop, "show `N` rows of a long list")
	fs.StringVar(&o.color, "color", "auto", "use colour `WHEN`: always, never, or auto, which is on a terminal")
	groupFlags(cmd, flagsForOutput)
	o.selectFlags.register(cmd)
	o.registerDecode(cmd, fromAuto)
	o.streamOptions.register(cmd)
	o.lineOptions.register(cmd)
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
	if o.top < 1 || o.top > maxTop {
		return usagef("--top %d: want 1 to %d", o.top, maxTop)
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
	f, opts := o.newFlow(s, files)
	readDirectories(f, &opts, false, false)
	if err = o.decode(f, false); err != nil {
		return err
	}
	f.Destinations = fanout.New(opts)
	if g, ok := t.(*stats.Groups); ok {
		query.WatchKeys("by", g.Keys...)
	}
	defer query.Join(f, true)()
	f.Outlets = []flow.Outlet{{Take: flow.Showing(query.Match, flow.Always(t.AppendNote)), Then: counting{t}}}
	var streams jetstream.ReaderOptions
	o.narrow(&streams, o.lineOptions)
	if err := o.openStreams(ctx, f, streams); err != nil {
		return err
	}
	f.Conclude = func(stopped error) error {
		if interrupted := (interruption{}); stopped != nil && !errors.As(stopped, &interrupted) {
			f.MarkIncomplete()
			return stopped
		}
		if f.NothingRead() {
			return stopped
		}
		text, err := o.render(t, view.NewStats(view.Options{Color: color, Width: terminal.Width(s.Out), Zone: local}, o.top))
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

// render returns the output for what was counted.
func (o *statsOptions) render(t tally, v *view.Stats) ([]byte, error) {
	switch t := t.(type) {
	case *stats.Summary:
		return rendered(t.Report(), o.json, v.Summary)
	case *stats.Groups:
		return rendered(t.Report(), o.json, v.Groups)
	}
	return nil, nil
}

func rendered[R any](report R, asJSON bool, show func(R) []byte) ([]byte, error) {
	if !asJSON {
		return show(report), nil
	}
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	err := e.Encode(report)
	return terminal.EscapeJSON(line.Bytes()), err
}

// A tally counts events in two steps: workers take notes of them, and one goroutine
// adds up the notes in order.
type tally interface {
	AppendNote(dst []byte, s *events.Scanner) []byte
	AddNotes(notes []byte)
}

// A counting is a flow.Arranger that only counts and passes nothing on.
type counting struct{ tally }

func (c counting) Arrange(dst, notes []byte, _ *input.Input) ([]byte, error) {
	c.AddNotes(notes)
	return dst, nil
}

func (c counting) Rest(dst []byte) []byte { return dst }
