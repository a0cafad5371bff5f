package cmd

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/match"
)

// flagError says what is wrong with the flags of a command, and what was meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var noValue *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return unknownLetter(cmd, letters, unknown.GetSpecifiedName())
		}
		return unknownFlag(cmd, unknown.GetSpecifiedName())
	case errors.As(err, &noValue):
		f := noValue.GetFlag()
		value, _ := pflag.UnquoteUsage(f)
		return usagef("%s: the value is missing: %s", flagNames(f), value)
	case errors.As(err, &invalid):
		return usagef("--%s %q: %w", invalid.GetFlag().Name, brief(invalid.GetValue()), wrongValue(invalid))
	}
	return usageError{err}
}

// flagNames returns a flag as its help does, without its value.
func flagNames(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand + ", --" + f.Name
	}
	return "--" + f.Name
}

// wrongValue says what values of a flag look like.
func wrongValue(err *pflag.InvalidValueError) error {
	switch err.GetFlag().Value.Type() {
	case "duration":
		return errors.New("want a time such as 90s, 5m or 24h")
	case "int", "int64":
		return errors.New("want a whole number")
	case "bool":
		return errors.New("want true or false")
	}
	return err.Unwrap()
}

// synonyms are the names that other programs, and people, have for flags.
var synonyms = [...]struct{ flag, typed string }{
	{"agent-id", "agent agents"},
	{"by", "group-by group"},
	{"color", "colour colors"},
	{"color=never", "no-color no-colour"},
	{"columns", "fields cols"},
	{"field", "filter match key grep regexp regex pattern E P g"},
	{"follow", "watch live"},
	{"format", "output-format view style pretty"},
	{"format=jsonl", "json raw"},
	{"format=table", "table"},
	{"format=tree", "tree"},
	{"from", "dialect input-format source"},
	{"input", "file files in"},
	{"invert", "invert-match inverse negate"},
	{"jobs", "threads workers parallel cpus"},
	{"json", "format output-format"},
	{"lines", "tail last"},
	{"max-count", "limit head first"},
	{"not-type", "exclude ignore skip"},
	{"output", "out output-file dest destination write"},
	{"quiet", "silent"},
	{"session-id", "session sessions"},
	{"severity", "level log-level loglevel min-level severity-level priority severities"},
	{"since", "after start since-time begin newer"},
	{"sort", "merge order"},
	{"tool-name", "tool tools unit u"},
	{"top", "limit head rows"},
	{"turn-id", "turn turns"},
	{"type", "types event event-type events kind"},
	{"tz", "timezone time-zone zone"},
	{"until", "before end until-time older to"},
	{"where", "jq expr expression select query"},
	{"wrap", "full no-trunc"},
}

// few is how many flags are worth naming.
const few = 3

// unknownFlag is the error about a long flag that a command does not have.
func unknownFlag(cmd *cobra.Command, typed string) error {
	if like := flagsLike(cmd.Flags(), typed); len(like) > 0 {
		return remedyf("no flag --%s: did you mean %s?", typed, list(like, "or"))
	}
	return elsewhere(cmd, "--"+typed, func(fs *pflag.FlagSet) string {
		if fs.Lookup(typed) != nil {
			return "--" + typed
		}
		return meant(fs, typed)
	})
}

// flagsLike returns the flags that were likely meant by a name, if they are few: one with
// another name for the same, those that begin so, one that is spelled nearly so, or those
// of which it is a part.
func flagsLike(fs *pflag.FlagSet, typed string) []string {
	if flag := meant(fs, typed); flag != "" {
		return []string{flag}
	}
	var names, begin, contain []string
	fs.VisitAll(func(f *pflag.Flag) {
		names = append(names, f.Name)
		if strings.HasPrefix(f.Name, typed) {
			begin = append(begin, "--"+f.Name)
		}
		if slices.Contains(strings.Split(f.Name, "-"), typed) {
			contain = append(contain, "--"+f.Name)
		}
	})
	like := match.Similar(typed, names)
	switch {
	case len(begin) > 0 && len(begin) <= few:
		return begin
	case like != "":
		return []string{"--" + like}
	case len(contain) <= few:
		return contain
	}
	return nil
}

// meant returns the flag that has a synonym, or "".
func meant(fs *pflag.FlagSet, synonym string) string {
	for _, s := range synonyms {
		name, _, _ := strings.Cut(s.flag, "=")
		if slices.Contains(strings.Fields(s.typed), synonym) && fs.Lookup(name) != nil {
			return "--" + s.flag
		}
	}
	return ""
}

// unknownLetter is the error about a flag of one letter that a command does not have, in
// a group of letters, which may have been meant as a long flag.
func unknownLetter(cmd *cobra.Command, letters, letter string) error {
	fs := cmd.Flags()
	if name, _, _ := strings.Cut(letters, "="); len(name) > 1 {
		if fs.Lookup(name) != nil {
			return oneDash(name)
		}
		if flag := meant(fs, name); flag != "" {
			return remedyf("no flag -%s: did you mean %s?", name, flag)
		}
	}
	if len(letter) > 1 { // not ASCII
		return usagef("no flag -%s", brief(letters))
	}
	if flag := meant(fs, letter); flag != "" {
		return remedyf("no flag -%s: did you mean %s?", letter, flag)
	}
	err := elsewhere(cmd, "-"+letter, func(fs *pflag.FlagSet) string {
		if fs.ShorthandLookup(letter) != nil {
			return "-" + letter
		}
		return ""
	})
	for _, other := range []string{strings.ToLower(letter), strings.ToUpper(letter)} {
		if f := fs.ShorthandLookup(other); f != nil && other != letter && !errors.As(err, new(match.Remedy)) {
			return remedyf("no flag -%s: did you mean %s?", letter, flagNames(f))
		}
	}
	return err
}

// elsewhere is the error about a flag that a command does not have. Others may: in
// returns how they spell it, or "".
func elsewhere(cmd *cobra.Command, typed string, in func(*pflag.FlagSet) string) error {
	have := map[string][]string{} // commands, by how they spell it
	for _, other := range Tree().Commands() {
		isIn := func(sub *cobra.Command) bool { return in(sub.Flags()) != "" }
		if other.Name() == cmd.Name() && slices.ContainsFunc(other.Commands(), isIn) {
			return remedyf("no flag %s before the type: write '%s TYPE %s'", typed, cmd.Name(), typed)
		}
		if flag := in(other.Flags()); flag != "" {
			have[flag] = append(have[flag], other.Name())
		}
	}
	spelled := typed
	if have[typed] == nil && len(have) > 0 {
		spelled = slices.Min(slices.Collect(maps.Keys(have)))
	}
	commands, verb, it := have[spelled], "have", spelled
	// Who mistypes a flag wants to read events, if that may be.
	if read := slices.DeleteFunc(slices.Clone(commands), func(name string) bool { return name == "erase" || name == "prove" }); len(read) > 0 {
		commands = read
	}
	if len(commands) == 1 {
		verb = "has"
	}
	if spelled == typed {
		it = "it"
	}
	if len(commands) > few {
		commands = append(commands[:few-1:few-1], "others")
	}
	switch {
	case len(commands) == 0, cmd.HasParent() && cmd.Parent().HasParent():
		return usagef("no flag %s", brief(typed))
	case !cmd.HasParent():
		return remedyf("no flag %s before a command: %s %s %s", typed, list(commands, "and"), verb, it)
	case cmd.HasSubCommands():
		return remedyf("no flag %s: the type is the first argument, as in '%s error'", brief(typed), cmd.Name())
	}
	return remedyf("%s has no flag %s: %s %s %s", cmd.Name(), typed, list(commands, "and"), verb, it)
}
