package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/selection"
)

var catFormats = []string{"auto", "text", "table", "tree", "jsonl"}

// viewOptions are the flags of cat that say how events are shown.
type viewOptions struct {
	format  string
	color   string
	wrap    bool
	columns string // of a table
}

func (o *viewOptions) register(cmd *cobra.Command) {
	defer groupFlags(cmd, flagsForOutput)
	fs := cmd.Flags()
	fs.StringVar(&o.format, "format", "auto", "show events as `FORMAT`: text, table, tree, jsonl, or auto, which is text on a terminal, else jsonl")
	fs.StringVar(&o.columns, "columns", view.DefaultColumns, "show `KEY,...` as the columns of a table")
	fs.Lookup("columns").DefValue = "" // long, and in the text
	fs.StringVar(&o.color, "color", "auto", "use colour `WHEN`: always, never, or auto, which is on a terminal")
	fs.BoolVar(&o.wrap, "wrap", false, "do not cut long events to the width of the terminal")
	completeWords(cmd, "format", catFormats...)
	completeKeys(cmd, "columns", dotted)
	completeWords(cmd, "color", "auto", "always", "never")
}

// setView sets how events are shown.
func (o *catOptions) setView(s Streams, files []string, tty, color bool) error {
	format := o.format
	switch {
	case !slices.Contains(catFormats, format):
		return usagef("--format=%s: want auto, text, table, tree or jsonl", format)
	case o.columns != view.DefaultColumns && format != "table":
		return usagef("--columns is for a table: add --format=table")
	case o.original && format != "auto" && format != "jsonl":
		return usagef("--original prints lines as they are: drop it, or --format=%s", format)
	case format == "auto" && (!tty && o.color != "always" || len(o.outputs) > 0 || o.original):
		format = "jsonl"
	case format != "auto" && format != "jsonl" && len(o.outputs) > 0:
		return usagef("--output takes the events themselves: drop --format=%s", format)
	}
	if format == "jsonl" {
		return nil
	}
	width := 0
	if tty && !o.wrap {
		width = terminal.Width(s.Out)
	}
	local, err := o.location()
	if err != nil {
		return err
	}
	look := view.Options{Color: color, Width: width, Zone: local}
	switch format {
	case "auto", "text":
		o.show, o.separator = view.NewText(look).AppendEvent, "--\n"
	case "table":
		if o.columns != view.DefaultColumns {
			if o.columnKeys, err = selection.ParseKeys(o.columns); err != nil {
				return usagef("--columns: %w", err)
			}
		}
		o.arranger = shown{view.NewTable(look, o.columnKeys)}
	case "tree":
		live := o.follow || len(files) == 0 || slices.Contains(files, "-") || slices.ContainsFunc(files, isStream)
		o.arranger = shown{view.NewTree(look, live)}
	}
	return nil
}

// shown is a flow.Arranger that shows events.
type shown struct {
	view interface {
		Arrange(dst, lines []byte) []byte
		Rest(dst []byte) []byte
	}
}

func (s shown) Arrange(dst, lines []byte, _ *input.Input) ([]byte, error) {
	return s.view.Arrange(dst, lines), nil
}

func (s shown) Rest(dst []byte) []byte { return s.view.Rest(dst) }
