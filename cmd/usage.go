package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/fanout"
)

// A usageError says what is wrong with the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

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

// usageArgs turns the error of a cobra check into a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
