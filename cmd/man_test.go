package cmd_test

import (
	"os"
	"os/exec"
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

// man shows every page without a warning, and on 80 columns without a broken line.
func TestManPagesRender(t *testing.T) {
	t.Parallel()
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("there is no groff here")
	}
	pages, err := filepath.Glob("../docs/man/*.1")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	var warnings strings.Builder
	show := exec.Command(groff, append([]string{"-man", "-ww", "-Tascii", "-P-c", "-rLL=78n"}, pages...)...)
	show.Stderr = &warnings
	shown, err := show.Output()
	if err != nil || warnings.Len() > 0 {
		t.Errorf("%v\n%s", err, &warnings)
	}
	for line := range strings.SplitSeq(string(shown), "\n") {
		if line = overstruck.ReplaceAllString(line, ""); len(line) > 78 {
			t.Errorf("%q", line)
		}
	}
}

// overstruck matches what comes before a character that is printed bold or underlined.
var overstruck = regexp.MustCompile(".\x08")

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
