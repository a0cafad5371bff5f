package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/index"
)

type indexOptions struct {
	quiet      bool
	noProgress bool
}

func newIndexCmd(s Streams, asked arguments) *cobra.Command {
	o := &indexOptions{}
	cmd := &cobra.Command{
		Use:        "index [flags] FILE...",
		SuggestFor: []string{"reindex", "catalog"},
		Short:      "Make questions about large logs fast",
		Long: `Write what is in every FILE to FILE.idx: for each block of about 1 MiB how many
lines and events it has, from when, of which types, severities, agents and
tools, a filter of the session, turn and call ids, and a checksum. From then on
filter, cat and stats do not read blocks that cannot hold what is asked for. The
answer is the same as without. If FILE is a directory, this means all logs below
it.

Every line is read and checked; invalid lines are counted, and the exit status
is still 0. Blocks with invalid lines are read whenever FILE is. FILE is not
changed. FILE.idx takes less than 1 % of its size. It can be deleted at any time.

FILE.idx is used while FILE has the size, the inode and the change time that it
had. If FILE has grown, all blocks are compared with their checksums first, which
takes about half as long as reading the lines, and what was added is read; index
run again reads only that and makes FILE.idx hold again. tee --index keeps it so
while it appends. Any other change makes FILE.idx void: commands say so, and read
FILE.

FILE.idx is used only if it is a regular file that belongs to whoever reads FILE,
or to root, and that nobody else may write to. It has mode 0600, since it has the
key of its checksums: only its owner and root can use it. Whoever may write as
one of them may also forge it: --no-index does not believe it, nor do verify,
prove, report, reconcile and erase.

There is none of standard input and streams, and none of what is not read line by
line as it is: compressed files, other programs' logs, JSON arrays. A file named
FILE.idx that is no index is not overwritten.`,
		Example: `
# Index a log, and ask it for what is rare
auditctl index audit.jsonl
auditctl filter -t error audit.jsonl

# After it has grown: only what is new is read
auditctl index audit.jsonl
`,
		Args:              wantArgs(1, math.MaxInt, "FILE"),
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runIndex(cmd.Context(), s, o, files)
		},
	}
	if asked.name(cmd.Name()) {
		fs := cmd.Flags()
		fs.BoolVarP(&o.quiet, "quiet", "q", false, "do not report what was indexed")
		fs.BoolVar(&o.noProgress, "no-progress", false, "do not show progress on a terminal")
	}
	return cmd
}

func runIndex(ctx context.Context, s Streams, o *indexOptions, files []string) error {
	reports := s.reporter()
	inputs, dirs := input.WithLogs(input.New(files, s.In), false)
	for _, d := range dirs {
		if d.LeftOut != "" && !o.quiet {
			reports.Printf("%s: %s", d.Path(), d.LeftOut)
		}
	}
	if line, ok := s.Err.(*terminal.StatusLine); ok && !o.noProgress && line.Drawable() {
		defer flow.ShowProgress(ctx, line, inputs)()
	}
	for _, in := range inputs {
		err := indexInput(ctx, in, o, reports)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			reports.Errorf("%v", report.Named("index", in.Name(), err))
		}
	}
	if reports.Failed() {
		return statusError
	}
	return nil
}

// indexInput indexes one log.
func indexInput(ctx context.Context, in *input.Input, o *indexOptions, reports *report.Reporter) error {
	switch {
	case in.Err() != nil:
		return in.Err()
	case in.Path() == "-":
		return usagef("standard input has no index: name a FILE")
	}
	if st := in.Stat(); st != nil && !st.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	if is, _ := index.Is(in.Path()); is { // a pattern has matched it together with its log
		in.AddBytesRead(sizeOf(in))
		return nil
	}
	err := canBeIndexed(in)
	if errors.As(err, new(readInFull)) {
		in.AddBytesRead(sizeOf(in))
		if !in.IsNamed() {
			if !o.quiet {
				reports.Printf("%s: no index: %v", in.Name(), err)
			}
			return nil
		}
	}
	if err != nil {
		return err
	}
	made, err := index.Make(ctx, in.Path(), &index.Options{Progress: in.AddBytesRead})
	if err != nil {
		return err
	}
	if made.Unsure != "" {
		reports.Printf("%s: %s, so it is compared with its index before each use: index it again", in.Name(), made.Unsure)
	}
	if !o.quiet {
		reports.Printf("%s: %s", in.Name(), indexed(made))
	}
	return nil
}

// readInFull is the error for the index of a file that has this instead of lines.
type readInFull string

func (what readInFull) Error() string {
	return fmt.Sprintf("it is %s, which is always read in full", string(what))
}

// canBeIndexed returns an error unless a file has lines that are read as they are.
func canBeIndexed(in *input.Input) error {
	what, err := in.NotLines()
	if err == nil && what != "" {
		err = readInFull(what)
	}
	return err
}

// sizeOf returns how many bytes an input has.
func sizeOf(in *input.Input) int64 {
	size, _ := in.Size()
	return size
}

// indexed says what was indexed.
func indexed(made index.Made) string {
	text := fmt.Sprintf("indexed %s in %s", report.Counted(made.Lines, "line"), report.Counted(int64(made.Blocks), "block"))
	switch fresh := made.Blocks - made.Kept; {
	case made.Kept > 0 && fresh == 0:
		text += ", none of them new"
	case made.Kept > 0:
		text += fmt.Sprintf(", %d of them new", fresh)
	}
	if made.Invalid > 0 {
		text += fmt.Sprintf("; %s", report.Counted(made.Invalid, "invalid line"))
	}
	return text
}
