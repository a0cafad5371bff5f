package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
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

func newSealCmd(s Streams, asked arguments) *cobra.Command {
	o := &sealOptions{}
	cmd := &cobra.Command{
		Use:        "seal --key KEYFILE [flags] FILE...",
		SuggestFor: []string{"sign"},
		Short:      "Make logs tamper-evident",
		Long: `Seal every FILE: add the lines that are new since the last seal to the Merkle
tree in FILE.tlog, and sign it. FILE is not changed. From then on verify finds
every line that is changed, removed, inserted or moved, unless whoever did it
has the key.

Every line that ends with a line feed is sealed, event or not. A last line
without one may be unfinished: seal says so, and seals it once it has its line
feed, or once the log was rotated and continues in a new FILE.

The cost depends only on the new lines, however long the log is. Before signing,
seal checks only that FILE is not shorter than it was, and that its last sealed
lines are unchanged. If they are not, nothing is signed and the exit status is
1. Changes further up are not found this way, but are not covered up by the new
seal either. With --full everything is verified first.

If the log was rotated, to FILE.1 and so on, the tree covers all of its files,
beginning with the one that was FILE when it was first sealed. With tee --seal a
log is sealed while it is written.

FILE.tlog must be a directory owned by you or by root: one that is owned by
another user, writable by its group or others, or a symbolic link is refused.

An origin is the name of one log only. By default it is the name of the key,
followed by a slash and the name of the file if one command seals several logs.
Each seal that covers new lines adds about 200 bytes to FILE.tlog/checkpoints.

A seal proves nothing against somebody who has both KEYFILE and the files, or
who restores an older state of FILE and FILE.tlog together. Keep copies of
FILE.tlog/checkpoint out of their reach: verify --against shows that the log has
only grown since. See verify for more.`,
		Example: `
# Seal a log, and collect its checkpoints to keep them elsewhere
auditctl keygen example.com/audit -o audit.key
auditctl seal --key audit.key audit.jsonl
cat audit.jsonl.tlog/checkpoint >> anchors`,
		Args:              wantArgs(1, math.MaxInt, "FILE"),
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runSeal(cmd.Context(), s, o, files)
		},
	}
	if asked.name(cmd.Name()) {
		fs := cmd.Flags()
		fs.StringVar(&o.key, "key", "", "sign with the secret key in `KEYFILE`, as made by keygen")
		fs.StringVar(&o.origin, "origin", "", "name of the log in its checkpoints (default: that of the key)")
		fs.BoolVar(&o.full, "full", false, "verify everything that is sealed before sealing more")
		fs.BoolVar(&o.adopt, "adopt", false, "continue what another tool sealed with the same key")
		fs.BoolVarP(&o.quiet, "quiet", "q", false, "do not report what was sealed")
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
		case o.quiet:
		case sealed.Unended:
			reports.Printf("%s: sealed up to line %d, %d of them new; %s", path, sealed.Lines(), sealed.New, fanout.NotSealedYet)
		default:
			reports.Printf("%s: sealed up to line %d, %d of them new", path, sealed.Lines(), sealed.New)
		}
		if is := input.DocumentAt(path); err == nil && is != nil && !o.quiet {
			reports.Printf("%s: it is %s: its lines are sealed, not its records, each of which may be on several lines", path, is.Name())
		}
	}
	return worst
}

// isNo reports whether an error is the answer no: the log is not as it was sealed, or
// was sealed with another key.
func isNo(err error) bool {
	return errors.As(err, new(*seal.ChangedError)) || errors.Is(err, seal.ErrOtherKey)
}

// originOf returns the origin of a log that has none yet: the name of the key, and that
// of the file as well if a command has several logs.
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
