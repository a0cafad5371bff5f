package events_test

import (
	"testing"

	"auditctl/pkg/events"
)

func TestSeverityRank(t *testing.T) {
	for i, s := range []events.Severity{"", "debug", "info", "warning", "error", "critical"} {
		if s.Rank() != i {
			t.Errorf("rank of %q is %d, want %d", s, s.Rank(), i)
		}
	}
	for _, s := range []events.Severity{"INFO", "fatal", "warn", "info "} {
		if s.Rank() != 0 {
			t.Errorf("rank of %q is %d, want 0", s, s.Rank())
		}
	}
	for i, s := range events.Severities() {
		if s.Rank() != i+1 {
			t.Errorf("Severities()[%d] is %s of rank %d", i, s, s.Rank())
		}
	}
}
