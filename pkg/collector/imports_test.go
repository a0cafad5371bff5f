package collector_test

import (
	"os/exec"
	"strings"
	"testing"
)

// A program that only writes files does not link the dependencies of other collectors.
func TestImportsNoOtherCollector(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "auditctl/pkg/collector").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range strings.Fields(string(out)) {
		if strings.HasPrefix(pkg, "auditctl/pkg/collector/") || pkg == "net" || strings.HasPrefix(pkg, "github.com/nats-io/") || strings.HasPrefix(pkg, "google.golang.org/") {
			t.Errorf("it imports %s", pkg)
		}
	}
}
