package cmd

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/match"
	"auditctl/cmd/internal/report"
)

// A usageError says what is wrong with the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// remedyf returns a usage error that says what to type instead, so that it does not have
// to point to the help.
func remedyf(format string, args ...any) error {
	return usageError{match.Remedy{Err: fmt.Errorf(format, args...)}}
}

// fits reports whether a message about the command line fits into 100 columns.
func fits(message string) bool {
	return utf8.RuneCountInString(name+": "+message) <= 100
}

// brief returns the beginning of what was typed, which may be long, for a message.
func brief(text string) string { return report.Brief(text, 40) }

func isUsage(err error) bool {
	return errors.As(err, new(usageError)) || errors.As(err, new(fanout.UsageError))
}

// refuseEmpty refuses empty flag values, as those of unset shell variables: most flags
// would silently mean something else.
func refuseEmpty(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && f.Annotations[mayBeEmpty] == nil {
			err = usagef("--%s: the value is empty", f.Name)
		}
	})
	return err
}

// mayBeEmpty annotates flags for which an empty value is valid.
const mayBeEmpty = "may be empty"

func allowEmpty(fs *pflag.FlagSet, flag string) {
	if err := fs.SetAnnotation(flag, mayBeEmpty, []string{}); err != nil {
		panic(err) // there is no such flag
	}
}

// wantArgs checks that there are at least so many arguments, and at most so many.
func wantArgs(least, most int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usagef("which %s?", what)
		case len(args) > most && most == 0:
			return usagef("%q: no argument is wanted", brief(args[0]))
		case len(args) > most:
			return usagef("%q: want only one %s", brief(args[most]), what)
		}
		return nil
	}
}
