package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/selection"
)

var catFormats = []string{"auto", "text", "table", "tree", "csv", "tsv", "jsonl"}

// viewOptions are the flags of cat that say how events are shown.
type viewOptions struct {
	format   string
	template string
	color    string
	wrap     bool
	columns  string // empty: those of the format
	relative bool
}

func (o *viewOptions) register(cmd *cobra.Command) {
	defer groupFlags(cmd, flagsForOutput)
	fs := cmd.Flags()
	fs.StringVar(&o.format, "format", "auto", "show events as `FORMAT`: text, table, tree, csv, tsv, jsonl, or auto, which is text on a terminal, else jsonl")
	fs.StringVar(&o.columns, "columns", "", "show `KEY,...` as the columns of table, csv and tsv")
	fs.StringVar(&o.template, "template", "", "show each event by a `TEMPLATE` of Go's text/template")
	fs.StringVar(&o.color, "color", "auto", "use colour `WHEN`: always, never, or auto, which is on a terminal")
	fs.BoolVar(&o.wrap, "wrap", false, "wrap long events at the width of the terminal instead of cutting them")
	fs.BoolVar(&o.relative, "relative", false, "show how long ago events were, as in 3m ago")
	completeWords(cmd, "format", catFormats...)
	completeKeys(cmd, "columns", dotted)
	completeWords(cmd, "template")
	completeWords(cmd, "color", "auto", "always", "never")
}

// chosen returns the format in which events are shown.
func (o *catOptions) chosen(tty bool) (string, error) {
	format, flag := o.format, "--format="+o.format
	if !slices.Contains(catFormats, format) {
		return "", usagef("%s: %w", flag, notOneOf(format, catFormats...))
	}
	if o.template != "" {
		if format != "auto" {
			return "", usagef("--template is a format of its own: drop it, or %s", flag)
		}
		format, flag = "template", "--template"
	}
	switch {
	case o.columns != "" && format != "table" && format != "csv" && format != "tsv":
		return "", usagef("--columns is for a table: add --format=table, csv or tsv")
	case o.original && format != "auto" && format != "jsonl":
		return "", usagef("--original prints lines as they are: drop it, or %s", flag)
	case format == "auto" && (!tty && o.color != "always" || len(o.outputs) > 0 || o.original):
		return "jsonl", nil
	case format == "auto":
		return "text", nil
	}
	return format, nil
}

// setView sets how events are shown.
func (o *catOptions) setView(s Streams, files []string, tty, color bool) error {
	format, err := o.chosen(tty)
	switch {
	case err != nil:
		return err
	case o.relative && format != "text" && format != "table" && format != "tree":
		return usagef("--relative is for reading: add --format=text, table or tree")
	case format == "jsonl":
		return nil
	}
	if o.columns != "" {
		if o.columnKeys, err = selection.ParseKeys(o.columns); err != nil {
			return usagef("--columns: %w", err)
		}
	}
	local, err := o.location()
	if err != nil {
		return err
	}
	look := view.Options{Color: color, Zone: local}
	elsewhere := slices.ContainsFunc(o.outputs, func(dest string) bool { return !fanout.IsStdout(dest) })
	if elsewhere {
		look.Color = o.color == "always"
	}
	screen := tty && !elsewhere
	if screen && !o.wrap {
		look.Width = terminal.Width(s.Out)
	}
	if o.relative {
		look.Now = o.now()
	}
	o.role = fanout.Role{Text: true, Shown: true}
	switch format {
	case "text":
		if look.Wrap = o.wrap; o.wrap {
			look.Width = terminal.Width(s.Out)
		}
		text := view.NewText(look)
		o.show, o.separator = flow.Always(text.AppendEvent), "--\n"
		if text.NamesDays() {
			o.arranger = shown{text}
		}
	case "table":
		o.table = view.NewTable(look, o.columnKeys)
		o.arranger = shown{o.table}
	case "tree":
		live := o.follow || len(files) == 0 || slices.Contains(files, "-") || slices.ContainsFunc(files, isStream)
		o.arranger = shown{view.NewTree(look, live, o.jobs)}
	case "csv":
		o.setRows(view.NewCSV(o.columnKeys, screen), screen)
	case "tsv":
		o.setRows(view.NewTSV(o.columnKeys, screen), screen)
	case "template":
		if o.failing, err = view.ParseTemplate(o.template, screen); err != nil {
			return usagef("--template: %w", err)
		}
		o.show, o.role.Shown = o.failing.AppendEvent, screen
	}
	return nil
}

// now returns when --relative counts from: the start of the run, or while events are
// followed the time at which each is shown.
func (o *catOptions) now() func() time.Time {
	if o.follow {
		return time.Now
	}
	start := time.Now()
	return func() time.Time { return start }
}

// setRows shows events as rows, which are escaped if they are for a screen.
func (o *catOptions) setRows(v *view.Delimited, screen bool) {
	o.show, o.role.Shown, o.role.Header = flow.Always(v.AppendEvent), screen, v.Header()
}

// templateFailures reports at the end on how many events --template failed.
type templateFailures struct {
	flow.Failures
	of      *view.Template
	reports *report.Reporter
}

func (t *templateFailures) Add(r *flow.Result) {
	t.Failures.Add(r, func(err error) bool { return err == t.of })
}

func (t *templateFailures) End(bool) {
	if t.Events > 0 {
		t.reports.Errorf("--template: it failed on %s, the first: %s", report.Counted(t.Events, "event"), t.First)
	}
}

// A leftOut reports at the end which columns of a table did not fit.
type leftOut struct {
	of      *view.Table
	reports *report.Reporter
}

func (l leftOut) Add(*flow.Result) {}

func (l leftOut) End(bool) {
	if titles := l.of.LeftOut(); len(titles) > 0 {
		l.reports.Printf("--columns: %s did not fit: %s: ask for fewer, or use a wider terminal", report.Counted(int64(len(titles)), "column"),
			report.Shortened(strings.Join(titles, ", ")))
	}
}

// shown is a flow.Arranger that shows events.
type shown struct {
	view interface {
		Arrange(dst, lines []byte) []byte
		Rest(dst []byte) []byte
		Holds() bool
	}
}

func (s shown) Arrange(dst, lines []byte, _ *input.Input) ([]byte, error) {
	return s.view.Arrange(dst, lines), nil
}

func (s shown) Rest(dst []byte) []byte { return s.view.Rest(dst) }

func (s shown) Holds() bool { return s.view.Holds() }
