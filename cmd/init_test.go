package cmd_test

import (
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"auditctl/cmd"
)

// No package of auditctl compiles, parses or fills tables before it is known what is
// asked for: every start would pay for that.
func TestInitAllocatesLittle(t *testing.T) {
	t.Parallel()
	const most, mostOfAll = 4 << 10, 12 << 10 // bytes
	p := exec.Command("auditctl", "--version")
	p.Env = environment("GODEBUG=inittrace=1")
	trace, err := p.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	inits := regexp.MustCompile(`(?m)^init (auditctl/\S+) .* ([0-9]+) bytes, `).FindAllSubmatch(trace, -1)
	if len(inits) == 0 {
		t.Fatalf("no package of auditctl was seen:\n%s", trace)
	}
	all := 0
	for _, m := range inits {
		if name := string(m[1]); strings.HasSuffix(name, "_test") {
			continue // in which auditctl runs here
		}
		n, _ := strconv.Atoi(string(m[2]))
		if all += n; n > most {
			t.Errorf("%s allocates %d bytes, want at most %d", m[1], n, most)
		}
	}
	if all > mostOfAll {
		t.Errorf("all packages allocate %d bytes, want at most %d", all, mostOfAll)
	}
}

// Packages whose init every start would pay for are not linked: protobuf's registries.
func TestNotLinked(t *testing.T) {
	t.Parallel()
	packages, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "auditctl").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(packages)) {
		for _, costly := range []string{"google.golang.org/", "go.opentelemetry.io/", "go/", "testing"} {
			if strings.HasPrefix(name, costly) {
				t.Errorf("%s is linked", name)
			}
		}
	}
}

// A start builds the command that is asked for, and of others nothing.
func TestStartAllocatesLittle(t *testing.T) {
	for _, test := range []struct {
		args []string
		most float64
	}{
		{[]string{"--version"}, 350},
		{[]string{"emit", "base"}, 450},
		{[]string{"emit", "tool_call_complete", "--tool-name", "grep"}, 500},
		{[]string{"hook", "-o", "-"}, 700},
		{[]string{"filter"}, 700},
	} {
		allocs := testing.AllocsPerRun(5, func() {
			s := cmd.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}
			cmd.Run(t.Context(), test.args, s)
		})
		if allocs > test.most {
			t.Errorf("%v: %.0f allocations, want at most %.0f", test.args, allocs, test.most)
		}
	}
}
