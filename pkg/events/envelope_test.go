package events_test

import (
	"math/rand/v2"
	"strings"
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
		"", " ", "now", "yesterday", "2025", "2025-06", "2025-06-15T", "2025-06-15Tnoon", "2025-06-15T14:", "2025-06-15T14:30:", "2025-06-15T1430:00", "2025-06-15T14:3000",
		"2025-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2025-04-31T00:00:00Z", "2025-06-31T00:00:00Z",
		"2025-00-15T14:30:00Z", "2025-13-15T14:30:00Z", "2025-06-00T14:30:00Z", "2025-06-32T14:30:00Z", "20250631", "20251301",
		"2025-06-15T24:00:01Z", "2025-06-15T24:01Z", "2025-06-15T24:00:00.1Z", "2025-06-15T25:00Z", "2025-06-15T14:60:00Z", "2025-06-15T14:30:61Z",
		"2025-06-15T14:30:00.Z", "2025-06-15T14:30:00.", "2025-06-15T14:30:00.-5Z", "2025-06-15T14:30.5Z", "2025-06-15T14.5Z",
		"2025-06-15T14:30:00ZZ", "2025-06-15T14:30:00Z+00:00", "2025-06-15T14:30:00 CET", "2025-06-15T14:30:00 UTC+1", "2025-06-15T14:30:00[Europe/Zurich]",
		"2025-06-15T14:30:00+24:00", "2025-06-15T14:30:00+02:60", "2025-06-15T14:30:00+2:00", "2025-06-15T14:30:00+02:0", "2025-06-15T14:30:00+",
		"2025-06-15T14:30:00+02.00", "2025-06-15T14:30:00CET", "2025-06-15T14:30:00+-2:00", "2025-06-15T14:30:00+020", "2025-06-15T14:30:00+02:00 CEST CEST",
		"2025-06-15T14:30:00+02:00 m=now", "2025-06-15T14:30:00+02:00[Europe/Zurich", "2025-06-15T14:30:00Z[a][b]",
		"2025-06-15_14:30:00Z", "2025/06-15T14:30:00Z", "2025-06-15T14.30.00Z", "2025-6-15T14:30:00Z0", "25-06-15T14:30:00Z00", "2025-06-15143000", "2025-06-1514:30",
		"+025-06-15T14:30:00Z", "2025-+6-15T14:30:00Z", "2025-06-15T-1:30:00Z", "2025-06-15T14:30: 0Z", "２025-06-15T14:30:00Z", "2025-06-15T14:30:00\x00",
		"12025-06-15T14:30:00Z", "-2025-06-15T14:30:00Z", "2025-06-15T14:30:0aZ",
		"2025-000", "2025-366", "2024-367", "2025-W00-1", "2025-W53-1", "2025-W10-0", "2025-W10-8", "2025-W10", "2025W101",
		// A date with what looks like an offset: it was meant to be a time of day.
		"2025-06-15-14:30", "2025-06-15-14:30:00", "20250615-143000", "20250615-1430", "2025-06-15 -14:30", "2025-06-15+02:00", "2025-06-15−02:00", "2025-06-15 +0200",
		"2025-06-15T2", "2025-06-15 2", "2025-06-15 2:3", "2025-06-15 :30", "20250615T230",
		"175000000", "17500000000", "175000000000", "17500000000000000", "-1750000000", "+1750000000", "1750000000.", "1750000000s", "0x175000000", "1.75e8", "1.75e9.5", "1e", "1e99", "1750000000e-1",
		"Mon, 09 Mar 2026 08:00:00 CET", "Mon, 09 Mar 2026", "Tomorrow", "Mon", "Mon Mar  9 08:00:00 EST 2026", "09/03/2026", "03-09-2026", "0000-12-31", "9999-12-31T24:00Z",
	} {
		if got, ok := events.ParseTimestamp([]byte(text)); ok {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}

// What programs write: the first of each line is the instant.
func TestParseTimestampForms(t *testing.T) {
	for _, line := range []string{
		// RFC 3339 and ISO 8601, of any precision
		"2026-03-09T08:15:00Z|2026-03-09t08:15:00z|2026-03-09T08:15Z|2026-03-09T08:15:00+00:00|2026-03-09T08:15:00.0Z|2026-03-09T09:15:00+01:00|2026-03-09T09:15:00+0100|2026-03-09T09:15:00+01",
		"2026-03-09T08:15:00Z|2026-03-09T13:45+05:30|2026-03-09T02:45:00−05:30|20260309T081500Z|20260309T0815Z|20260309T091500+0100|2026-03-09T081500Z|2026-068T08:15Z|2026-W11-1T08:15:00Z|2026-w11-1t08:15z",
		"2026-03-09T08:00:00Z|2026-03-09T08|2026-03-09T08Z|2026-03-09 09+01",
		"2026-03-09T08:15:00.125Z|2026-03-09T08:15:00,125Z|2026-03-09 08:15:00.125|20260309T081500.125Z|20260309081500.125|20260309081500,125000Z",
		"2026-03-09T08:15:00.123456789Z|2026-03-09T08:15:00,123456789+00:00|2026-03-09T08:15:00.1234567891Z",
		"2026-03-09T00:00:00Z|2026-03-09|20260309|2026-068|2026-W11-1|2026/03/09|2026-03-08T24:00|2026-03-08T24:00:00Z|2026-03-08 24:00:00.000|2026-03-09Z|2026-03-08T23:59:60Z|2026-03-09T01:00:00+01:00",
		"2017-01-01T00:00:00Z|2016-12-31T23:59:60Z|2016-12-31t23:59:60+00:00|2017-01-01T00:59:60+01:00",
		"2017-01-01T00:00:00.5Z|2016-12-31T23:59:60.5Z",
		"2025-01-01T00:00:00Z|2024-12-31T24:00|2025-001|2024-12-31T24:00:00Z|2025-W01-3",
		"2024-12-31T00:00:00Z|2024-366|2025-W01-2", "2021-01-03T00:00:00Z|2020-W53-7", "2019-12-30T00:00:00Z|2020-W01-1", "2010-01-03T00:00:00Z|2009-W53-7",
		// Python: isoformat, str, logging
		"2026-03-09T08:15:00.123456Z|2026-03-09T08:15:00.123456|2026-03-09 08:15:00.123456+00:00|2026-03-09T08:49:08.123456+00:34:08",
		"2026-03-09T08:15:00.123Z|2026-03-09 08:15:00,123",
		// Go: String of a time, with and without what the monotonic clock said; log
		"2026-03-09T08:15:00.5Z|2026-03-09 08:15:00.5 +0000 UTC|2026-03-09 09:15:00.5 +0100 CET m=+0.012345678|2026-03-09 11:45:00.5 +0330 +0330|2026-03-09 08:15:00.5 +0000 UTC m=-1.5",
		"2026-03-09T08:15:00Z|2026/03/09 08:15:00|2026/03/09 08:15:00.000000",
		// Java: Instant, LocalDateTime, OffsetDateTime, ZonedDateTime
		"2026-03-09T08:15:00Z|2026-03-09T08:15|2026-03-09T09:15+01:00|2026-03-09T09:15+01:00[Europe/Zurich]|2026-03-09T08:15:00Z[UTC]",
		// databases: PostgreSQL, MySQL, SQL Server, SQLite
		"2026-03-09T08:15:00.1234567Z|2026-03-09 09:15:00.1234567 +01:00|2026-03-09 09:15:00.1234567+01",
		"2026-03-09T08:15:00Z|2026-03-09 08:15:00|2026-03-09 08:15|20260309081500|2026-03-09 08:15:00 UTC|2026-03-09 08:15:00 utc|2026-03-09 08:15:00UTC|2026-03-09 08:15 GMT|2026-03-09 08:15:00 Z|2026-03-09 8:15:00|2026-03-09T8:15Z|  2026-03-09 08:15:00Z ",
		// mail and HTTP, ctime, date, JavaScript
		"2026-03-09T08:15:00Z|Mon, 09 Mar 2026 08:15:00 GMT|Mon, 9 Mar 2026 09:15:00 +0100|Mon Mar  9 08:15:00 2026|Mon Mar  9 08:15:00 UTC 2026|Mon Mar 09 09:15:00 +0100 2026|mon, 09 mar 2026 08:15:00 gmt|Mon, 09 Mar 2026 08:15:00 UTC|Mon, 9 Mar 2026 09:15:00 +0100 (CET)|Mon Mar 09 2026 09:15:00 GMT+0100 (Central European Standard Time)|Mon Mar 09 2026 08:15:00 GMT+0000",
		// the time since 1970
		"2026-07-04T09:00:00Z|1783155600|1783155600.0|1783155600000|1783155600000000|1783155600000000000|1.7831556e9|1.7831556E+12|1.7831556e+18",
		"2026-07-04T09:00:00.123Z|1783155600.123|1783155600,123|1783155600123|1783155600123000|1783155600123000000|1783155600123.0|1.783155600123e9",
		"2026-07-04T09:00:00.123456789Z|1783155600.123456789|1783155600123.456789|1783155600123456.789|1783155600123456789|1783155600.1234567899",
		"2001-09-09T01:46:40Z|1000000000|1000000000000", "2286-11-20T17:46:39Z|9999999999", "1970-01-01T00:00:00Z|0000000000",
	} {
		texts := strings.Split(line, "|")
		want, err := time.Parse(time.RFC3339Nano, texts[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if got, ok := events.ParseTimestamp([]byte(text)); !ok || !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("%q is %v, %t, want %v", text, got, ok, want)
			}
		}
	}
}

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

// Local is what says no offset.
func TestReadTimestamp(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-03-09": true, "2026-03-09T08:15": true, "20260309081500": true, "2026/03/09 08:15:00": true, "Mon Mar  9 08:15:00 2026": true,
		"2026-03-09Z": false, "2026-03-09T08:15+01:00": false, "2026-03-09 08:15 UTC": false, "1783155600": false, "Mon, 09 Mar 2026 08:15:00 GMT": false,
	} {
		if _, local, ok := events.ReadTimestamp([]byte(text)); !ok || local != want {
			t.Errorf("%s is local: %t, %t, want %t", text, local, ok, want)
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
	for _, text := range []string{"20250615T143000,5+0200", "2025-W24-7 24:00 utc", "1750000000.5", "1.75e18", "2025/06/15 14:30:60 +0200 CEST m=+1.5", "Sun, 15 Jun 2025 14:30:00 GMT"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := events.ParseTimestamp(text)
		if slow, _, okSlow := events.ReadTimestamp(text); ok != okSlow || !slow.Equal(got) {
			t.Errorf("%q is %v, %t, and %v, %t where it is read slowly", text, got, ok, slow, okSlow)
		}
		want, err := time.Parse(time.RFC3339Nano, string(text))
		if ok && err == nil && !got.Equal(want) {
			t.Errorf("%s is %v, want %v", text, got, want)
		}
		if !ok && err == nil && want.Format(time.RFC3339) == string(text) && !want.IsZero() {
			t.Errorf("%s was refused", text)
		}
	})
}
