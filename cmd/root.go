package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit statuses other than 0. Where several hold an error comes first, then
// invalid lines, then a no.
const (
	statusNo      exitStatus = 1 // the answer is no
	statusError   exitStatus = 2 // wrong usage, an input or destination failed
	statusInvalid exitStatus = 3 // done, but some lines were invalid
)

// An exitStatus is an error about which everything was said already.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Run runs auditctl once with the given arguments and streams and returns its
// exit status. It ends early when ctx does. Runs do not share anything.
func Run(ctx context.Context, args []string, s Streams) int {
	root := newRootCmd(s, func(name string) bool { return slices.Contains(args, name) })
	root.SetArgs(args)
	printed := &outputOfCobra{w: s.Out}
	root.SetOut(printed)
	refuseUnknownHelp(root, &printed.err)
	called, err := root.ExecuteContextC(ctx)
	err = cmp.Or(err, printed.err)
	var status exitStatus
	var interrupted interruption
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // whoever reads has enough
		return 0
	case errors.As(err, &interrupted):
		return interrupted.status()
	case errors.As(err, &status):
		return int(status)
	}
	if isUsage(err) {
		if called.Name() == "help" {
			called, _, _ = root.Find(called.Flags().Args())
		}
		err = fmt.Errorf("%w; see '%s --help'", err, called.CommandPath())
	}
	s.reporter().Errorf("%v", err)
	return int(statusError)
}

// An outputOfCobra keeps the first error of writing what cobra prints: a help that
// nobody got is no success to cobra.
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

// A usageError says what is wrong with the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

func isUsage(err error) bool {
	return errors.As(err, new(usageError)) || errors.As(err, new(fanout.UsageError))
}

// refuseEmpty refuses the empty value of an unset shell variable for a flag: most
// would mean something else without a value.
func refuseEmpty(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && f.Annotations[mayBeEmpty] == nil {
			err = usagef("--%s: the value is empty", f.Name)
		}
	})
	return err
}

// mayBeEmpty annotates the flags of which the empty value is as good as any.
const mayBeEmpty = "may be empty"

func allowEmpty(fs *pflag.FlagSet, flag string) {
	if err := fs.SetAnnotation(flag, mayBeEmpty, []string{}); err != nil {
		panic(err) // there is no such flag
	}
}

// didYouMean returns the subcommands of cmd that look like a mistyped one, as a
// part of a message.
func didYouMean(cmd *cobra.Command, typed string) string {
	cmd.SuggestionsMinimumDistance = 2
	if typed == "" {
		return ""
	}
	if like := cmd.SuggestionsFor(typed); len(like) > 0 {
		return ": did you mean " + strings.Join(like, " or ") + "?"
	}
	return ""
}

// newRootCmd builds the tree of commands. Building flags is most of what a start
// costs, so a command has its flags only if it is asked for: if its name is on
// the command line.
func newRootCmd(s Streams, asked func(name string) bool) *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:   name,
		Short: "Read, select, fan out, make and show audit logs of AI agents",
		Long: `Read, select, fan out, make and show audit logs of AI agents: JSONL files with
one event a line, as the calute framework writes them.

Every line is checked and none is changed. Only events go to standard output;
messages go to standard error, as FILE:LINE:COLUMN: reason. On a terminal, what
could control it or does not show is escaped, in a JSON string as \u009b.

Exit status: 0 done; 1 nothing matched, where that was asked; 2 an error;
3 done, but some lines were not events; 128+n ended by signal n.`,
		Example: example(`
# What went wrong?
auditctl cat -p error session.jsonl

# Keep a copy of everything an agent logs, and one of its failures.
agent | auditctl tee -q audit.jsonl --route 'error,*_failure=failures.jsonl'`),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			return cmp.Or(refuseEmpty(cmd), refuseStreams(cmd, args))
		},
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("no command %q%s", args[0], didYouMean(cmd, args[0]))
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
	root.Flags().BoolVarP(&showVersion, "version", "v", false, "version for "+name)
	root.AddCommand(newTeeCmd(s, asked), newFilterCmd(s, asked), newEmitCmd(s, asked), newCatCmd(s, asked), newStatsCmd(s, asked), newRepairCmd(s, asked), newKeygenCmd(s, asked), newSealCmd(s, asked), newVerifyCmd(s, asked), newProveCmd(s, asked), newExampleCmd(s), newCompletionCmd(s))
	return root
}

// Tree returns the tree of commands with all their flags, for what documents
// them.
func Tree() *cobra.Command {
	return newRootCmd(Streams{}, func(string) bool { return true })
}

// example lays out the examples of a command, under the name that the program
// has. Those that read session.jsonl begin with how to get it.
func example(text string) string {
	text = strings.TrimSpace(text)
	if strings.Contains(text, " session.jsonl") && !strings.Contains(text, "> session.jsonl") {
		text = "# The log of these examples\nauditctl example > session.jsonl\n\n" + text
	}
	text = strings.ReplaceAll(text, "auditctl", name)
	text = "  " + strings.ReplaceAll(text, "\n", "\n  ")
	return strings.ReplaceAll(text, "\n  \n", "\n\n")
}

// usageArgs makes what a check of cobra's refuses a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

// version returns the version that was released, else the module's, or the commit
// it was built from; and that of Go.
func version() string {
	v := cmp.Or(release, "unknown")
	if info, ok := debug.ReadBuildInfo(); ok && release == "" {
		v = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && v == "(devel)" {
				v = "devel-" + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return v + " " + runtime.Version()
}
