package events_test

import (
	"testing"
	"time"

	"auditctl/pkg/events"
)

// The value of an event may be a string or a number.
func TestTimestampValues(t *testing.T) {
	want := time.Date(2026, 7, 4, 9, 0, 0, 500_000_000, time.UTC)
	for _, value := range []string{`1783155600.5`, `"1783155600.5"`, `1783155600500`, `1.7831556005e9`, `"2026-07-04\u002009:00:00,5"`, `20260704090000.5`} {
		e, err := events.Parse([]byte(`{"event_type": "x", "timestamp": ` + value + `}`))
		if err != nil {
			t.Fatal(err)
		}
		envelope, err := e.Envelope()
		if err != nil || !envelope.Timestamp.Equal(want) {
			t.Errorf("%s is %v, %v, want %v", value, envelope.Timestamp, err, want)
		}
	}
	for _, value := range []string{`17`, `true`, `[1783155600]`, `{}`, `-1783155600`} {
		if got, ok := events.Value(value).Time(); ok {
			t.Errorf("%s is %v", value, got)
		}
	}
}
