package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/seal"
)

type proveOptions struct {
	line  int64
	since string
}

func newProveCmd(s Streams, asked func(string) bool) *cobra.Command {
	o := &proveOptions{}
	cmd := &cobra.Command{
		Use:   "prove (--line N | --since CHECKPOINT) FILE",
		Short: "Prove that a line is in a sealed log, or that the log only grew",
		Long: `Write a proof of a few hundred bytes to standard output, which can be checked
without the log.

With --line, it proves that a line is in FILE as last sealed. Lines count from
1; if FILE was rotated, from the first line of its oldest file. Anybody who gets
the line and the proof can check them with verify --proof. The format is
c2sp.org/tlog-proof, which counts from 0.

With --since, it proves that FILE grew from what it was in a checkpoint, an
older copy of FILE.tlog/checkpoint, only by lines added at its end. verify
--proof --against checks that. The format is that of a request to a witness
(c2sp.org/tlog-witness, add-checkpoint): a witness answers it with cosignatures,
lines to add to a copy of the checkpoint.

No signature is verified or relied on: those in CHECKPOINT by keys other than
the ones that signed the newest checkpoint of the log, such as those of
witnesses, are named on standard error.

It is an error if the log was never sealed, or the line is not sealed yet. If
FILE did not grow from the checkpoint, the exit status is 1.`,
		Example: `
# Seal a log, and prove that its third line is in it
auditctl keygen example.com/audit -o audit.key
auditctl seal --key audit.key audit.jsonl
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
			return runProve(s, o, files[0], cmd.Flags().Changed("line"))
		},
	}
	if asked(cmd.Name()) {
		cmd.Flags().Int64Var(&o.line, "line", 0, "prove that line `N`, counted from 1, is in FILE")
		cmd.Flags().StringVar(&o.since, "since", "", "prove that FILE grew from the checkpoint in the file `CHECKPOINT`")
	}
	return cmd
}

func runProve(s Streams, o *proveOptions, path string, line bool) error {
	if line == (o.since != "") {
		return usagef("prove what? Add either --line N or --since CHECKPOINT")
	}
	reports := s.reporter()
	log := seal.Log{Path: path}
	var proof []byte
	var err error
	if line {
		if proof, err = log.ProveLine(o.line); err == nil {
			err = sayIfErased(reports, log, o.line)
		}
	} else {
		var earlier []byte
		if earlier, err = seal.ReadFile(o.since); err != nil {
			return err
		}
		if proof, err = log.ProveGrowth(earlier); err == nil {
			warnOfOthers(reports, o.since, earlier, proof)
		}
	}
	switch {
	case err == nil:
		if _, err := terminal.Guard(s.Out).Write(proof); err != nil {
			return report.Named("write", "stdout", err)
		}
		return nil
	case isNo(err):
		reports.Printf("%v", aboutLog("prove", path, err))
		return statusNo
	}
	return aboutLog("prove", path, err)
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
