package jetstream_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Importing package collector does not link NATS.
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
