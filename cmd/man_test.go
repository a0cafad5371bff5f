package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"auditctl/cmd"
)

// Each command has a man page, which says everything that its help says, character by
// character.
func TestManPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/man/*")
	if err != nil {
		t.Fatal(err)
	}
	var each func(c *cobra.Command)
	each = func(c *cobra.Command) {
		path := "../docs/man/" + strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		pages = slices.DeleteFunc(pages, func(page string) bool { return page == filepath.Clean(path) })
		t.Run(c.CommandPath(), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			checkPage(t, shownPage(string(text)), c)
		})
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(cmd.Tree())
	if len(pages) > 0 {
		t.Errorf("pages of no command: %v", pages)
	}
}

// checkPage checks that a page shows what the help of a command says.
func checkPage(t *testing.T, page string, c *cobra.Command) {
	t.Helper()
	for line := range strings.Lines(c.Example) {
		if !strings.Contains(page, "\n"+strings.TrimSuffix(line, "\n")+"\n") {
			t.Errorf("no example %q", line)
		}
	}
	_, help, _ := run(strings.NewReader(""), append(strings.Fields(c.CommandPath())[1:], "--help")...)
	help = notInPages.ReplaceAllString(help, "")
	filled := strings.Join(strings.Fields(page), " ")
	// The page breaks lines differently, and has a list of exit statuses.
	for _, part := range strings.FieldsFunc(help, func(r rune) bool { return r == '\n' || r == ';' }) {
		part = strings.TrimSuffix(strings.Join(strings.Fields(part), " "), ".")
		if !strings.Contains(filled, part) {
			t.Errorf("no %q", part)
		}
	}
}

// notInPages matches the parts of a help text that refer to other help texts, and its
// headings.
var notInPages = regexp.MustCompile(`(?m)^'.* COMMAND --help' says .*|^  help .*|^[A-Z][a-z]+( [a-z]+)?:$|^Exit status: `)

// shownPage returns what man shows of a page, except for line breaks.
func shownPage(page string) string {
	var shown strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, ".") {
			continue
		}
		shown.WriteString(strings.NewReplacer(
			`\fB`, "", `\fR`, "", `\&`, "", `\e`, `\`, `\-`, "-",
			`\(aq`, "'", `\(ga`, "`", `\(ha`, "^", `\(ti`, "~", `\(dq`, `"`,
		).Replace(line))
	}
	return shown.String()
}
