package cmd_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"auditctl/cmd"
)

// Help fits into 80 columns, also under a longer name, which it then uses everywhere.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"auditctl", "agents-audit-log-3"} {
		for _, c := range commands() {
			c.Root().Use = strings.Replace(c.Root().Use, "auditctl", name, 1)
			help := cmd.HelpText(c)
			for line := range strings.SplitSeq(help, "\n") {
				if utf8.RuneCountInString(line) > 80 || strings.TrimRight(line, " ") != line {
					t.Errorf("%s: %q", c.CommandPath(), line)
				}
			}
			if other := name != "auditctl"; other && strings.Contains(strings.ToLower(help), "auditctl") {
				t.Errorf("%s: the help names auditctl:\n%s", c.CommandPath(), help)
			}
		}
	}
}

// Every flag of a command that has more than a few is in a group.
func TestFlagsAreGrouped(t *testing.T) {
	t.Parallel()
	const few = 8
	for _, c := range commands() {
		count := 0
		var loose []string
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			count++
			if f.Name != "help" && f.Annotations["group"] == nil {
				loose = append(loose, f.Name)
			}
		})
		if count > few && len(loose) > 0 {
			t.Errorf("%s: in no group: %v", c.CommandPath(), loose)
		}
	}
}

var heading = regexp.MustCompile(`^[A-Z][a-z ]+:\n`)

// Help begins with how to call a command, then come the first examples and the flags, in
// the order of the groups.
func TestHelpOrder(t *testing.T) {
	t.Parallel()
	_, help, _ := run(nil, "filter", "--help")
	var headings []string
	for line := range strings.Lines(help) {
		if heading.MatchString(line) {
			headings = append(headings, strings.TrimSuffix(line, ":\n"))
		}
	}
	want := []string{"Usage", "Examples", "Selection", "Context", "Input", "Receiving", "Output", "Destinations", "Redaction", "Invalid lines", "General", "Details", "More examples"}
	if !slices.Equal(headings, want) {
		t.Errorf("%q\nwant %q", headings, want)
	}
	before, _, _ := strings.Cut(help, "\nSelection:\n")
	if n := strings.Count(before, "  # "); n != 4 { // with how to get the log
		t.Errorf("%d examples before the flags", n)
	}
}

// A shell gets descriptions without marks, and offers files only where a file may be
// meant.
func TestCompletionsOfFlags(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		complete := append([]string{"__complete"}, strings.Fields(c.CommandPath())[1:]...)
		_, offered, _ := run(nil, append(complete, "--")...)
		if strings.Contains(offered, "`") {
			t.Errorf("%s: %s", c.CommandPath(), offered)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			value, _ := pflag.UnquoteUsage(f)
			if value == "" {
				return
			}
			_, offered, _ := run(nil, append(complete, "--"+f.Name+"=")...)
			files := strings.HasSuffix(offered, ":0\n")
			if want := slices.Contains([]string{"FILE", "DEST", "KEYFILE", "CHECKPOINT", "KEY=PATH,..."}, value) || f.Name == "vkey"; files != want {
				t.Errorf("%s --%s %s: %q", c.CommandPath(), f.Name, value, offered)
			}
		})
	}
}
