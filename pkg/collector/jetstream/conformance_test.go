package jetstream_test

import (
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/collector/collectortest"
	"auditctl/pkg/collector/jetstream"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	streams := 0
	subject := func(t *testing.T, opts *jetstream.Options) collectortest.Subject {
		streams++
		name := strings.Repeat("A", streams)
		a := parseAddress(t, "nats://"+n.host()+"/"+name+"?subject="+name)
		return collectortest.Subject{Collector: open(t, a, opts), Lines: func() []string { return linesOf(readBack(t, a)) }}
	}
	t.Run("direct", func(t *testing.T) {
		collectortest.Run(t, func(t *testing.T) collectortest.Subject { return subject(t, nil) })
	})
	t.Run("spool", func(t *testing.T) {
		collectortest.Run(t, func(t *testing.T) collectortest.Subject {
			dir := filepath.Join(t.TempDir(), "spool")
			s := subject(t, &jetstream.Options{Spool: dir, Stall: patience})
			lines := s.Lines
			s.Lines = func() []string { // flushed lines may still be in the spool
				awaitDelivered(t, dir)
				return lines()
			}
			return s
		})
	})
}
