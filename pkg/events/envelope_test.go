package events_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"auditctl/pkg/events"
)

func TestParseTimestamp(t *testing.T) {
	second := time.Date(2025, 6, 15, 14, 30, 0, 0, time.UTC)
	for _, tc := range []struct {
		text string
		want time.Time
	}{
		{"2025-06-15T14:30:00Z", second},
		{"2025-06-15T14:30:00z", second},
		{"2025-06-15t14:30:00Z", second},
		{"2025-06-15 14:30:00Z", second},
		{"2025-06-15T14:30:00", second},
		{"2025-06-15 14:30:00", second},
		{"2025-06-15T14:30:00+00:00", second},
		{"2025-06-15T14:30:00-00:00", second},
		{"2025-06-15T16:30:00+02:00", second},
		{"2025-06-15T16:30:00+0200", second},
		{"2025-06-15T16:30:00+02", second},
		{"2025-06-15T08:45:00-05:45", second},
		{"2025-06-16T14:29:00+23:59", second},
		{"2025-06-14T14:31:00-23:59", second},
		{"2025-06-15T14:30:00.1Z", second.Add(100 * time.Millisecond)},
		{"2025-06-15T14:30:00.12+00:00", second.Add(120 * time.Millisecond)},
		{"2025-06-15T14:30:00.123", second.Add(123 * time.Millisecond)},
		{"2025-06-15T14:30:00.123456+00:00", fixedTime},
		{"2025-06-15 16:30:00.123456+02:00", fixedTime},
		{"2025-06-15T14:30:00.123456000Z", fixedTime},
		{"2025-06-15T14:30:00.000000001Z", second.Add(1)},
		{"2025-06-15T14:30:00.1234567891Z", second.Add(123_456_789)},
		{"2025-06-15T14:30:00.999999999999Z", second.Add(999_999_999)},
		{"2024-02-29T00:00:00Z", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"2000-02-29T00:00:00Z", time.Date(2000, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"2025-12-31T23:59:59Z", time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)},
		{"2025-12-31T23:59:59-00:01", time.Date(2026, 1, 1, 0, 0, 59, 0, time.UTC)},
		{"0001-01-01T00:00:00Z", time.Time{}},
		{"9999-12-31T23:59:59Z", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		{"1969-12-31T23:59:59.5Z", time.Unix(-1, 500_000_000)},
	} {
		got, ok := events.ParseTimestamp([]byte(tc.text))
		if !ok || !got.Equal(tc.want) || got.Location() != time.UTC {
			t.Errorf("%s is %v, %t, want %v", tc.text, got, ok, tc.want)
		}
	}
}

func TestParseTimestampRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "now", "yesterday", "1750000000", "2025", "2025-06-15", "2025-06-15T", "2025-06-15T14:30", "2025-06-15T14:30Z",
		"2025-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2025-04-31T00:00:00Z", "2025-06-31T00:00:00Z",
		"2025-00-15T14:30:00Z", "2025-13-15T14:30:00Z", "2025-06-00T14:30:00Z", "2025-06-32T14:30:00Z",
		"2025-06-15T24:00:00Z", "2025-06-15T14:60:00Z", "2025-06-15T14:30:60Z", "2016-12-31T23:59:60Z",
		"2025-06-15T14:30:00.Z", "2025-06-15T14:30:00.", "2025-06-15T14:30:00,5Z", "2025-06-15T14:30:00.-5Z",
		"2025-06-15T14:30:00ZZ", "2025-06-15T14:30:00Z ", " 2025-06-15T14:30:00Z", "2025-06-15T14:30:00 Z", "2025-06-15T14:30:00Z+00:00",
		"2025-06-15T14:30:00+24:00", "2025-06-15T14:30:00+02:60", "2025-06-15T14:30:00+2:00", "2025-06-15T14:30:00+02:0", "2025-06-15T14:30:00+",
		"2025-06-15T14:30:00+02.00", "2025-06-15T14:30:00+02:00:00", "2025-06-15T14:30:00 +02:00", "2025-06-15T14:30:00CET", "2025-06-15T14:30:00+-2:00",
		"2025-06-15_14:30:00Z", "2025/06/15T14:30:00Z", "2025-06-15T14.30.00Z", "20250615T143000Z", "2025-6-15T14:30:00Z0", "25-06-15T14:30:00Z00",
		"+025-06-15T14:30:00Z", "2025-+6-15T14:30:00Z", "2025-06-15T-1:30:00Z", "2025-06-15T14:30: 0Z", "２025-06-15T14:30:00Z", "2025-06-15T14:30:00\x00",
		"12025-06-15T14:30:00Z", "-2025-06-15T14:30:00Z", "2025-06-15T14:30:0aZ",
	} {
		if got, ok := events.ParseTimestamp([]byte(text)); ok {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}

func TestParseTimestampAgreesWithTimeParse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	layouts := []string{time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04:05.000000Z07:00", "2006-01-02T15:04:05.000000-07:00"}
	for range 10_000 {
		zone := time.FixedZone("", (r.IntN(2*1439+1)-1439)*60)
		when := time.Unix(r.Int64N(200_000_000_000)-30_000_000_000, r.Int64N(1e9)).In(zone)
		for _, layout := range layouts {
			text := when.Format(layout)
			want, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := events.ParseTimestamp([]byte(text)); !ok || !got.Equal(want) {
				t.Fatalf("%s is %v, %t, want %v", text, got, ok, want)
			}
		}
	}
}

// Whatever is taken for a timestamp with a T and an offset, time.Parse takes
// for the same.
func FuzzParseTimestamp(f *testing.F) {
	for _, text := range []string{fixedText, "2025-06-15t14:30:00z", "2024-02-29 23:59:59.999999999999-2359", "2025-06-15T14:30:00", "2025-06-31T24:60:60.+99"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := events.ParseTimestamp(text)
		want, err := time.Parse(time.RFC3339Nano, string(text))
		if ok && err == nil && !got.Equal(want) {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
		if !ok && err == nil && want.Format(time.RFC3339) == string(text) && !want.IsZero() {
			t.Errorf("%s was refused", text)
		}
	})
}
