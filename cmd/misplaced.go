package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// refuseMisplaced refuses arguments of commands that select events that are no files but
// what a flag takes: a type, a severity, a time or an expression.
func refuseMisplaced(cmd *cobra.Command, args []string) error {
	flags := cmd.Flags()
	if flags.Lookup("type") == nil || flags.Changed("follow") { // which waits for files
		return nil
	}
	for _, arg := range args {
		if _, err := os.Lstat(arg); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if remedy := misplaced(cmd, arg); remedy != "" {
			return fmt.Errorf("no file %q: %s", arg, remedy)
		}
	}
	return nil
}

// What arguments look like that are no files, compiled when one might be.
var (
	comparison = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z_][\w.]* *([=!]~|[=!<>]=|[=<>])`)
	})
	jqProgram = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\.["\w]+[^/]*[ |=<>]|^(select|test|any|all|not|has)\(`)
	})
	ofProgram = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([=!<>]=|[<>|]|and|or|not)$`)
	})
)

// misplaced says how to write an argument that does not look like a file, "" for others.
func misplaced(cmd *cobra.Command, arg string) string {
	from, to, err := selection.ParseSeverity(arg)
	switch {
	case isType(arg):
		return "to select a type, write -t " + shellQuoted(arg)
	case err == nil && from.Rank() <= to.Rank():
		return "to select severities, write -p " + arg
	case ofProgram().MatchString(arg):
		return "put the whole expression into quotes: -w '.KEY == \"VALUE\"'"
	case comparison().MatchString(arg):
		return "to compare a key, write -F " + shellQuoted(arg)
	case jqProgram().MatchString(arg):
		return "to select by a jq expression, write -w " + shellQuoted(arg)
	case slices.Contains(timeWords[:], arg):
		return "to select by time, write -S " + arg
	case arg == "help":
		return "write " + cmd.CommandPath() + " --help"
	}
	return ""
}

// isType reports whether a word is an event type, or matches some as a glob.
func isType(word string) bool {
	globs, err := selection.ParseGlobs(word)
	return err == nil && slices.ContainsFunc(events.Types(), func(eventType string) bool {
		return slices.ContainsFunc(globs, func(g selection.Glob) bool {
			return g.Match([]byte(eventType)) && !g.Match([]byte("a file"))
		})
	})
}

// shellQuoted puts a word into quotes if a shell would not take it as it is.
func shellQuoted(word string) string {
	if !needsQuotes(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
