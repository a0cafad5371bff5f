package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// oneDash is the error about a long flag with one dash.
func oneDash(name string) error {
	return remedyf("-%s: a long flag has two dashes: --%s", name, name)
}

// refuseOneDash refuses long flags with one dash, which would be read as letters: -type
// as the type ype, and -count as a count and an output to the file unt.
func refuseOneDash(cmd *cobra.Command, args []string) error {
	fs := cmd.Flags()
	takesNext := func(f *pflag.Flag) bool { return f != nil && f.NoOptDefVal == "" }
	for i := 0; i < len(args); i++ {
		arg := args[i]
		name, _, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case arg == "--":
			return nil
		case strings.HasPrefix(arg, "--"):
			if !hasValue && takesNext(fs.Lookup(name)) {
				i++
			}
		case strings.HasPrefix(arg, "-") && len(name) > 1 && fs.Lookup(name) != nil:
			return oneDash(name)
		case strings.HasPrefix(arg, "-"):
			for j := range name {
				if takesNext(fs.ShorthandLookup(name[j : j+1])) {
					if j == len(name)-1 && !hasValue {
						i++
					}
					break
				}
			}
		}
	}
	return nil
}
