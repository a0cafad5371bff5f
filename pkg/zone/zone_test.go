package zone_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"auditctl/pkg/zone"
)

// What clocks show in January and in July of 2026, and hours around changes.
func TestLoad(t *testing.T) {
	for tz, want := range map[string]string{
		"":                                     "2026-01-15T12:00:00Z 2026-07-15T12:00:00Z",
		"UTC":                                  "2026-01-15T12:00:00Z 2026-07-15T12:00:00Z",
		":":                                    "2026-01-15T12:00:00Z 2026-07-15T12:00:00Z",
		"UTC0":                                 "2026-01-15T12:00:00Z 2026-07-15T12:00:00Z",
		"Europe/Zurich":                        "2026-01-15T13:00:00+01:00 2026-07-15T14:00:00+02:00",
		":Europe/Zurich":                       "2026-01-15T13:00:00+01:00 2026-07-15T14:00:00+02:00",
		"America/New_York":                     "2026-01-15T07:00:00-05:00 2026-07-15T08:00:00-04:00",
		"JST-9":                                "2026-01-15T21:00:00+09:00 2026-07-15T21:00:00+09:00",
		":JST-9":                               "2026-01-15T21:00:00+09:00 2026-07-15T21:00:00+09:00",
		"<+0330>-3:30":                         "2026-01-15T15:30:00+03:30 2026-07-15T15:30:00+03:30",
		"NST3:30NDT":                           "2026-01-15T08:30:00-03:30 2026-07-15T09:30:00-02:30",
		"XYZ12:34:56":                          "2026-01-14T23:25:04-12:34 2026-07-14T23:25:04-12:34",
		"CET-1CEST,M3.5.0,M10.5.0/3":           "2026-01-15T13:00:00+01:00 2026-07-15T14:00:00+02:00",
		"CET-1CEST,J60,J300":                   "2026-01-15T13:00:00+01:00 2026-07-15T14:00:00+02:00",
		"CET-1CEST-3,80/1:30,300/-1":           "2026-01-15T13:00:00+01:00 2026-07-15T15:00:00+03:00",
		"NZST-12NZDT,M9.5.0,M4.1.0/3":          "2026-01-16T01:00:00+13:00 2026-07-16T00:00:00+12:00",
		"<-02>2<-01>,M3.5.0/-1,M10.5.0/0":      "2026-01-15T10:00:00-02:00 2026-07-15T11:00:00-01:00",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0": "2026-01-15T23:00:00+11:00 2026-07-15T22:30:00+10:30",
		"EST5EDT4,M3.2.0/02:00:00,M11.1.0/2:00:0": "2026-01-15T07:00:00-05:00 2026-07-15T08:00:00-04:00",
	} {
		loc, err := zone.Load(tz)
		if err != nil {
			t.Error(err)
			continue
		}
		var have []string
		for _, month := range []time.Month{time.January, time.July} {
			have = append(have, time.Date(2026, month, 15, 12, 0, 0, 0, time.UTC).In(loc).Format(time.RFC3339))
		}
		if strings.Join(have, " ") != want {
			t.Errorf("TZ=%s: %s, want %s", tz, have, want)
		}
	}
}

// A zone is that of date(1), around every change.
func TestLoadAgreesWithDate(t *testing.T) {
	times := filepath.Join(t.TempDir(), "times")
	if err := os.WriteFile(times, []byte("@0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const format = "2006-01-02T15:04:05-0700\n"
	date := exec.Command("date", "-f", times, "+%Y-%m-%dT%H:%M:%S%z")
	if out, err := date.Output(); err != nil || len(out) != len(format) {
		t.Skip("no date(1) that takes -f")
	}
	var asked []byte
	for at := time.Date(2023, 12, 31, 0, 30, 0, 0, time.UTC); at.Year() < 2027; at = at.Add(5 * time.Hour) {
		asked = fmt.Appendf(asked, "@%d\n", at.Unix())
	}
	if err := os.WriteFile(times, asked, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tz := range []string{
		"JST-9", "CET-1CEST,M3.5.0,M10.5.0/3", "NZST-12NZDT,M9.5.0,M4.1.0/3", "NST3:30NDT,M3.2.0,M11.1.0", "<+0330>-3:30",
		"CET-1CEST-3,80/1:30,300/-1", "EST5EDT,J60/0,J300/24", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	} {
		loc, err := zone.Load(tz)
		if err != nil {
			t.Fatal(err)
		}
		date := exec.Command(date.Path, date.Args[1:]...)
		date.Env = append(os.Environ(), "TZ="+tz)
		out, err := date.Output()
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for line := range strings.Lines(string(out)) {
			at := time.Date(2023, 12, 31, 0, 30, 0, 0, time.UTC).Add(time.Duration(i) * 5 * time.Hour)
			if have := at.In(loc).Format(format); have != line {
				t.Fatalf("TZ=%s: %v is %s, want %s", tz, at, have, line)
			}
			i++
		}
	}
}

// Without TZ it is the zone of the machine, also where only its name is known.
func TestMachine(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Symlink("/nosuch/zoneinfo/Europe/Zurich", path("known")); err != nil {
		t.Skip(err)
	}
	for _, err := range []error{os.Symlink("/nosuch/zoneinfo/Mars", path("unknown")), os.WriteFile(path("garbage"), []byte("UTC"), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	loc, err := zone.Machine(path("known"))
	if err != nil || loc.String() != "Europe/Zurich" {
		t.Errorf("%v, %v", loc, err)
	}
	if loc, err = zone.Machine(path("missing")); err != nil || loc != time.Local {
		t.Errorf("%v, %v", loc, err)
	}
	for _, name := range []string{"unknown", "garbage"} {
		if loc, err = zone.Machine(path(name)); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "time zone") {
			t.Errorf("%s: %v, %v", name, loc, err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, []byte("Europe/Zurich"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tz := range []string{
		"Mars/Olympus", ":Mars/Olympus", "foo", "Local", "../etc/localtime", "europe", "JST", "JST-", "J-9", "JST-25", "JST-9x", "JST-9:60", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J1", "CET-1CEST,366,1", "CET-1CEST,M3.5.0/168,M10.5.0", "Europe/Zurch-1", "<CE>1", "<+03-3", "JST-9\n",
		garbage, ":" + garbage, dir, filepath.Join(dir, "nosuch"),
	} {
		if loc, err := zone.Load(tz); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("TZ=%q: ", tz)) {
			t.Errorf("TZ=%s: %v, %v", tz, loc, err)
		}
	}
}
