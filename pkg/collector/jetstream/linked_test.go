package jetstream_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Who imports only the package of collectors does not get NATS with it.
func TestNotLinked(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "auditctl/pkg/collector").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "nats-io") {
		t.Errorf("pkg/collector depends on NATS:\n%s", out)
	}
}
