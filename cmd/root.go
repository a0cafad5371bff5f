package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/match"
	"auditctl/cmd/internal/report"
)

// Run runs auditctl once with the given arguments and streams and returns its
// exit status. It ends early when ctx does. Runs share no state.
func Run(ctx context.Context, args []string, s Streams) (status int) {
	if isHook(args) {
		defer func() {
			if p := recover(); p != nil {
				status = int(misusedHook(ctx, args, s, fmt.Errorf("internal error: %v", p)))
			}
		}()
	}
	root := newRootCmd(s, append(arguments{}, args...))
	root.SetArgs(args)
	printed := &outputOfCobra{w: s.Out}
	root.SetOut(printed)
	refuseUnknownHelp(root, s, args, printed)
	if len(args) > 0 && args[0] == cobra.ShellCompRequestCmd {
		forShells(root)
	}
	called, err := execute(ctx, root, args)
	err = cmp.Or(err, printed.err)
	var known exitStatus
	var interrupted interruption
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // the reader has enough
		return 0
	case errors.As(err, &interrupted):
		return interrupted.status()
	case errors.As(err, &known):
		return int(known)
	}
	if isUsage(err) && !errors.As(err, new(match.Remedy)) {
		if called.Name() == "help" {
			called, _, _ = root.Find(called.Flags().Args())
		}
		if pointer := fmt.Sprintf("; see '%s --help'", called.CommandPath()); fits(err.Error() + pointer) {
			err = fmt.Errorf("%w%s", err, pointer)
		}
	}
	if isHook(args) {
		return int(misusedHook(ctx, args, s, err))
	}
	s.reporter().Errorf("%v", err)
	return int(statusError)
}

// execute runs the command that the arguments name, which it returns as well.
func execute(ctx context.Context, root *cobra.Command, args []string) (*cobra.Command, error) {
	if called, rest, err := root.Find(args); err == nil {
		if err := refuseOneDash(called, rest); err != nil {
			return called, err
		}
	}
	return root.ExecuteContextC(ctx)
}

// An outputOfCobra keeps the first error of writing what cobra prints, which cobra
// ignores.
type outputOfCobra struct {
	w   io.Writer
	err error
}

func (o *outputOfCobra) Write(p []byte) (int, error) {
	if o.err == nil {
		if _, err := o.w.Write(p); err != nil {
			o.err = report.Named("write", "stdout", err)
		}
	}
	return len(p), nil
}

// newRootCmd builds the tree of commands, or of it the command that is asked for. Of
// several, those get their flags that are named.
func newRootCmd(s Streams, asked arguments) *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:   name + " COMMAND [flags]",
		Short: "Record, filter, view, compare, repair and seal audit logs of AI agents",
		Long: `Record, filter, view, compare, repair and seal audit logs of AI agents: JSONL
files with one event per line, as the calute framework writes them.

Every line is checked and none is changed. Standard output gets only events, or
what a command is asked to show; messages go to standard error, as
FILE:LINE:COLUMN: reason. On a terminal, control and invisible characters are
escaped, inside JSON strings as \u009b.

Exit status: 0 done; 1 nothing matched, if that was asked, verify found a log
changed, or reconcile a difference; 2 an error; 3 done, but some lines were
invalid; 128+n ended by signal n.`,
		Example: `
# What went wrong?
auditctl cat -p error session.jsonl

# Keep everything that an agent logs, and its failures in a file of their own
agent | auditctl tee -q audit.jsonl --route 'error,*_failure=failures.jsonl'`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			return cmp.Or(refuseEmpty(cmd), refuseStreams(cmd, args), refuseMisplaced(cmd, args))
		},
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noCommand(cmd, args[0])
			}
			if showVersion {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), name, version())
				return err
			}
			return cmd.Help()
		},
	}
	root.SetIn(s.In)
	root.SetErr(s.Err)
	root.Flags().BoolVarP(&showVersion, "version", "v", false, "print the version")
	commands := []struct {
		name  string
		build func(Streams, arguments) *cobra.Command
	}{
		{"tee", newTeeCmd},
		{"filter", newFilterCmd},
		{"emit", newEmitCmd},
		{"cat", newCatCmd},
		{"stats", newStatsCmd},
		{"report", newReportCmd},
		{"reconcile", newReconcileCmd},
		{"dialects", newDialectsCmd},
		{"hook", newHookCmd},
		{"mcp", newMCPCmd},
		{"redact", newRedactCmd},
		{"repair", newRepairCmd},
		{"index", newIndexCmd},
		{"keygen", newKeygenCmd},
		{"seal", newSealCmd},
		{"verify", newVerifyCmd},
		{"prove", newProveCmd},
		{"erase", newEraseCmd},
		{"example", newExampleCmd},
		{"completion", newCompletionCmd},
	}
	for i, c := range commands {
		if asked.begin(c.name) {
			commands = commands[i : i+1]
		}
	}
	for _, c := range commands {
		root.AddCommand(c.build(s, asked))
	}
	return root
}

// eachCommand calls f for a command and all below it.
func eachCommand(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		eachCommand(sub, f)
	}
}

// Tree returns the tree of commands with all their flags, to document them.
func Tree() *cobra.Command {
	root := newRootCmd(Streams{}, nil)
	eachCommand(root, settleTexts)
	return root
}
