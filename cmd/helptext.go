package cmd

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	helpWidth = 80

	// flagColumn is the most columns of a flag that its description follows on the same
	// line.
	flagColumn = 27
)

// helpText returns the help of a command. What is looked for most often comes first: how
// to call it, the commonest examples and the flags.
func helpText(c *cobra.Command) string {
	settleTexts(c)
	summary, details, _ := strings.Cut(cmp.Or(c.Long, c.Short+"."), "\n\n")
	first, more := splitExamples(c.Example)

	var b strings.Builder
	b.WriteString(summary + "\n\nUsage:\n  " + c.UseLine() + "\n")
	section := func(title, text string) {
		if text != "" {
			b.WriteString("\n" + title + ":\n" + strings.TrimSuffix(text, "\n") + "\n")
		}
	}
	section("Examples", first)
	section("Commands", commandList(c))
	for _, group := range FlagGroups(c) {
		section(group.Name, flagList(c, group.Flags))
	}
	section("Details", details)
	section("More examples", more)
	if c.HasAvailableSubCommands() {
		b.WriteString("\n" + wrapped("'"+c.CommandPath()+" COMMAND --help' says more about a command.", 0) + "\n")
	}
	return b.String()
}

// commandList returns the subcommands of a command, each with what it does.
func commandList(c *cobra.Command) string {
	longest := 0
	for _, sub := range c.Commands() {
		longest = max(longest, len(sub.Name()))
	}
	var b strings.Builder
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			entry(&b, sub.Name(), sub.Short, longest)
		}
	}
	return b.String()
}

// flagList returns some of the flags of a command, each with its description, which
// begins in the same column for all flags of the command.
func flagList(c *cobra.Command, flags []*pflag.Flag) string {
	longest := 0
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if typed, _ := DescribeFlag(f); len(typed) <= flagColumn {
			longest = max(longest, len(typed))
		}
	})
	var b strings.Builder
	for _, f := range flags {
		typed, usage := DescribeFlag(f)
		entry(&b, typed, usage, longest)
	}
	return b.String()
}

// entry adds a term and its description, which begins on the next line if the term takes
// more than width columns.
func entry(b *strings.Builder, term, description string, width int) {
	b.WriteString("  " + term)
	indent := 2 + width + 2
	if gap := width - len(term); gap >= 0 {
		b.WriteString(strings.Repeat(" ", gap+2))
	} else {
		b.WriteString("\n" + strings.Repeat(" ", indent))
	}
	b.WriteString(wrapped(description, indent) + "\n")
}

// wrapped fills text between the columns indent and helpWidth, except that its first line
// is not indented.
func wrapped(text string, indent int) string {
	return filled(text, helpWidth-indent, strings.Repeat(" ", indent))
}

// filled breaks text into lines of at most width columns, and puts before before all but
// the first.
func filled(text string, width int, before string) string {
	var b strings.Builder
	room := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			room = width - n
		case n < room:
			b.WriteByte(' ')
			room -= 1 + n
		default:
			b.WriteString("\n" + before)
			room = width - n
		}
		b.WriteString(word)
	}
	return b.String()
}

// fitted fills the paragraphs of a text that have a line longer than helpWidth.
func fitted(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		for line := range strings.SplitSeq(p, "\n") {
			if utf8.RuneCountInString(line) > helpWidth {
				paragraphs[i] = wrapped(p, 0)
				break
			}
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// settleTexts makes the texts of a command what its help and its page show: with the
// program's name, and no line longer than helpWidth.
func settleTexts(c *cobra.Command) {
	name := c.Root().Name()
	c.Long = fitted(underName(c.Long, name))
	c.Example = settledExamples(underName(c.Example, name), name)
	c.LocalFlags().VisitAll(func(f *pflag.Flag) { f.Usage = underName(f.Usage, name) })
}
