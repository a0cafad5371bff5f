package cmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/terminal"
	"auditctl/cmd/internal/view"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/reconcile"
)

type reconcileOptions struct {
	selectFlags
	readOptions
	redactOptions
	pagerOptions

	with  []string
	json  bool
	quiet bool
	color string
}

func newReconcileCmd(s Streams, asked arguments) *cobra.Command {
	o := &reconcileOptions{}
	cmd := &cobra.Command{
		Use:        "reconcile [flags] [FILE...] --with FILE",
		SuggestFor: []string{"compare", "diff", "missing", "crosscheck"},
		Short:      "Find calls that one record has and another lacks",
		Long:       reconcileHelp + "\n\n" + redactHint + "\n\n" + colorHelp + "\n\n" + pagerHelp,
		Example: `
# Which calls of a session did its hooks not record?
auditctl example claude-code > transcript.jsonl
auditctl example hooks > hooks.jsonl
auditctl reconcile transcript.jsonl --with hooks.jsonl | less

# The last day of a log against all transcripts, in a job that runs every night
auditctl reconcile -q -S 24h audit.jsonl --with . || echo "calls are missing"

# Which calls differ, for a program
auditctl reconcile --json transcript.jsonl --with hooks.jsonl > differences.json ||
    test $? = 1`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			paged := o.pages(s, append(slices.Clip(files), o.with...)) && o.rejects == "" && o.cursor == ""
			return s.paged(cmd.Context(), paged, func(ctx context.Context, s Streams) error {
				return runReconcile(ctx, s, o, files)
			})
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&o.with, "with", nil, "compare with the record in `FILE`; repeatable")
	groupFlags(cmd, flagsForInput)
	fs.BoolVar(&o.json, "json", false, "print one JSON object")
	fs.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing; the exit status is the answer")
	fs.StringVar(&o.color, "color", "auto", "use colour `WHEN`: always, never, or auto, which is on a terminal")
	o.pagerOptions.register(cmd)
	groupFlags(cmd, flagsForOutput)
	o.registerGlobs(cmd, "session-id", "agent-id", "tool-name")
	o.registerTimes(cmd)
	groupFlags(cmd, flagsForSelection)
	o.redactOptions.register(cmd, true)
	o.readOptions.register(cmd, fromAuto)
	completePaths(cmd, "with")
	completeWords(cmd, "color", "auto", "always", "never")
	return cmd
}

func runReconcile(ctx context.Context, s Streams, o *reconcileOptions, files []string) error {
	query, err := o.query(ctx, time.Now())
	if err != nil {
		return err
	}
	color, err := wantsColor(o.color, s.Out)
	if err != nil {
		return err
	}
	zone, err := o.location()
	if err != nil {
		return err
	}
	switch {
	case len(o.with) == 0:
		return usagef("compare with what? add --with FILE")
	case o.quiet && o.json:
		return usagef("-q prints nothing: drop it, or --json")
	case o.readsTwice(files):
		return usagef("standard input is read only once: name a FILE")
	}
	f, opts := o.newFlow(s, files, false, o.quiet)
	if err = o.decode(f, o.quiet); err != nil {
		return err
	}
	if err = o.redactOptions.apply(f); err != nil {
		return err
	}
	if f.Redaction != nil {
		f.Redaction.Quiet = o.quiet
	}
	t := o.newReconciling(s, f, files)
	setInputs(&opts, f)
	f.Destinations = fanout.New(opts)
	defer query.Join(f, !o.quiet)()
	f.Outlets = []flow.Outlet{{Take: flow.Showing(query.Match, flow.Always(reconcile.AppendNote)), Then: t}}
	f.Observe(t)
	var streams jetstream.ReaderOptions
	o.narrow(&streams, o.lineOptions)
	if err := o.openStreams(ctx, f, streams); err != nil {
		return err
	}
	var found *reconcile.Report
	f.Conclude = func(stopped error) error {
		if stopped != nil || t.failed || f.Invalid == flow.FailInvalid && f.AnyInvalid() {
			f.MarkIncomplete() // what was not read would seem to be missing
			return stopped
		}
		if name := t.withoutEvents(); name != "" {
			f.MarkIncomplete()
			f.Reports.Errorf("%s has no events, only other lines: nothing is compared", name)
			return nil
		}
		found = t.Report()
		if o.quiet {
			return nil
		}
		look := view.Options{Color: color, Width: terminal.Width(s.Out), Zone: zone}
		text, err := rendered(found, o.json, func(r *reconcile.Report) []byte { return view.NewReconciled(look, r).Text() })
		if err == nil {
			f.Print(s.Out, text)
		}
		return err
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	if err := statusOf(f); err != nil {
		return err
	}
	if found != nil && !found.OK() {
		return statusNo
	}
	return nil
}

// readsTwice reports whether standard input would be read for two records.
func (o *reconcileOptions) readsTwice(files []string) bool {
	n := 0
	for _, path := range append(slices.Clip(files), o.with...) {
		if path == "-" {
			n++
		}
	}
	return n > 1 || n == 1 && len(files) == 0
}

// A reconciling is a flow.Locator and a flow.Observer that compares records.
type reconciling struct {
	*reconcile.Reconciler
	names       []string
	records     map[*input.Input]int
	lines       []int64
	events, bad []int64 // of each record: its events, and its lines that are none
	failed      bool    // an input could not be read, or not to its end
}

// newReconciling adds the other records to a flow of the first one, and makes it read all of
// them abreast.
func (o *reconcileOptions) newReconciling(s Streams, f *flow.Flow, files []string) *reconciling {
	t := &reconciling{records: map[*input.Input]int{}}
	groups := [][]*input.Input{f.Inputs}
	names := []string{recordName(files, nil)}
	for _, path := range o.with {
		inputs, dirs := input.WithLogs(input.New([]string{path}, s.In), false)
		groups, names = append(groups, inputs), append(names, recordName([]string{path}, names))
		f.Inputs, f.Directories = append(f.Inputs, inputs...), append(f.Directories, dirs...)
	}
	for i, inputs := range groups {
		for _, in := range inputs {
			t.records[in] = i
		}
	}
	t.Reconciler, t.names = reconcile.New(names...), names
	t.events, t.bad = make([]int64, len(names)), make([]int64, len(names))
	t.Selected = o.selects()
	f.Read = func(_ []*input.Input, opts *input.Options) input.Source {
		all := make([]*input.Options, len(groups))
		for i := range all {
			own := *opts
			if own.From != nil && i > 0 { // a decoder takes what it has seen before for a copy
				own.From = own.From.Another()
			}
			all[i] = &own
		}
		return input.Abreast(groups, all, t.Next)
	}
	return t
}

// recordName returns a name for a record that none of the others has.
func recordName(files, others []string) string {
	name := "stdin"
	if len(files) > 0 && files[0] != "-" {
		name = files[0]
	}
	if len(files) > 1 {
		name = fmt.Sprintf("%s and %d more", name, len(files)-1)
	}
	for i, base := 2, name; slices.Contains(others, name); i++ {
		name = fmt.Sprintf("%s (%d)", base, i)
	}
	return name
}

func (t *reconciling) Locate(lines []int64) { t.lines = lines }

func (t *reconciling) Arrange(dst, notes []byte, in *input.Input) ([]byte, error) {
	t.AddNotes(t.records[in], in.Name(), t.lines, notes)
	return dst, nil
}

func (t *reconciling) Rest(dst []byte) []byte { return dst }

// Holds reports that what is compared is not printed yet.
func (t *reconciling) Holds() bool { return true }

func (t *reconciling) Add(r *flow.Result) {
	record := t.records[r.Block.Input]
	t.events[record] += r.Events
	t.bad[record] += r.Bad
	t.failed = t.failed || r.Block.Err != nil
}

// withoutEvents returns the name of a record that has lines, but no event, "" if there is
// none: it is not what it was taken for, and would seem to lack everything.
func (t *reconciling) withoutEvents() string {
	for i, name := range t.names {
		if t.events[i] == 0 && t.bad[i] > 0 {
			return name
		}
	}
	return ""
}

func (t *reconciling) End(bool) {}
