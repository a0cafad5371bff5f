package cmd

import (
	"context"
	"io"
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

type catOptions struct {
	filterOptions

	format string
	color  string
	wrap   bool
	sort   bool
}

func newCatCmd(s Streams, asked func(string) bool) *cobra.Command {
	o := &catOptions{}
	cmd := &cobra.Command{
		Use:   "cat [flags] [FILE...]",
		Short: "Show events for reading",
		Long: `Show events, one after the other in the order of the files. With no FILE, or
where FILE is -, read standard input.

On a terminal an event is a line of text: time, severity, type, agent, the keys
of its type, its turn and session, its metadata, and last the keys that auditctl
does not know; coloured by severity and type, and cut to the width of the
terminal unless --wrap is given.
Control characters are shown as \x1b and never sent. Times are local. In a pipe
the lines themselves are written, as filter does.

The same flags as with filter select events. NO_COLOR and --color=never turn
colour off, --color=always on.`,
		Example: example(`
# A log, page by page
auditctl cat --format=text --color=always testdata/session.jsonl | less -R

# What one agent did in one session
auditctl cat --agent-id tracker --session-id sess-7f3a testdata/session.jsonl`),
		ValidArgsFunction: offerFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runCat(cmd.Context(), s, o, files)
		},
	}
	if !asked(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	fs.StringVar(&o.format, "format", "auto", "text, jsonl, or auto: text on a terminal")
	fs.StringVar(&o.color, "color", "auto", "always, never, or auto: on a terminal")
	fs.BoolVar(&o.wrap, "wrap", false, "show long events whole")
	fs.BoolVar(&o.sort, "sort", false, "merge the files by timestamp, each of which must be in order")
	o.register(cmd)
	offerWords(cmd, "format", "auto", "text", "jsonl")
	offerWords(cmd, "color", "auto", "always", "never")
	return cmd
}

func runCat(ctx context.Context, s Streams, o *catOptions, files []string) error {
	tty := isTerminal(s.Out)
	switch o.color {
	case "auto", "always", "never":
	default:
		return usagef("--color=%s: want auto, always or never", o.color)
	}
	color := o.color == "always" || o.color == "auto" && tty && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	text := false
	switch o.format {
	case "auto":
		text = tty && len(o.outputs) == 0
	case "text":
		if len(o.outputs) > 0 {
			return usagef("--output takes the events themselves: drop --format=text")
		}
		text = true
	case "jsonl":
	default:
		return usagef("--format=%s: want auto, text or jsonl", o.format)
	}
	if text {
		width := 0
		if tty && !o.wrap {
			width = terminalWidth(s.Out)
		}
		o.show = newTextView(color, width).appendEvent
	}
	if o.sort {
		o.source = newMerge
	}
	return runFilter(ctx, s, &o.filterOptions, files)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// terminalWidth returns how many columns the terminal w has, 80 where it does
// not say. COLUMNS overrides it.
func terminalWidth(w io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 80
}
