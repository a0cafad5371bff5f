package cmd

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"auditctl/cmd/internal/match"
	"auditctl/pkg/zone"
)

// zoneOptions are the flags that set the time zone of what is shown, and of times in
// other flags.
type zoneOptions struct {
	tz  string
	utc bool
}

func (o *zoneOptions) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&o.tz, "tz", "", "show times in `ZONE`, and read TIME without one as in it")
	fs.BoolVar(&o.utc, "utc", false, "the same as --tz=UTC")
	completeFlag(cmd, "tz", completeZones)
}

// set reports whether a zone was asked for, so that one which cannot be had is an error
// even if no time is shown.
func (o *zoneOptions) set() bool { return o.utc || o.tz != "" }

// location returns the zone, which is that of the environment if no other was asked for.
func (o *zoneOptions) location() (*time.Location, error) {
	switch {
	case o.utc && o.tz != "":
		return nil, usagef("--utc is --tz=UTC: drop it, or --tz")
	case o.utc:
		return time.UTC, nil
	case o.tz == "":
		return zone.Local()
	}
	loc, err := zone.Parse(o.tz)
	if err == nil || strings.EqualFold(o.tz, "local") {
		return loc, err
	}
	if like := similarZone(o.tz); like != "" {
		return nil, remedyf("--tz: %w: did you mean %s?", err, like)
	}
	return nil, usagef("--tz: %w: want one such as Europe/Zurich, UTC, local or +02:00", err)
}

// similarZone returns the zone that was most likely meant: an offset without UTC before
// it, one with the same city, or one spelled nearly so; "" if there is none.
func similarZone(typed string) string {
	for _, prefix := range []string{"UTC", "GMT"} {
		if offset, ok := strings.CutPrefix(strings.ToUpper(typed), prefix); ok {
			if _, err := zone.Parse(offset); err == nil {
				return offset
			}
		}
	}
	names := zone.Names()
	city := "/" + strings.ReplaceAll(typed, " ", "_")
	for _, name := range names {
		if at := len(name) - len(city); at > 0 && strings.EqualFold(name[at:], city) {
			return name
		}
	}
	return match.Similar(typed, names)
}

// completeZones offers regions first, and then the zones of one.
func completeZones(_ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	names := zone.Names()
	if strings.Contains(toComplete, "/") {
		return names, wordsOnly
	}
	for i, name := range names {
		names[i] = name[:strings.IndexByte(name, '/')+1]
	}
	return append(slices.Compact(names), "UTC", "local"), wordsOnly | cobra.ShellCompDirectiveNoSpace
}
