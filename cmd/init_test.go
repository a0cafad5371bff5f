package cmd_test

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// No package of auditctl compiles, parses or fills tables before it is known what is
// asked for: every start would pay for that.
func TestInitAllocatesLittle(t *testing.T) {
	t.Parallel()
	const most = 4 << 10 // bytes for each package
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
	for _, m := range inits {
		if name := string(m[1]); strings.HasSuffix(name, "_test") {
			continue // in which auditctl runs here
		}
		if n, _ := strconv.Atoi(string(m[2])); n > most {
			t.Errorf("%s allocates %d bytes, want at most %d", m[1], n, most)
		}
	}
}
