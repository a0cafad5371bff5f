package zone_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/zone"
)

func TestParse(t *testing.T) {
	t.Setenv("TZ", "JST-9")
	for text, want := range map[string]string{
		"Europe/Zurich": "2026-07-15T14:00:00+02:00",
		"CET":           "2026-07-15T14:00:00+02:00",
		"UTC":           "2026-07-15T12:00:00Z",
		"utc":           "2026-07-15T12:00:00Z",
		"local":         "2026-07-15T21:00:00+09:00",
		"Local":         "2026-07-15T21:00:00+09:00",
		"+02:00":        "2026-07-15T14:00:00+02:00",
		"-0530":         "2026-07-15T06:30:00-05:30",
		"+02":           "2026-07-15T14:00:00+02:00",
		"+2:00":         "2026-07-15T14:00:00+02:00",
		"-2":            "2026-07-15T10:00:00-02:00",
		"+00:00":        "2026-07-15T12:00:00Z",
	} {
		loc, err := zone.Parse(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if have := time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC).In(loc).Format(time.RFC3339); have != want {
			t.Errorf("%s: %s, want %s", text, have, want)
		}
	}
	for _, text := range []string{"", "Zurich", "Europe", "UTC+2", "JST-9", "CET-1CEST,M3.5.0,M10.5.0/3", "/etc/localtime", "../UTC", "+", "2", "+25", "+02:61", "+02:00:00"} {
		if loc, err := zone.Parse(text); err == nil {
			t.Errorf("%s is read as %v", text, loc)
		}
	}
}

// The names are of regions, and those that people use.
func TestNames(t *testing.T) {
	names := zone.Names()
	for _, name := range names {
		if _, err := zone.Parse(name); err != nil || !strings.Contains(name, "/") || strings.HasPrefix(name, "Etc/") || strings.HasPrefix(name, "posix/") {
			t.Errorf("%s is offered: %v", name, err)
		}
	}
	for _, want := range []string{"Europe/Zurich", "America/New_York"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not offered", want)
		}
	}
}
