package cmd

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// refuseUnknownHelp makes it an error to ask for the help of an unknown command,
// where cobra shows the help of another one, and to give such a command flags, where
// cobra complains of the flags. What cannot be returned as an error goes to printed.
func refuseUnknownHelp(root *cobra.Command, s Streams, asked arguments, printed *outputOfCobra) {
	for _, cmd := range append(root.Commands(), root) {
		if cmd == root || asked.name(cmd.Name()) {
			cmd.InitDefaultHelpFlag() // or what follows --help is taken for its value
		}
	}
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Args = func(_ *cobra.Command, args []string) error {
		of, rest, err := root.Find(args)
		switch {
		case err != nil:
			return usageError{err}
		case len(rest) > 0 && !of.HasSubCommands():
			return usagef("no command %q", brief(strings.Join(args, " ")))
		}
		return unknownCommand(of, rest)
	}
	var o pagerOptions
	o.register(help)
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if printed.err = unknownCommand(cmd, cmd.Flags().Args()); printed.err != nil {
			return
		}
		unpaged, _ := cmd.Flags().GetBool("no-pager")
		printed.err = s.paged(cmd.Context(), !o.noPager && !unpaged, func(_ context.Context, s Streams) error {
			printed.w = s.Out
			io.WriteString(printed, helpText(cmd))
			return printed.err
		})
	})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if unknown := unknownCommand(cmd, cmd.Flags().Args()); unknown != nil {
			return unknown
		}
		return flagError(cmd, err)
	})
}

// unknownCommand returns the error of a command with subcommands about arguments that
// name none of them.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || !cmd.HasSubCommands() {
		return nil
	}
	return cmd.RunE(cmd, args)
}

// noCommand is the error about a word that is no command, and says what was meant.
func noCommand(root *cobra.Command, typed string) error {
	like := suggestions(root, typed)
	switch _, err := os.Lstat(typed); {
	case like != "":
		return remedyf("no command %q: did you mean %s?", typed, like)
	case err == nil || isStream(typed):
		return remedyf("no command %q: write %s cat %s", brief(typed), root.Name(), shellQuoted(typed))
	case typed == "version":
		return remedyf("no command %q: write %s --version", typed, root.Name())
	}
	return usagef("no command %q", brief(typed))
}

// suggestions returns the subcommands of cmd that a mistyped one resembles.
func suggestions(cmd *cobra.Command, typed string) string {
	cmd.SuggestionsMinimumDistance = 2
	if typed == "" {
		return ""
	}
	return strings.Join(slices.Compact(cmd.SuggestionsFor(typed)), " or ")
}
