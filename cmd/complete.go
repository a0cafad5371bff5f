package cmd

import (
	"bytes"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/match"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// This file completes arguments and the values of flags.

// What the shell is told not to do.
const (
	wordsOnly = cobra.ShellCompDirectiveNoFileComp            // offer file names
	asOrdered = wordsOnly | cobra.ShellCompDirectiveKeepOrder // nor sort the words
)

// forShells makes the texts of a tree of commands what shells show next to completions.
// Flags without completions get none, unless files or destinations are their values.
func forShells(root *cobra.Command) {
	eachCommand(root, func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			value, usage := pflag.UnquoteUsage(f)
			f.Usage = underName(usage, root.Name())
			switch _, has := c.GetFlagCompletionFunc(f.Name); {
			case has, slices.Contains(fileValues, value):
			case value == "DEST":
				completeFlag(c, f.Name, destinations)
			default:
				completeWords(c, f.Name)
			}
		})
	})
}

// fileValues are the names that help gives to values that are files.
var fileValues = []string{"FILE", "KEYFILE", "CHECKPOINT"}

func completeFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func completeDests(_ *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	return destinations(args, toComplete)
}

// destinations offers files, and otlp: if no file begins like it, since shells offer
// either words or files.
func destinations(_ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	const byVariables = "otlp:"
	if strings.HasPrefix(byVariables, toComplete) {
		if files, _ := filepath.Glob(toComplete + "*"); files == nil {
			return []string{byVariables}, cobra.ShellCompDirectiveDefault
		}
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// completeFlag registers the completions of a flag, of which the shell gets those that
// need no quotes; list is called with the arguments so far.
func completeFlag(cmd *cobra.Command, flag string, list func(args []string, toComplete string) ([]string, cobra.ShellCompDirective)) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		words, directive := list(args, toComplete)
		return slices.DeleteFunc(slices.Clone(words), needsQuotes), directive
	})
	if err != nil {
		panic(err) // there is no such flag
	}
}

// maxCompletion is the most bytes of a word that is worth choosing from a list.
const maxCompletion = 200

// needsQuotes reports whether a word may mean something else on the command line of
// some shell, or control the terminal that shows it. Log values come to a command line
// only if they can do no harm there, however the shell completes them.
func needsQuotes(word string) bool {
	for i, r := range word {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '.', r == '/':
		case i > 0 && strings.ContainsRune("-,:@%+", r):
		case r >= utf8.RuneSelf && terminal.Safe(r) && unicode.In(r, unicode.L, unicode.M, unicode.Nd):
		default:
			return true
		}
	}
	return word == "" || len(word) > maxCompletion
}

func completeWords(cmd *cobra.Command, flag string, words ...string) {
	completeFlag(cmd, flag, func([]string, string) ([]string, cobra.ShellCompDirective) {
		return words, asOrdered
	})
}

// inList returns words as the last item of a comma-separated list.
func inList(words []string, toComplete string) []string {
	before := toComplete[:strings.LastIndexByte(toComplete, ',')+1]
	items := make([]string, len(words))
	for i, w := range words {
		items[i] = before + w
	}
	return items
}

// timeWords are the words that times can begin with.
var timeWords = [...]string{"now", "today", "yesterday"}

// completeTimes offers the words that times can begin with.
func completeTimes(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		completeWords(cmd, flag, timeWords[:]...)
	}
}

// completePaths offers files where they can be the value of a flag, but need not be.
func completePaths(cmd *cobra.Command, flag string) {
	completeFlag(cmd, flag, func([]string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
}

func completeDirs(cmd *cobra.Command, flag string) {
	completeFlag(cmd, flag, func([]string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
}

func completeRoutes(cmd *cobra.Command, flag string) {
	completeFlag(cmd, flag, func(_ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(toComplete, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return inList(events.Types(), toComplete), wordsOnly | cobra.ShellCompDirectiveNoSpace
	})
}

func severityNames() []string {
	var names []string
	for _, s := range events.Severities() {
		names = append(names, string(s))
	}
	return names
}

func completeSeverities(cmd *cobra.Command, flag string) {
	completeFlag(cmd, flag, func(_ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		names := severityNames()
		if first, _, isRange := strings.Cut(toComplete, ".."); isRange {
			for i := range names {
				names[i] = first + ".." + names[i]
			}
		}
		return names, asOrdered
	})
}

func completeKnownKeys(cmd *cobra.Command, flag string) {
	completeFlag(cmd, flag, func([]string, string) ([]string, cobra.ShellCompDirective) {
		return union(match.KnownKeys(), nil), wordsOnly
	})
}

// completeKeys offers the keys of all types and of the files named, as spell spells
// them. No space follows, since an operator or another item may.
func completeKeys(cmd *cobra.Command, flag string, spell func(keys ...string) string) {
	completeFlag(cmd, flag, func(args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		return keyWords(args, toComplete, spell), wordsOnly | cobra.ShellCompDirectiveNoSpace
	})
}

// keyWords returns those keys, as the last item of a list.
func keyWords(args []string, toComplete string, spell func(keys ...string) string) []string {
	words := []string{spell("metadata") + "."}
	for _, key := range match.KnownKeys() {
		words = append(words, spell(key))
	}
	for e := range heads(args) {
		for key := range e.Value().Members() {
			words = append(words, spell(string(key)))
		}
		for key := range e.Lookup("metadata").Members() {
			words = append(words, spell("metadata", string(key)))
		}
	}
	return inList(union(words, nil), toComplete)
}

// dotted spells the path to a value as --field does.
func dotted(keys ...string) string { return selection.Key(keys).String() }

// completeValues offers the values that a key has in the files named, and for
// event_type all known types.
func completeValues(cmd *cobra.Command, flag, key string) {
	completeFlag(cmd, flag, func(args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		values := valuesIn(args, key)
		if key == "event_type" {
			values = union(values, events.Types())
		}
		return inList(values, toComplete), wordsOnly
	})
}

// valuesIn returns the values of a key at the beginning of the files.
func valuesIn(paths []string, key string) []string {
	var values []string
	for e := range heads(paths) {
		// A comma would begin the next item of the list.
		if v := e.Lookup(key); v.Kind() == events.String && !strings.Contains(v.String(), ",") {
			values = append(values, v.String())
		}
	}
	return union(values, nil)
}

// heads yields the events in the first block of each regular file.
func heads(paths []string) iter.Seq[events.Event] {
	return func(yield func(events.Event) bool) {
		for _, path := range paths {
			f, err := openRegular(path)
			if err != nil {
				f, err = openRegular(expanded(path))
			}
			if err != nil {
				continue
			}
			head, _ := io.ReadAll(io.LimitReader(f, events.BlockSize))
			f.Close()
			for e, err := range events.NewReader(bytes.NewReader(head)).Events() {
				if err == nil && !yield(e) {
					return
				}
			}
		}
	}
}

// expanded expands a path as the shell will: for completion it comes as it was typed.
func expanded(path string) string {
	if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(path, "~/") {
		path = home + path[1:]
	}
	return os.ExpandEnv(path)
}

// union returns the words of both lists, sorted, each once.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
