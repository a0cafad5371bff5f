package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
	"auditctl/pkg/repair"
)

type repairOptions struct {
	lineOptions
	outputOptions
	inPlace bool
}

func newRepairCmd(s Streams, asked arguments) *cobra.Command {
	o := &repairOptions{}
	cmd := &cobra.Command{
		Use:        "repair [flags] [FILE...]",
		SuggestFor: []string{"fix", "recover"},
		Short:      "Recover the events of a damaged log",
		Long: `Print the events of logs that were damaged by a crash, a full disk or careless
writers, byte for byte and in order, to standard output or to every --output
DEST. With no FILE, or if FILE is -, read standard input.

On a line that is not an event, repair recovers the events that follow one
another, that follow an event that was cut off, or that lie among NUL bytes,
provided they can be nothing else. It also recovers the elements of a JSON array
that has each of them on one line. The rest of such a line, except for NUL
bytes, byte order marks and the punctuation of the array, is reported, written
to --rejects, and makes the exit status 3.

A message for each FILE says what was recovered. --invalid=skip omits only the
reports about the rest, and the exit status is then 0.

Inputs are not changed. Only --in-place replaces each FILE that is damaged: the
new file is written next to it, synced and put in its place, with the mode of
the old one, which is kept as FILE.bak. Other auditctl processes that append to
FILE wait meanwhile.`,
		Example: `
# Recover what is left after a crash
auditctl repair --rejects rest.txt audit.jsonl > whole.jsonl

# Repair a file; the damaged one is kept as audit.jsonl.bak
auditctl repair --in-place audit.jsonl`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			if o.inPlace {
				return runRepairInPlace(cmd.Context(), s, o, files)
			}
			return runRepair(cmd.Context(), s, o, files)
		},
	}
	if asked.name(cmd.Name()) {
		cmd.Flags().BoolVar(&o.inPlace, "in-place", false, "replace damaged files; the old ones are kept as FILE.bak")
		o.outputOptions.register(cmd)
		o.lineOptions.register(cmd)
	}
	return cmd
}

func runRepair(ctx context.Context, s Streams, o *repairOptions, files []string) error {
	f, _, err := newRepairFlow(s, o, files)
	if err != nil {
		return err
	}
	outputs := o.outputs
	if len(outputs) == 0 {
		outputs = []string{"-"}
	}
	if f.Outlets[0].To, err = f.Destinations.Add(fanout.Role{}, outputs...); err != nil {
		return err
	}
	if err := o.run(ctx, s, f); err != nil {
		return err
	}
	return statusOf(f)
}

// newRepairFlow returns a flow of the events of files, including those on damaged
// lines. The caller adds their destinations.
func newRepairFlow(s Streams, o *repairOptions, files []string) (*flow.Flow, *repairReport, error) {
	f, opts := o.newFlow(s, files)
	if err := o.apply(&opts); err != nil {
		return nil, nil, err
	}
	f.Destinations = fanout.New(opts)
	f.Outlets = []flow.Outlet{{Take: flow.Showing(flow.Every, flow.AppendLine)}}
	f.Recover = true
	repairs := &repairReport{reports: f.Reports}
	f.Observe(repairs)
	return f, repairs, nil
}

// runRepairInPlace repairs each file on its own.
func runRepairInPlace(ctx context.Context, s Streams, o *repairOptions, files []string) error {
	switch {
	case len(files) == 0:
		return usagef("--in-place: which FILE?")
	case len(o.outputs) > 0:
		return usagef("--in-place writes to the files themselves: drop --output")
	case o.rotation != (collector.Rotation{}) || o.compress != "":
		return usagef("--in-place rotates nothing: drop --rotate-...")
	}
	var worst error
	for _, path := range files {
		err := repairFile(ctx, s, *o, path)
		if status := exitStatus(0); err != nil && !errors.As(err, &status) {
			var interrupted interruption
			if errors.As(err, &interrupted) || isUsage(err) {
				return err
			}
			s.reporter().Errorf("%v", err)
			err = statusError
		}
		if worst != statusError && err != nil {
			worst = err
		}
	}
	return worst
}

// repairFile replaces a file by the events that can be recovered from it.
func repairFile(ctx context.Context, s Streams, o repairOptions, path string) error {
	f, repairs, err := newRepairFlow(s, &o, []string{path})
	if err != nil {
		return err
	}
	repairs.silent = true
	var status error
	backup, err := repair.InPlace(path, func(to *os.File) (damaged bool, err error) {
		if f.Outlets[0].To, err = f.Destinations.AddWriter(to.Name(), to); err != nil {
			return false, err
		}
		if err := o.run(ctx, s, f); err != nil {
			return false, err
		}
		status = statusOf(f)
		switch {
		case status == statusError:
			return false, status
		case repairs.long > 0:
			return false, fmt.Errorf("%s: %s longer than --max-line: raise it", path, report.Counted(repairs.long, "line"))
		}
		return repairs.damaged > 0, nil
	})
	switch {
	case errors.Is(err, repair.ErrCompressed):
		return fmt.Errorf("%s is compressed: repair it into another file with --output", path)
	case err != nil:
		return err
	case backup == "":
		f.Reports.Printf("%s: nothing to repair", path)
	default:
		f.Reports.Printf("%s: %s; the old file is %s", path, repairs, backup)
	}
	return status
}
