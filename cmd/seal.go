package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/seal"
)

type sealOptions struct {
	key    string
	origin string
	full   bool
	adopt  bool
	quiet  bool
}

func newSealCmd(s Streams, asked func(string) bool) *cobra.Command {
	o := &sealOptions{}
	cmd := &cobra.Command{
		Use:   "seal --key KEYFILE [flags] FILE...",
		Short: "Make logs tamper-evident",
		Long: `Seal every FILE: add the lines that came since the last time to the Merkle tree
in FILE.tlog, and sign it. FILE is not changed. Afterwards verify finds every line
that is changed, removed, inserted or moved, unless whoever did it has the key.

Every line that has its line feed is sealed, also one that is no event. A last line
without one may still be written: seal says so, and seals it once it has one, or
once the log was rotated and goes on in a new FILE.

The cost is that of the new lines, however long the log is. Only this is checked
before: that FILE is not shorter than it was, and that its last lines are those
that were sealed. If not, nothing is signed and the exit status is 1. A change
further up is not found by that, but never signed away either. With --full
everything is verified first.

Where the log was rotated, to FILE.1 and so on, the tree goes on over all of its
files, from the one on that was there when it was sealed first. With tee --seal a
log is sealed while it is written.

FILE.tlog must be a directory of your own, or of root: one that belongs to another
user, that its group or others may write to, or that is a symbolic link is refused.

An origin belongs to one log, as a name does. It is that of the key, or, where one
command seals several logs, that with the name of the file behind it. Each seal
with something new adds about 200 bytes to FILE.tlog/checkpoints.

A seal proves nothing against whoever holds both KEYFILE and the files, or puts an
older state of both back. Keep FILE.tlog/checkpoint elsewhere as well, where they
cannot reach it: verify --against shows that the log only grew since. See verify
for more.`,
		Example: example(`
# Seal a log, and keep what it was sealed as elsewhere
auditctl keygen example.com/audit -o audit.key
auditctl seal --key audit.key audit.jsonl
cat audit.jsonl.tlog/checkpoint >> anchors`),
		Args:              usageArgs(cobra.MinimumNArgs(1)),
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runSeal(cmd.Context(), s, o, files)
		},
	}
	if asked(cmd.Name()) {
		fs := cmd.Flags()
		fs.StringVar(&o.key, "key", "", "sign with the secret key in `KEYFILE`, which keygen made")
		fs.StringVar(&o.origin, "origin", "", "what the log is called in its checkpoints (default: as the key)")
		fs.BoolVar(&o.full, "full", false, "verify everything that was sealed before more is")
		fs.BoolVar(&o.adopt, "adopt", false, "go on from what another tool sealed with the same key")
		fs.BoolVarP(&o.quiet, "quiet", "q", false, "do not say what was sealed")
	}
	return cmd
}

func runSeal(ctx context.Context, s Streams, o *sealOptions, files []string) error {
	if o.key == "" {
		return usagef("which key? Add --key KEYFILE; keygen makes one")
	}
	key, err := seal.ReadKeyFile(o.key)
	if err != nil {
		return err
	}
	reports := s.reporter()
	var worst error
	for _, path := range files {
		opts := seal.Options{Origin: o.origin, DefaultOrigin: originOf(key, path, len(files)), Full: o.full, Adopt: o.adopt}
		sealed, err := seal.Log{Path: path}.Seal(ctx, key, opts)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case isNo(err):
			reports.Printf("%v", aboutLog("seal", path, err))
			if worst == nil {
				worst = statusNo
			}
		case err != nil:
			reports.Printf("%v", aboutLog("seal", path, err))
			worst = statusError
		case !o.quiet && sealed.Unended:
			reports.Printf("%s: sealed up to line %d, %d of them new; %s", path, sealed.Lines(), sealed.New, fanout.NotSealedYet)
		case !o.quiet:
			reports.Printf("%s: sealed up to line %d, %d of them new", path, sealed.Lines(), sealed.New)
		}
	}
	return worst
}

// isNo reports whether an error says that a log is not as it was sealed, or by
// another key: it is an answer.
func isNo(err error) bool {
	return errors.As(err, new(*seal.ChangedError)) || errors.Is(err, seal.ErrOtherKey)
}

// originOf returns what a log is called that has no origin yet: as the key if it is
// the only one of a command.
func originOf(key *seal.Key, path string, logs int) string {
	if logs == 1 {
		return key.Name()
	}
	return key.Name() + "/" + filepath.Base(path)
}

// aboutLog names the log in an error about it.
func aboutLog(op, path string, err error) error {
	if isNo(err) || errors.Is(err, seal.ErrNotSealed) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return report.Named(op, path, err)
}
