package flow_test

import (
	"math"
	"testing"
	"time"

	"auditctl/cmd/internal/flow"
)

// The time left follows from the rate so far.
func TestProgressLeft(t *testing.T) {
	t.Parallel()
	const longest = 1000 * time.Hour
	for _, test := range []struct {
		read, total int64
		took        time.Duration
		want        time.Duration
	}{
		{0, 100, time.Second, 0}, // no rate yet
		{25, 100, 300 * time.Millisecond, 900 * time.Millisecond},
		{20, 100, 300 * time.Millisecond, 1200 * time.Millisecond},
		{50, 100, time.Minute, time.Minute},
		{100, 100, time.Second, 0},
		{130, 100, time.Second, 0}, // it grew
		{0, 0, time.Second, 0},
		{5, 0, time.Second, 0},
		{50, 100, 0, 0},
		{1, math.MaxInt64, time.Hour, longest},
	} {
		if have := flow.ProgressLeft(test.read, test.total, test.took); have.Round(time.Millisecond) != test.want {
			t.Errorf("%d of %d in %v: %v left, want %v", test.read, test.total, test.took, have, test.want)
		}
	}
}

// As much is shown as fits, and never more than 100 %.
func TestProgressLine(t *testing.T) {
	t.Parallel()
	const mib, gib = 1 << 20, 1 << 30
	for _, test := range []struct {
		read, total int64
		took        time.Duration
		columns     int
		want        string
	}{
		{gib, 4 * gib, 2 * time.Second, 200, "   1.0 GiB / 4.0 GiB [=============------------------------------------------]  512.0 MiB/s  6s left"},
		{gib, 4 * gib, 2 * time.Second, 53, "   1.0 GiB / 4.0 GiB [==------]  512.0 MiB/s  6s left"},
		{gib, 4 * gib, 2 * time.Second, 52, "   1.0 GiB / 4.0 GiB   512.0 MiB/s  6s left"},
		{gib, 4 * gib, 2 * time.Second, 40, " 512.0 MiB/s  6s left"},
		{gib, 4 * gib, 2 * time.Second, 20, ""},
		{gib, 4 * gib, 2 * time.Second, 0, ""},
		{gib, 4 * gib, 2 * time.Second, -1, ""},
		{mib, 100 * mib, time.Minute, 60, "   1.0 MiB / 100.0 MiB [--------]   17.1 KiB/s  1h39m0s left"},
		{130 * mib, 100 * mib, time.Second, 60, " 130.0 MiB / 130.0 MiB [=============]  130.0 MiB/s  0s left"}, // it grew
	} {
		if have := flow.ProgressLine(test.read, test.total, test.took, test.columns); have != test.want {
			t.Errorf("%d of %d in %v, %d columns:\n%q, want\n%q", test.read, test.total, test.took, test.columns, have, test.want)
		}
	}
}

// Whatever the numbers, a line fits.
func TestProgressFits(t *testing.T) {
	t.Parallel()
	for columns := range 130 {
		for _, total := range []int64{0, 1, 1 << 10, 1<<20 - 1, 1 << 30, 1 << 50, math.MaxInt64} {
			for _, read := range []int64{0, 1, total / 1000, total / 2, total} {
				for _, took := range []time.Duration{0, time.Millisecond, time.Hour, math.MaxInt64} {
					line := flow.ProgressLine(read, total, took, columns)
					if len(line) > columns {
						t.Errorf("%d columns: %q", columns, line)
					}
				}
			}
		}
	}
}
