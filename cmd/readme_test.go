package cmd_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The console examples of the README print what it says, if run one after the other in
// one shell.
func TestReadmeExamples(t *testing.T) {
	t.Parallel()
	var script, want strings.Builder
	for _, block := range readmeBlocks(t, "console") {
		for line := range strings.Lines(block) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				script.WriteString(command)
				continue
			}
			want.WriteString(line)
		}
	}
	dir := t.TempDir()
	sh := exec.Command("sh", "-c", script.String())
	sh.Dir = dir
	sh.Env = append(os.Environ(), "TZ=UTC")
	got, err := sh.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	if string(got) != want.String() {
		t.Errorf("the examples print\n%s\nand not, as the README says,\n%s", got, want.String())
	}
}

// The library example in the README is one that is compiled.
func TestReadmeLibrary(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../pkg/collector/readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	dedented := regexp.MustCompile(`(?m)^\t`).ReplaceAllString(string(example), "")
	for _, block := range readmeBlocks(t, "go") {
		if !strings.Contains(dedented, block) {
			t.Errorf("not in pkg/collector/readme_test.go:\n%s", block)
		}
	}
}

// readmeBlocks returns the README's code blocks of one language.
func readmeBlocks(t *testing.T, language string) []string {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllSubmatch(readme, -1)
	if found == nil {
		t.Fatalf("no %s in the README", language)
	}
	var blocks []string
	for _, f := range found {
		blocks = append(blocks, string(f[1]))
	}
	return blocks
}
