package events_test

import (
	"strings"
	"testing"

	"auditctl/pkg/events"
)

func TestSeverityRank(t *testing.T) {
	for i, s := range []events.Severity{"", "debug", "info", "warning", "error", "critical"} {
		if s.Rank() != i {
			t.Errorf("rank of %q is %d, want %d", s, s.Rank(), i)
		}
	}
	for i, s := range events.Severities() {
		if s.Rank() != i+1 {
			t.Errorf("Severities()[%d] is %s of rank %d", i, s, s.Rank())
		}
	}
}

func TestParseSeverity(t *testing.T) {
	for want, words := range map[events.Severity]string{
		"debug":    "debug dbg trace verbose",
		"info":     "info inf information informational notice",
		"warning":  "warning warn wrn",
		"error":    "error err severe",
		"critical": "critical crit fatal alert emergency emerg panic dpanic",
		"":         "loud info. 3 i in infos informational. informationals w\u0430rn inf\x00",
	} {
		for word := range strings.FieldsSeq(words) {
			for _, text := range []string{word, strings.ToUpper(word), strings.ToUpper(word[:1]) + word[1:]} {
				got, ok := events.ParseSeverity(text)
				if got != want || ok != (want != "") || events.Severity(text).Rank() != want.Rank() {
					t.Errorf("%q is %q, %t, rank %d, want %q", text, got, ok, events.Severity(text).Rank(), want)
				}
			}
		}
	}
	for _, text := range []string{"", " ", "info ", " info", "ınfo"} {
		if got, ok := events.ParseSeverity(text); ok || events.Severity(text).Rank() != 0 {
			t.Errorf("%q is %q", text, got)
		}
	}
}
