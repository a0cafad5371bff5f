package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/index"
	"auditctl/pkg/seal"
)

type eraseOptions struct {
	selectFlags
	line    []string
	lines   []string
	key     string
	reason  string
	dryRun  bool
	offline bool
	quiet   bool
}

func newEraseCmd(s Streams, asked arguments) *cobra.Command {
	o := &eraseOptions{}
	cmd := &cobra.Command{
		Use:        "erase --key KEYFILE --reason TEXT [flags] FILE",
		SuggestFor: []string{"delete", "remove", "forget", "purge", "rm", "drop"},
		Short:      "Take lines out of a sealed log that still verifies",
		Long: `Take the text of sealed lines out of FILE, and leave an event in the place of
each, of the type erased, with the time, the number of the line, its leaf hash
and the reason. Nothing else changes: verify still finds every other change, and
says which lines were erased, when and why. Proofs of other lines stay valid.

Lines are chosen by their numbers, by flags as filter has, or by both: then those
of the numbers that match. Numbers count from 1; if FILE was rotated, from the
first line of its oldest file, as in verify and prove. Flags choose only events:
other lines can be erased by their numbers. With --dry-run erase says which lines
it would erase, and needs neither key nor reason.

KEYFILE must be the key that sealed FILE. Every line to be erased must be sealed,
and as it was sealed, or nothing is erased. What matches, but is not sealed yet,
must be sealed first.

What was erased is listed in FILE.tlog/erasures, signed with the key. The list is
stored first, and then a new file with owner and permissions of the old one takes
its place; rotated files stay compressed as they were. If erase is killed in
between, verify says that lines are listed as erased and still there: erase
--key KEYFILE FILE finishes it, for all of them. The same erases them again if
FILE was restored from a backup; so does choosing them again.

No other process may have FILE open, not even to read it: stop those that do.
Programs that open it meanwhile wait for a moment. On Linux the system tells, to
the owner of FILE and to root; with --offline, and elsewhere, it is you who says
so. What another program than auditctl then writes is lost.

The text is gone from FILE, but not from backups and other copies; an index of
FILE is deleted, since it has names of agents and tools in it; the file system
may keep its blocks until it needs them. The leaf hash stays: who guesses
the whole line can check the guess. Lines recorded with --nonce cannot be
guessed.

Exit status: 0 done, or nothing to do; 1 a line is not as it was sealed, or
sealed by another key; 2 an error; 3 done, but there are lines that are no
events, which flags cannot choose.`,
		Example: `
# Seal a log, and erase two of its lines
auditctl keygen example.com/audit -o audit.key
auditctl seal --key audit.key audit.jsonl
auditctl erase --key audit.key --reason "asked for by its author" --lines 3-4 audit.jsonl
auditctl verify --vkey audit.key.pub audit.jsonl

# Which lines have to do with a session?
auditctl erase --dry-run --session-id s2 audit.jsonl

# Finish an erasure that was interrupted, or erase again what a backup brought back
auditctl erase --key audit.key audit.jsonl`,
		Args:              wantArgs(1, 1, "FILE"),
		ValidArgsFunction: completeFiles,
		RunE: func(cmd *cobra.Command, files []string) error {
			return runErase(cmd.Context(), s, o, files[0])
		},
	}
	if asked.name(cmd.Name()) {
		fs := cmd.Flags()
		fs.StringArrayVar(&o.line, "line", nil, "erase line `N`; repeatable")
		fs.StringArrayVar(&o.lines, "lines", nil, "erase the lines in `LIST`, such as 3,17-20; repeatable")
		o.selectFlags.register(cmd)
		fs.VisitAll(func(f *pflag.Flag) { f.Usage = ofErasing.Replace(f.Usage) })
		fs.StringVar(&o.key, "key", "", "sign with the secret key in `KEYFILE`, which sealed FILE")
		completePaths(cmd, "key")
		fs.StringVar(&o.reason, "reason", "", "why, in one line of `TEXT` that stays in FILE")
		fs.BoolVarP(&o.dryRun, "dry-run", "n", false, "say which lines would be erased, and erase nothing")
		fs.BoolVar(&o.offline, "offline", false, "no other process has FILE open: do not ask the system")
		fs.BoolVarP(&o.quiet, "quiet", "q", false, "do not report what was erased")
		groupFlags(cmd, flagsForRun)
	}
	return cmd
}

// ofErasing makes the usage of flags that select events that of erase.
var ofErasing = strings.NewReplacer(
	"keep the events", "erase the events", "keep events", "erase events", "leave out events", "do not erase events",
	"show times in ZONE, and read TIME", "read TIME", "exit with status 2", "exit with status 2 and erase nothing",
)

func runErase(ctx context.Context, s Streams, o *eraseOptions, path string) error {
	opts, err := o.parse()
	if err != nil {
		return err
	}
	var key *seal.Key
	if o.key != "" {
		if key, err = seal.ReadKeyFile(o.key); err != nil {
			return err
		}
	}
	reports := s.reporter()
	log := seal.Log{Path: path}
	var status error
	if o.selects() {
		opts.Lines, status, err = o.choose(ctx, reports, log, key, opts)
	}
	nothing := o.chooses() && len(opts.Lines) == 0
	var erased seal.Erased
	switch {
	case err != nil:
	case nothing && !o.quiet:
		reports.Printf("%s: no sealed line matches", path)
	case nothing:
	default:
		erased, err = log.Erase(ctx, key, opts)
	}
	switch {
	case errors.As(err, new(exitStatus)):
		return err
	case ctx.Err() != nil && err != nil:
		return context.Cause(ctx)
	case isNo(err):
		reports.Printf("%v", aboutLog("erase", path, err))
		return statusNo
	case err != nil:
		return eraseError(path, err)
	}
	for _, file := range erased.Files {
		name := index.Name(file) // which has names of what was erased
		if is, _ := index.Is(name); !is {
			continue
		}
		if err := index.Remove(name); err != nil {
			return err
		}
	}
	if !nothing && (!o.quiet || o.dryRun) {
		o.say(reports, path, erased)
	}
	return status
}

// parse checks the flags that do not select events.
func (o *eraseOptions) parse() (opts seal.EraseOptions, err error) {
	opts = seal.EraseOptions{Reason: o.reason, Time: time.Now(), Offline: o.offline, DryRun: o.dryRun}
	line, err := parseLines("line", o.line)
	if err != nil {
		return opts, err
	}
	lines, err := parseLines("lines", o.lines)
	if err != nil {
		return opts, err
	}
	opts.Lines = seal.LinesOf(append(line, lines...)...)
	switch {
	case o.dryRun && !o.chooses():
		return opts, usagef("erase what? Add --line N, --lines LIST, or flags that select events, such as --session-id")
	case o.dryRun:
	case o.key == "":
		return opts, usagef("which key? Add --key KEYFILE, with the key that sealed the log")
	case o.reason == "" && o.chooses():
		return opts, usagef("why? Add --reason TEXT, which stays in the log")
	case o.reason != "" && !o.chooses():
		return opts, usagef("erase what? Add --line N, --lines LIST, or flags that select events, or drop --reason to finish an earlier erasure")
	}
	return opts, nil
}

// chooses reports whether there are flags that say what to erase.
func (o *eraseOptions) chooses() bool { return len(o.line) > 0 || len(o.lines) > 0 || o.selects() }

// choose returns the lines that the flags select, and the exit status if those are erased.
func (o *eraseOptions) choose(ctx context.Context, reports *report.Reporter, log seal.Log, key *seal.Key, opts seal.EraseOptions) (lines seal.Lines, status, err error) {
	q, err := o.query(ctx, time.Now())
	if err != nil {
		return nil, nil, err
	}
	var would seal.Erased
	choice, err := q.Choose(ctx, reports, func(wants func([]byte) bool) (err error) {
		opts.DryRun, opts.Select = true, wants
		would, err = log.Erase(ctx, key, opts)
		return err
	})
	switch {
	case err != nil:
		return nil, nil, err
	case choice.Failed:
		return nil, nil, errors.New("nothing was erased, since --where failed on events")
	case choice.Invalid > 0:
		reports.Printf("%s: flags cannot choose what is not an event: %s; see filter, and erase by --lines", log.Path, report.Counted(choice.Invalid, "line"))
		status = statusInvalid
	}
	return seal.LinesOf(slices.Concat(would.Lines, would.Finished)...), status, nil
}

// say says what was erased.
func (o *eraseOptions) say(reports *report.Reporter, path string, erased seal.Erased) {
	n := report.Counted(erased.Lines.Count(), "line")
	switch {
	case o.dryRun && len(erased.Lines) > 0:
		reports.Printf("%s: would erase %s: %s", path, n, linesInBrief(erased.Lines))
	case len(erased.Lines) > 0:
		reports.Printf("%s: erased %s: %s", path, n, linesInBrief(erased.Lines))
	}
	switch {
	case o.dryRun && len(erased.Finished) > 0:
		reports.Printf("%s: would erase %s that had been listed as erased before: %s", path, report.Counted(erased.Finished.Count(), "line"), linesInBrief(erased.Finished))
	case len(erased.Finished) > 0:
		reports.Printf("%s: erased %s that had been listed as erased before: %s", path, report.Counted(erased.Finished.Count(), "line"), linesInBrief(erased.Finished))
	}
	if len(erased.Already) > 0 {
		reports.Printf("%s: erased already: %s", path, linesInBrief(erased.Already))
	}
	if len(erased.Lines)+len(erased.Finished)+len(erased.Already) == 0 {
		reports.Printf("%s: there is nothing to erase", path)
	}
}

// linesInBrief returns the first of some lines, and how many more there are.
func linesInBrief(lines seal.Lines) string {
	const most = 20 // ranges
	if len(lines) <= most {
		return lines.String()
	}
	return fmt.Sprintf("%v and %d more", lines[:most], lines[most:].Count())
}

// eraseError says what to do about an error.
func eraseError(path string, err error) error {
	err = aboutLog("erase", path, err)
	remedy := ""
	switch {
	case errors.Is(err, seal.ErrOpen):
		remedy = "stop it, and erase again"
	case errors.Is(err, seal.ErrNoLeases):
		remedy = "see to it that none has, and add --offline"
	case errors.Is(err, seal.ErrNotOwner):
		remedy = "run as one of these, or see to it that none has, and add --offline"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, remedy)
}
