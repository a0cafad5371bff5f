package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"auditctl/pkg/seal"
)

type verifyOptions struct {
	vkey        string
	origin      string
	against     string
	allowPruned bool
	proof       string
	bundle      string
	output      string
	json        bool
	quiet       bool
}

func newVerifyCmd(s Streams, asked arguments) *cobra.Command {
	o := &verifyOptions{}
	cmd := &cobra.Command{
		Use:        "verify [flags] FILE...",
		SuggestFor: []string{"check", "validate", "audit"},
		Short:      "Verify that sealed logs are unchanged",
		Long: `Recompute the Merkle tree of every FILE from its bytes, compare it with what was
sealed, and print one line for each FILE:

  intact      every sealed line is as it was sealed
  UNANCHORED  the same, but nothing outside the files vouches for the seal: no
              key was given, so whoever can write to the log may have sealed it
  changed     a line was changed, or a file in FILE.tlog; names the first such
              line
  truncated   lines are missing at the end, or a whole file that was rotated
  not by this key
              the seal is not signed by the given key
  unsealed    so many lines came after the seal; they are not protected yet
  erased      so many lines were taken out with erase by who has the key, which
              is no change: the last erasures are named, all with --json
  still there lines are listed as erased, but an erasure was interrupted or the
              log restored: erase them again

This proves that no line up to the seal was changed, removed, inserted or moved
since, unless whoever did it has the secret key. It does not prove that what was
logged is true, nor what happened to lines before they were sealed, nor that the
log and FILE.tlog were not both restored to an older state, or FILE.tlog
deleted, and later lines sealed as if they were new. And whoever has the secret
key and the files can rewrite everything.

All but the first two are ruled out by a checkpoint kept elsewhere: a copy of
FILE.tlog/checkpoint on another machine, in a git repository, or with a witness.
With --against, verify finds a log that did not grow from it. The file may have
several checkpoints, one after the other; those of other origins are ignored. If
lines were erased, --vkey is needed, too: no checkpoint says who erased them.

Whatever is not checked is listed, one per line, and counts for nothing:
signatures by other keys, such as those of witnesses (not verified), and files
in FILE.tlog that no checkpoint needs (not checked), which an interrupted seal
may leave.

With --bundle, check a bundle written by prove, without the log: that its lines
are in the log of that origin, at these places. It does not prove that they are
all lines of their kind: others may have been left out. With --against, the
checkpoint of the bundle must be one of those. --output writes its lines to a
new file, or to standard output, once all of them are proven. A - stands for
standard input. The bundle may be compressed with gzip or Zstandard. With --proof, check one line on standard input against a proof
written by prove; or, with --against, that a log only grew.

Exit status: 0 intact or UNANCHORED, also with unsealed lines; 1 changed,
truncated, or not by this key; 2 an error.`,
		Example: `
# Seal a log and verify it
auditctl keygen example.com/audit -o audit.key
auditctl seal --key audit.key audit.jsonl
auditctl verify --vkey audit.key.pub audit.jsonl

# Has the log only grown since a checkpoint was saved?
cat audit.jsonl.tlog/checkpoint >> anchors
auditctl verify --vkey audit.key.pub --against anchors audit.jsonl

# Show somebody one line, and prove that it is in the log
auditctl prove --line 3 audit.jsonl > line3.proof
sed -n 3p audit.jsonl | auditctl verify --vkey audit.key.pub --proof line3.proof

# Several lines: check them, and count what failed
auditctl prove --lines 10-30 audit.jsonl > lines.bundle
auditctl verify --vkey audit.key.pub --bundle lines.bundle -o - | auditctl filter -c -t '*_failure'`,
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runVerify(cmd.Context(), s, o, files)
		},
	}
	if asked.name(cmd.Name()) {
		fs := cmd.Flags()
		fs.StringVar(&o.vkey, "vkey", "", "verifier `KEY` that must have signed the seal: the file that keygen wrote, or the key itself")
		completePaths(cmd, "vkey")
		fs.StringVar(&o.origin, "origin", "", "name that the log must have in its checkpoints")
		fs.StringVar(&o.against, "against", "", "require that the log grew from the checkpoints in `FILE`")
		fs.BoolVar(&o.allowPruned, "allow-pruned", false, "allow the oldest files of a rotated log to be missing")
		fs.StringVar(&o.proof, "proof", "", "check the proof in `FILE` instead of logs")
		fs.StringVar(&o.bundle, "bundle", "", "check the bundle in `FILE` instead of logs")
		groupFlags(cmd, flagsForInput)
		fs.StringVarP(&o.output, "output", "o", "", "write the lines of the bundle to the new file `FILE`, once they are proven")
		completePaths(cmd, "output")
		fs.BoolVar(&o.json, "json", false, "print one JSON object for each log")
		fs.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing; the exit status is the answer")
		groupFlags(cmd, flagsForOutput)
	}
	return cmd
}

func runVerify(ctx context.Context, s Streams, o *verifyOptions, files []string) error {
	opts, err := o.parse()
	if err != nil {
		return err
	}
	switch {
	case o.bundle != "" && len(files) > 0:
		return usagef("--bundle does not need the log: drop %s", files[0])
	case o.bundle != "" && o.proof != "":
		return usagef("--bundle has its own proofs: drop --proof")
	case o.bundle != "" && o.allowPruned:
		return usagef("--bundle is not about a log's files: drop --allow-pruned")
	case o.bundle != "":
		return runVerifyBundle(s, o, opts)
	case o.output != "":
		return usagef("--output is for the lines of a bundle: add --bundle FILE")
	case o.proof != "" && len(files) > 0:
		return usagef("--proof does not need the log: drop %s", files[0])
	case o.proof != "" && o.allowPruned:
		return usagef("--proof is not about a log's files: drop --allow-pruned")
	case o.proof != "":
		return runVerifyProof(s, o, opts)
	case len(files) == 0:
		return usagef("which FILE?")
	}
	reports := s.reporter()
	var worst error
	for _, path := range files {
		r, err := seal.Log{Path: path}.Verify(ctx, opts)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			err = aboutLog("verify", path, err)
		} else {
			err = o.print(s.Out, verdict{File: path, Report: r})
		}
		switch {
		case err != nil:
			reports.Printf("%v", err)
			worst = statusError
		case !r.Verdict.OK() && worst == nil:
			worst = statusNo
		}
	}
	return worst
}

// parse reads the files that the flags name.
func (o *verifyOptions) parse() (seal.VerifyOptions, error) {
	opts := seal.VerifyOptions{Origin: o.origin, AllowPruned: o.allowPruned}
	if o.vkey != "" {
		v, err := readVerifier(o.vkey)
		if err != nil {
			return opts, err
		}
		opts.Verifier = v
	}
	if o.against == "" {
		return opts, nil
	}
	var err error
	if opts.Against, err = seal.ReadFile(o.against); err != nil {
		return opts, err
	}
	if len(opts.Against) == 0 {
		return opts, fmt.Errorf("%s: there is no checkpoint in it", o.against)
	}
	return opts, nil
}
