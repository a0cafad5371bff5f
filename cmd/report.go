package cmd

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/htmlreport"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector/jetstream"
)

type reportOptions struct {
	selectFlags
	readOptions
	redactOptions

	reportFile
	title string
	vkey  string
}

func newReportCmd(s Streams, asked arguments) *cobra.Command {
	o := &reportOptions{}
	cmd := &cobra.Command{
		Use:   "report [flags] [FILE...] -o PAGE.html",
		Short: "Make an HTML page of what happened, for an incident or an auditor",
		Long: `Make one HTML page of matching events that anybody can read with a browser: what
was read and selected, counts over time, what failed and was denied and by whom,
calls without an end, tools, agents and tokens; then the turns of each session,
in which each bar begins where its call began, so that the gaps between bars are
the time of the model. Every event is there with all its keys and its line, and
has a link, such as PAGE.html#e123. The page has a search: words, and key:value
for the value of a key. With no FILE, or if FILE is -, read standard input; FILE
may be a directory, that is all logs below it, a log of another program, or
nats://HOST/STREAM, see filter.

The page is complete in itself. It loads nothing and sends nothing, which a
policy in it makes sure of, and nothing in a log can run in it. Control and
invisible characters are shown as \u202e.

-o names the page; without it, it goes to standard output, but not to a
terminal. A file that is there is not replaced unless --truncate is given. Its
mode is 0600, like that of all files that auditctl makes. It has its name only
when it is whole: if the run is interrupted, nothing could be read, or
--invalid=fail met an invalid line, there is none.

A page carries ` + fmt.Sprint(htmlreport.MaxEvents) + ` events and ` + report.Size(htmlreport.MaxBytes) + ` of lines, which a browser opens in about two
seconds. If there are more, it has those of whole turns: first of those with an
error, a failed call or a denial, then of those with a warning or a call without
an end, then of others, and of each kind the earliest. That is said in the page
and on standard error; all counts are those of all events. Select less for the
rest, for example by -p warning, -S 1h or --session-id.

With --vkey the page says what verify says of each log, and a log that is not
intact makes the exit status 1. Without it, a sealed log is called sealed, but
not verified. Events are selected by the same flags as in filter. Times are
local, or in the zone of --tz.

` + redactHint,
		Example: `
# What happened, for somebody who does not have auditctl
auditctl report session.jsonl -o report.html

# Only what went wrong, with a title
auditctl report -p warning --title "Rate limits, 9 March" session.jsonl -o warnings.html

# What a coding agent did
auditctl example claude-code | auditctl report -o agent.html

# All logs below a directory, from the last day
auditctl report --since 24h . -o day.html

# A sealed log, of which the page says whether it was changed
auditctl keygen example.com/audit -o audit.key
auditctl seal --key audit.key session.jsonl
auditctl report --vkey audit.key.pub session.jsonl -o sealed.html`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runReport(cmd.Context(), s, o, files)
		},
	}
	if !asked.name(cmd.Name()) {
		return cmd
	}
	fs := cmd.Flags()
	o.path = "-"
	fs.VarP((*pagePath)(&o.path), "output", "o", "write the page to `FILE`")
	fs.BoolVar(&o.truncate, "truncate", false, "replace FILE if it is there")
	fs.StringVar(&o.title, "title", "Audit report", "what the page is called: `TEXT`")
	fs.StringVar(&o.vkey, "vkey", "", "verify the seals of the logs with this `KEY`, see verify")
	groupFlags(cmd, flagsForOutput)
	o.selectFlags.register(cmd)
	o.redactOptions.register(cmd, true)
	o.readOptions.register(cmd, fromAuto)
	completePaths(cmd, "vkey")
	return cmd
}

func runReport(ctx context.Context, s Streams, o *reportOptions, files []string) error {
	made := time.Now()
	query, err := o.query(ctx, made)
	if err != nil {
		return err
	}
	zone, err := o.location()
	if err != nil {
		return err
	}
	verify, err := (&verifyOptions{vkey: o.vkey}).parse()
	if err != nil {
		return err
	}
	f, opts := o.newFlow(s, files, false, false)
	if err = o.decode(f, false); err != nil {
		return err
	}
	if err = o.redactOptions.apply(f); err != nil {
		return err
	}
	if err := o.check(s, f, o.rejects); err != nil {
		return err
	}
	f.Destinations = fanout.New(opts)
	defer query.Join(f, true)()
	t := newReportTally(f, zone)
	f.Outlets = []flow.Outlet{{Take: flow.Showing(query.Match, flow.Always(t.appendNote)), Then: t}}
	f.Observe(t)
	var streams jetstream.ReaderOptions
	o.narrow(&streams, o.lineOptions)
	if err := o.openStreams(ctx, f, streams); err != nil {
		return err
	}
	seals := &sealChecks{reports: f.Reports, options: verify}
	page := &htmlreport.Page{
		Title: o.title, Program: name + " " + version(), Made: made, Zone: zone, Selected: o.words(made, zone), Kept: &t.kept,
	}
	if f.Redaction != nil { // what events had to be may be a secret
		for i, words := range page.Selected {
			page.Selected[i] = string(f.Redaction.AppendText(nil, []byte(words)))
		}
	}
	f.Conclude = func(stopped error) error {
		if stopped != nil || f.NothingRead() || f.Invalid == flow.FailInvalid && f.AnyInvalid() {
			f.MarkIncomplete()
			return stopped
		}
		page.Stats, page.Files = t.summary.Report(), t.sources(func(path string) htmlreport.Seal { return seals.check(ctx, path) })
		if ctx.Err() != nil {
			f.MarkIncomplete()
			return context.Cause(ctx)
		}
		o.deliver(s, f, page)
		return nil
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	if err := statusOf(f); err != nil {
		return err
	}
	if seals.changed {
		return statusNo
	}
	return nil
}

// deliver writes the page, and says how much it does not have.
func (o *reportOptions) deliver(s Streams, f *flow.Flow, page *htmlreport.Page) {
	if err := o.write(s, page.Write); err != nil {
		f.MarkIncomplete()
		if !errors.Is(err, syscall.EPIPE) {
			f.Reports.Errorf("%v", err)
		}
		return
	}
	if left := page.Kept.LeftOut(); left > 0 {
		f.Reports.Printf("%d of %d events are counted, but not on the page: select less, for example with -p warning, -S 1h or --session-id",
			left, page.Stats.Events)
	}
}
