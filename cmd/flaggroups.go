package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups in which help shows flags.
const (
	flagsForEvent        = "Event"
	flagsForSelection    = "Selection"
	flagsForContext      = "Context"
	flagsForInput        = "Input"
	flagsForReceiving    = "Receiving"
	flagsForOutput       = "Output"
	flagsForDestinations = "Destinations"
	flagsForRedaction    = "Redaction"
	flagsForSealing      = "Sealing"
	flagsForInvalidLines = "Invalid lines"
	flagsForRun          = "General"
)

// flagGroups are all groups, in the order of help.
var flagGroups = [...]string{
	flagsForEvent, flagsForSelection, flagsForContext, flagsForInput, flagsForReceiving, flagsForOutput,
	flagsForDestinations, flagsForRedaction, flagsForSealing, flagsForInvalidLines,
	flagsForRun,
}

// groupOfFlag annotates a flag with its group.
const groupOfFlag = "group"

// groupFlags puts the flags that cmd has so far into a group, except those that are in
// one already. Help shows the flags of a group in the order in which they were
// registered: the most important ones come first.
func groupFlags(cmd *cobra.Command, group string) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Annotations[groupOfFlag] != nil {
			return
		}
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[groupOfFlag] = []string{group}
	})
}

// A FlagGroup is flags that belong together.
type FlagGroup struct {
	Name  string
	Flags []*pflag.Flag
}

// FlagGroups returns the flags of a command as its help shows them. Those that nobody put
// into a group come last.
func FlagGroups(c *cobra.Command) (groups []FlagGroup) {
	byName := map[string][]*pflag.Flag{}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			name := flagsForRun
			if group := f.Annotations[groupOfFlag]; group != nil {
				name = group[0]
			}
			byName[name] = append(byName[name], f)
		}
	})
	for _, name := range flagGroups {
		if flags := byName[name]; flags != nil {
			groups = append(groups, FlagGroup{name, flags})
		}
	}
	if len(groups) == 1 && groups[0].Name == flagsForRun {
		groups[0].Name = "Flags"
	}
	return groups
}

// DescribeFlag returns a flag as it is typed, with a name for its value, and what it
// does.
func DescribeFlag(f *pflag.Flag) (typed, usage string) {
	value, usage := pflag.UnquoteUsage(f)
	typed = "    --" + f.Name
	if f.Shorthand != "" {
		typed = "-" + f.Shorthand + ", --" + f.Name
	}
	switch isSwitch := f.Value.Type() == "bool"; {
	case f.NoOptDefVal != "" && !isSwitch:
		typed += "[=" + value + "]"
	case value != "":
		typed += " " + value
	}
	switch f.DefValue {
	case "", "0", "0s", "[]", "false":
	default:
		usage += " (default " + f.DefValue + ")"
	}
	return typed, usage
}
