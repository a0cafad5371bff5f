package events

import (
	"time"

	"auditctl/pkg/internal/timestamps"
)

// AppendTimestamp appends t as the JSON string that events have: as
// datetime.isoformat of Python writes it in UTC, which leaves the microseconds out
// where they are zero.
func AppendTimestamp(dst []byte, t time.Time) []byte { return timestamps.Append(dst, t) }

// ParseTimestamp reads the timestamp of an event, in the forms in which programs
// write them:
//
//   - RFC 3339, ISO 8601 and Python's isoformat: 2026-03-09T08:15:00.123+01:00, with
//     or without separators, seconds and fraction, of which the digits up to the
//     nanosecond count; the date alone; the date as 2026-068 or 2026-W11-1; a blank
//     for the T, a comma for the point, small letters;
//   - what Python's logging, Go and Java write: 2026-03-09 08:15:00,123,
//     2026/03/09 08:15:00, 2026-03-09 08:15:00 +0100 CET and
//     2026-03-09T08:15+01:00[Europe/Zurich]. The name of the zone is not looked at;
//   - UTC and GMT for Z, also after a blank, but no other names of zones, which mean
//     different offsets in different places;
//   - mail's, HTTP's, ctime's, date's and JavaScript's: Mon, 09 Mar 2026 08:15:00 GMT,
//     Mon Mar  9 08:15:00 UTC 2026, Mon Mar 09 2026 08:15:00 GMT+0100 (CET);
//   - the time since 1970, with or without a fraction: a number of 10 digits is
//     seconds, of 13 milliseconds, of 16 microseconds and of 19 nanoseconds. One of 8
//     is a date, of 14 a date and a time of day, and of any other length nothing.
//
// 24:00 is the next day's 00:00, and the second :60 the one that follows. Without an
// offset it is UTC. The years are 1 to 9999.
func ParseTimestamp(text []byte) (t time.Time, ok bool) { return timestamps.Parse(text) }
