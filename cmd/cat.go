package cmd

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/terminal"
)

// sortWindow is how late events are in transcripts of agents, at most.
const sortWindow = 10 * time.Second

type catOptions struct {
	filterOptions
	viewOptions

	sort   bool
	window time.Duration // of --sort
}

func newCatCmd(s Streams, asked arguments) *cobra.Command {
	o := &catOptions{}
	cmd := &cobra.Command{
		Use:        "cat [flags] [FILE...]",
		SuggestFor: []string{"show", "view", "less", "more", "print", "tail", "head", "log", "logs", "read", "open", "tree", "follow"},
		Short:      "Show events in a readable form",
		Long: `Show events, one file after the other, or with --sort in the order of their
timestamps. With no FILE, or if FILE is -, read standard input. FILE may be a
directory: all logs below it, or a log of another program, or
nats://HOST/STREAM or otlp+http://HOST:PORT, see filter; with --format=tree, lines of a stream are
acknowledged for --cursor only at the end.

On a terminal an event is a line of text: its time, severity and agent, then
what it is about in plain words, as "grep failed: OSError: no such file", and
then its other keys, as far as they fit, first event_type, which -t selects, and
last those that auditctl does not know. Words, and texts that contain something
like KEY=, are quoted where they could be mistaken. Severity info has no colour;
what failed, was denied or blocked is red. Control characters are shown as \x1b
and never sent. Times are local, or in the zone of --tz; --relative shows how
long ago events were when the run began, or with --follow when they are shown.

A line is cut to the width of the terminal; --wrap breaks it between words
instead, in a pipe to COLUMNS or 80 columns. Below 120 columns the severity is a
letter, and dates are left out: a line of its own names each day. At 60 columns
and fewer, milliseconds and agents are left out too. In a pipe, the lines
themselves are written, as by filter; with --format=text nothing is left out.

--format=tree shows sessions, their turns, and the tool calls of each turn: how
each call ended, how long it took, when, as a bar, and what was decided about it
and by whom. The bars of a turn begin on the left with its start and end on the
right with its end, or if these are missing, with its first and last event: so
calls whose bars are above each other ran at the same time or waited, and gaps
are the time of the model. A call that is known to have begun before that or
ended after it has a bar up to the edge; one without times has none. Failures do
not state a duration, so it is computed from the timestamps. An end belongs to
the open call of its session with the same call_id (or tool_call_id or
tool_use_id, also in metadata); without one, to the first open call of that tool
in its turn. Calls with a call_id that ran at the same time are joined by a
bracket. What an agent did is below the call that began it, if an agent_switch
to the agent has that call_id, or the agent's events have it as
metadata.parent_call_id; its bars are on the scale of the turn it is in, unless
it ran after that. A turn is shown when it ends, or at the end of the input;
with other inputs than those that go on (--follow, standard input, streams),
once its calls have ended and the agents that they began were seen.

--format=table shows a row for each event, with a column for each KEY of
--columns; dots reach into objects, as in metadata.region. By default these are
timestamp, severity, event_type, agent_id, tool_name, duration_ms, session_id
and turn_id, on a terminal as many of them as fit; those of --columns share its
width, and if there are too many even for that, the rest is named at the end.

--format=csv and tsv are for other programs: a header, and a row for each event
with the values of --columns, by default of the keys of all types. Nothing is
cut: a string is its text, any other value is spelled as in the log, and one
that is null or missing is empty. csv is that of RFC 4180; in tsv \t, \n, \r and
\\ mean these characters. Values are not changed, so that a spreadsheet may take
one that begins with = for a formula: import them as text.

--template shows each event by a template of Go's text/template, and a line
feed. A key that is missing is empty, also within one that is missing. The
functions json and float make of a value JSON, and a number to compare or to
format. An event on which the template fails is left out, and the exit status
is 2.

--output DEST gets what --format or --template shows, as wide as needed and
without colour, or else the events themselves. The header of csv and tsv is
written only to a file that is empty; a file with another one is left alone.

--sort merges files, each of which must be in order of time, but events may be
late by up to --sort-window, as they are in transcripts of agents: each waits for
one of its file that is later by as much, or for a pause in what a pipe or
stream brings. At most 16 MiB of a file wait, and 64 MiB of all. Events that are
later still are reported, and the exit status is 2. An event without a timestamp
stays after the line before it.

--follow shows what is in the files and then what is added, for many files at
once. It goes on when a file is truncated, or moved away or deleted and replaced
by another: the old file is read until the new one is written to, and lines
added to it later appear among those of the new one. Files that had the name
only between two checks are found where rotation moved or copied them,
compressed with gzip or Zstandard or not: as FILE.1, FILE-20260310.gz, or
another name that begins with FILE; as NAME-20260310.EXT if FILE is NAME.EXT and
was seen to be moved there. If lines of a file may be missing, a message says
so. A file that does not exist is waited for, and logs that appear below a
directory are followed from their start. A line is shown once it has its line
feed or its file is complete. FIFOs and streams are followed too; standard input
and other pipes end. Following ends on a signal, with -m and -q, and when nobody
reads the output any more. With --rejects, a line longer than --max-line blocks
the other files until it ends.

--lines starts with the last N matching events of each file, which are found
from the end of the file: what comes before them is neither read nor reported. A
compressed file, a pipe and a log of another program, whose records mean
something only after those before them, are read whole. With --follow, FIFOs and
files that appear later are shown from their start.

Events are selected by the same flags as in filter, including --where with a jq
expression; see there, also for indexes, --from, --keys and --original.

` + colorHelp + ` With --color=always, --format=auto means text in a pipe too.

` + pagerHelp + ` Nor is there one with --follow, --output FILE, --rejects,
--cursor and --stall-timeout.

` + redactHint,
		Example: `
# A log, page by page if it is long
auditctl cat session.jsonl

# What happened, turn by turn
auditctl cat --format=tree session.jsonl

# Slow calls as a table
auditctl cat --format=table --columns timestamp,tool_name,duration_ms -F 'duration_ms>100' session.jsonl

# Slow calls for a spreadsheet
auditctl cat --format=csv --columns timestamp,tool_name,duration_ms -F 'duration_ms>100' -o slow.csv session.jsonl

# Which tools failed, and how
auditctl cat --template '{{.tool_name}}: {{.error_message}}' -t tool_call_failure session.jsonl

# The last five warnings or worse, and new ones as they come
auditctl cat -f -n 5 -p warning audit.jsonl

# Failed calls on all machines that write to a stream
auditctl cat -f -t tool_call_failure nats://localhost/AUDIT

# What a coding agent reports by OpenTelemetry
auditctl cat -f otlp+http://127.0.0.1:4318

# The logs of several processes merged into one
auditctl cat --sort -o merged.jsonl session.jsonl audit.jsonl

# When it happened, for somebody elsewhere
auditctl cat --format=text --tz America/New_York session.jsonl

# What one agent did in one session
auditctl cat --agent-id tracker --session-id sess-7f3a session.jsonl

# What a coding agent did
auditctl example claude-code | auditctl cat --format=tree

# Network failures in events of any type
auditctl cat -w '.error_type | IN("HTTPError", "TimeoutError")' session.jsonl`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return s.paged(cmd.Context(), o.pages(s, files), func(ctx context.Context, s Streams) error {
				return runCat(ctx, s, o, files)
			})
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	o.noProgress = true // the screen shows events
	fs := cmd.Flags()
	o.viewOptions.register(cmd)
	fs.BoolVarP(&o.follow, "follow", "f", false, "wait for more events, also in files that replace the given ones")
	fs.VarP((*countValue)(&o.last), "lines", "n", "start with the last `N` matching events of each file")
	fs.BoolVar(&o.sort, "sort", false, "merge the files by timestamp; each must be in order but for --sort-window")
	fs.DurationVar(&o.window, "sort-window", sortWindow, "with --sort, put events in order that are late by up to `D`")
	groupFlags(cmd, flagsForInput)
	o.filterOptions.register(cmd)
	return cmd
}

func runCat(ctx context.Context, s Streams, o *catOptions, files []string) error {
	tty := terminal.Is(s.Out)
	color, err := wantsColor(o.color, s.Out)
	if err != nil {
		return err
	}
	if err := o.setView(s, files, tty, color); err != nil {
		return err
	}
	switch {
	case o.follow && slices.Contains(files, ""):
		return usagef("--follow: a FILE has no name")
	case slices.ContainsFunc(files, isReceiver) && o.sort:
		return usagef("what otlp+http:// receives does not end: drop --sort")
	case slices.ContainsFunc(files, isReceiver) && o.last >= 0:
		return usagef("--lines: what otlp+http:// receives has no last events: drop it")
	case o.follow && o.sort:
		return usagef("--follow shows events as they come: drop --sort")
	case o.original && o.sort:
		return usagef("--original keeps the order of the lines: drop it, or --sort")
	case o.window != sortWindow && !o.sort:
		return usagef("--sort-window is for merging: add --sort")
	case o.window < 0:
		return usagef("--sort-window=%v: want 0 or more", o.window)
	case o.follow && o.last >= 0 && slices.ContainsFunc(files, isStream):
		return usagef("--lines: a stream has no last events while it goes on: drop it, or --follow")
	case o.cursor != "" && o.last >= 0:
		return usagef("--cursor goes on where a run ended: drop it, or --lines")
	case o.cursor != "" && o.sort:
		return usagef("--cursor goes on in the order of the stream: drop it, or --sort")
	case o.last >= 0 && o.contextOptions.wanted():
		return usagef("--lines does not read what is before the last events: drop it, or -A, -B and -C")
	}
	switch {
	case o.follow:
		var stop func()
		ctx, stop = o.followed(ctx, s)
		defer stop()
	case o.sort:
		o.merges = true
		o.read = func(inputs []*input.Input, opts *input.Options) input.Source {
			opts.Window = o.window
			return input.Merge(inputs, opts)
		}
	}
	return runFilter(ctx, s, &o.filterOptions, files)
}
