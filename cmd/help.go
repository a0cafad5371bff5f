package cmd

import (
	"strings"

	"github.com/spf13/cobra"
)

// refuseUnknownHelp makes it an error to ask for the help of a command that there is
// not, where cobra shows that of another one, and to give such a command flags, of
// which cobra says that they are unknown. What cannot be returned goes to failed.
func refuseUnknownHelp(root *cobra.Command, failed *error) {
	for _, cmd := range append(root.Commands(), root) {
		cmd.InitDefaultHelpFlag() // else what follows --help is taken for its value
	}
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Args = func(_ *cobra.Command, args []string) error {
		of, rest, err := root.Find(args)
		switch {
		case err != nil:
			return usageError{err}
		case len(rest) > 0 && !of.HasSubCommands():
			return usagef("no command %q", strings.Join(args, " "))
		}
		return unknownCommand(of, rest)
	}
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if *failed = unknownCommand(cmd, cmd.Flags().Args()); *failed == nil {
			show(cmd, args)
		}
	})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if unknown := unknownCommand(cmd, cmd.Flags().Args()); unknown != nil {
			return unknown
		}
		return usageError{err}
	})
}

// unknownCommand returns what a command with others below it says of arguments that
// name none of those.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || !cmd.HasSubCommands() {
		return nil
	}
	return cmd.RunE(cmd, args)
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
