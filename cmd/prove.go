package cmd

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/seal"
)

type proveOptions struct {
	selectFlags
	lineOptions
	line   int64
	lines  []string
	since  string
	output string

	chosen seal.Lines // what lines is
}

func newProveCmd(s Streams, asked arguments) *cobra.Command {
	o := &proveOptions{selectFlags: selectFlags{sinceFlag: "since-time"}}
	cmd := &cobra.Command{
		Use:        "prove [flags] FILE",
		SuggestFor: []string{"bundle", "attest", "evidence", "export"},
		Short:      "Prove that lines are in a sealed log, or that the log only grew",
		Long: `Write a proof to standard output, which can be checked without the log.

With --lines, or flags that select events as in filter, it is a bundle: the
lines, as they are, with what proves that they are in FILE as last sealed, for
an auditor who does not get the log. verify --bundle checks it. What is left out
cannot be read from it, but short lines may be guessed by their hashes, see tee
--nonce. It proves that its lines are in FILE, at these places; it does not
prove that they are all that match, but between two lines without a gap there
was no other. The format is auditctl's own, see 'go doc auditctl/pkg/seal'.

Of lines that were erased it has the events in their place, and the signed list
of all erasures. Lines that match and are not sealed yet are counted on standard
error. Lines that are not events can be chosen by --lines only. If a line is not
the one that was sealed, that is said, and what was written so far is no bundle.

With --line, it is a proof of a few hundred bytes that one line is in FILE.
Anybody who gets the line and the proof can check them with verify --proof. The
format is c2sp.org/tlog-proof, which counts from 0.

With --since, it proves that FILE grew from what it was in a checkpoint, an
older copy of FILE.tlog/checkpoint, only by lines added at its end. verify
--proof --against checks that. The format is that of a request to a witness
(c2sp.org/tlog-witness, add-checkpoint): a witness answers it with cosignatures,
lines to add to a copy of the checkpoint.

Lines count from 1; if FILE was rotated, from the first line of its oldest file.

No signature is verified or relied on: those in CHECKPOINT by keys other than
the ones that signed the newest checkpoint of the log, such as those of
witnesses, are named on standard error.

It is an error if the log was never sealed, or a line is not sealed yet. Exit
status: 1 if no line matches, a line was changed, or FILE did not grow from the
checkpoint; 3 if flags select and some lines are not events.`,
		Example: `
# Seal a log, and give somebody some of its lines with proofs, instead of the log
auditctl keygen example.com/audit -o audit.key
auditctl seal --key audit.key audit.jsonl
auditctl prove --lines 3,17-20 audit.jsonl > lines.bundle
auditctl prove -t 'error,*_failure' audit.jsonl -o failures.bundle
auditctl verify --vkey audit.key.pub --bundle failures.bundle

# Prove that the third line is in it, for other tools as well
auditctl prove --line 3 audit.jsonl > line3.proof

# Prove that it only grew since a checkpoint
cp audit.jsonl.tlog/checkpoint before
auditctl emit error --error-message "out of memory" -o audit.jsonl
auditctl seal --key audit.key audit.jsonl
auditctl prove --since before audit.jsonl > grew.proof
auditctl verify --vkey audit.key.pub --proof grew.proof --against before`,
		Args:              wantArgs(1, 1, "FILE"),
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runProve(cmd.Context(), s, o, files[0], cmd.Flags().Changed("line"))
		},
	}
	if asked.name(cmd.Name()) {
		fs := cmd.Flags()
		fs.StringArrayVar(&o.lines, "lines", nil, "prove that the lines in `LIST`, such as 3,17-20, are in FILE; repeatable")
		fs.Int64Var(&o.line, "line", 0, "prove that line `N`, counted from 1, is in FILE")
		o.selectFlags.register(cmd)
		fs.StringVarP(&o.output, "output", "o", "-", "write to the new file `FILE`")
		completePaths(cmd, "output")
		groupFlags(cmd, flagsForOutput)
		fs.StringVar(&o.since, "since", "", "prove that FILE grew from the checkpoint in the file `CHECKPOINT`")
		o.lineOptions.register(cmd)
	}
	return cmd
}

func runProve(ctx context.Context, s Streams, o *proveOptions, path string, line bool) error {
	several := len(o.lines) > 0 || o.selects()
	switch {
	case !line && o.since == "" && !several:
		return usagef("prove what? Add --lines LIST, flags that select events such as -t TYPE, --line N, or --since CHECKPOINT")
	case line && o.since != "", o.since != "" && several:
		return usagef("--since is about the whole log: drop it, or what chooses lines; for a time, write -S TIME")
	case line && several:
		return usagef("--line proves one line: drop it, or write --lines %d", o.line)
	}
	if o.rejects != "" && !o.selects() {
		return usagef("--rejects is for flags that select events: drop it")
	}
	var err error
	if o.chosen, err = parseLines("lines", o.lines); err != nil {
		return err
	}
	reports := s.reporter()
	out := &proofOutput{path: o.output, stdout: s.Out}
	if err := out.check(); err != nil {
		return err
	}
	var status error
	err = out.write(func() (err error) {
		switch {
		case several:
			status, err = o.bundle(ctx, s, reports, path, out)
			return err
		case line:
			return o.proveLine(reports, path, out)
		}
		return o.proveGrowth(reports, path, out)
	})
	switch {
	case err == nil:
		return status
	case errors.As(err, new(exitStatus)), isUsage(err):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case out.err != nil:
		return out.err
	case isNo(err), err == errNothing:
		reports.Printf("%s: %v", path, err)
		return statusNo
	}
	return aboutLog("prove", path, err)
}

// parseLines parses lists of lines, the values of a flag.
func parseLines(flag string, lists []string) (seal.Lines, error) {
	var ranges []seal.LineRange
	for _, list := range lists {
		lines, err := seal.ParseLines(list)
		if err != nil {
			return nil, usagef("--%s %w", flag, err)
		}
		ranges = append(ranges, lines...)
	}
	return seal.LinesOf(ranges...), nil
}

func (o *proveOptions) proveLine(reports *report.Reporter, path string, out *proofOutput) error {
	log := seal.Log{Path: path}
	proof, err := log.ProveLine(o.line)
	if err == nil {
		err = sayIfErased(reports, log, o.line)
	}
	if err == nil {
		_, err = out.Write(proof)
	}
	return err
}

// sayIfErased says that the proof of an erased line does not prove what is in its place.
func sayIfErased(reports *report.Reporter, log seal.Log, line int64) error {
	erasures, err := log.Erasures()
	for _, e := range erasures {
		if e.Lines.Has(line) {
			reports.Printf("%s: line %d was erased: the proof is of what it was, by its leaf hash", log.Path, line)
		}
	}
	return err
}

func (o *proveOptions) proveGrowth(reports *report.Reporter, path string, out *proofOutput) error {
	earlier, err := seal.ReadFile(o.since)
	if err != nil {
		return err
	}
	proof, err := seal.Log{Path: path}.ProveGrowth(earlier)
	if err != nil {
		return err
	}
	warnOfOthers(reports, o.since, earlier, proof)
	_, err = out.Write(proof)
	return err
}

// warnOfOthers names the signatures of the checkpoint from which a log grew, except
// those by keys that signed the newest one as well.
func warnOfOthers(reports *report.Reporter, path string, earlier, proof []byte) {
	before, _ := seal.ParseCheckpoint(earlier, nil)
	now, _ := seal.VerifyGrowth(earlier, proof, nil)
	for _, name := range before.Unverified() {
		if !slices.Contains(now.Unverified(), name) {
			reports.Printf("%s: not verified: the signature of %s", path, name)
		}
	}
}
