package cmd

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
)

func newDialectsCmd(s Streams, _ arguments) *cobra.Command {
	return &cobra.Command{
		Use:        "dialects [NAME...]",
		SuggestFor: []string{"formats", "types"},
		Short:      "List the logs of other programs that can be read as events",
		Long: `List the dialects that --from takes: their names and what they are. With a NAME,
print where such logs are, how they are recognized, and what becomes of what is
in them.

filter, cat and stats recognize these logs unless --from=none is given; tee and
emit --stdin decode only what --from names.`,
		Example: `
# Which logs can be read?
auditctl dialects

# What becomes of a transcript of Claude Code?
auditctl dialects claude-code`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return dialectNames(), wordsOnly
		},
		RunE: func(_ *cobra.Command, names []string) error { return runDialects(s, names) },
	}
}

func runDialects(s Streams, names []string) error {
	var out bytes.Buffer
	if len(names) == 0 {
		width := 0
		for _, d := range dialects.All() {
			width = max(width, len(d.Name))
		}
		for _, d := range dialects.All() {
			fmt.Fprintf(&out, "%-*s  %s\n", width, d.Name, d.Title)
		}
	}
	for i, wanted := range names {
		d := dialects.Named(wanted)
		if d == nil {
			if like := likeWord(wanted, dialectNames()); like != "" {
				return remedyf("no dialect %q: did you mean %s?", wanted, like)
			}
			return usagef("no dialect %q: '%s dialects' lists them", wanted, name)
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		describe(&out, d)
	}
	_, err := terminal.Guard(s.Out).Write(out.Bytes())
	return err
}

// describe writes what there is to know of a dialect.
func describe(out *bytes.Buffer, d *dialect.Dialect) {
	fmt.Fprintf(out, "%s: %s\n", d.Name, d.Title)
	if d.Where != "" {
		fmt.Fprintf(out, "where: %s\n", d.Where)
	}
	if d.Known != "" {
		fmt.Fprintf(out, "known by: %s\n", d.Known)
	}
	width := 0
	for _, m := range d.Maps {
		width = max(width, len(m.From))
	}
	for _, m := range d.Maps {
		fmt.Fprintf(out, "  %-*s  %s\n", width, m.From, m.To)
	}
}
