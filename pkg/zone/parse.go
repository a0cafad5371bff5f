package zone

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Parse returns the zone that a person means: a name such as Europe/Zurich, UTC, local
// for that of [Local], or an offset from UTC such as +02:00, -0530 or +2. It reads no
// rules of POSIX, where UTC+2 is west of Greenwich and not east.
func Parse(text string) (*time.Location, error) {
	switch {
	case strings.EqualFold(text, "local"):
		return Local()
	case strings.EqualFold(text, "UTC"):
		return time.UTC, nil
	case text != "":
		if zone, ok := parseOffset(text); ok {
			return zone, nil
		}
		if zone, err := time.LoadLocation(text); err == nil {
			return zone, nil
		}
	}
	return nil, fmt.Errorf("no time zone %q", text)
}

func parseOffset(text string) (*time.Location, bool) {
	if len(text) == len("+2") || strings.IndexByte(text, ':') == len("+2") {
		text = text[:1] + "0" + text[1:]
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(layout, text); err == nil {
			_, seconds := t.Zone()
			return time.FixedZone(text, seconds), true
		}
	}
	return nil, false
}

// Names returns the names of zones, as in Europe/Zurich: those that the machine has files
// of, or else some that many people live in. It leaves out old names without a region, and
// names such as Etc/GMT+2, which is west of Greenwich.
func Names() []string {
	for _, dir := range []string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"} {
		if names := namesBelow(os.DirFS(dir)); len(names) > 0 {
			return names
		}
	}
	return []string{
		"Africa/Cairo", "Africa/Lagos", "America/Chicago", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo",
		"Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Europe/Berlin", "Europe/London", "Europe/Zurich",
	}
}

func namesBelow(dir fs.FS) (names []string) {
	_ = fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		isName := 'A' <= path[0] && path[0] <= 'Z' // posix and right have all of them again
		switch {
		case err != nil || path == ".":
			return err
		case d.IsDir() && (!isName || path == "Etc"):
			return fs.SkipDir
		case !d.IsDir() && isName && strings.Contains(path, "/"):
			names = append(names, path)
		}
		return nil
	})
	return names
}
