package cmd

import (
	"strings"
	"time"

	"auditctl/pkg/selection"
)

// words returns what the flags, which query accepted, ask of events, in words; none if they
// want all. Times that are relative to now are those of a zone.
func (f *selectFlags) words(now time.Time, zone *time.Location) (all []string) {
	say := func(parts ...string) { all = append(all, strings.Join(parts, " ")) }
	for i, lists := range f.globs {
		if len(lists) == 0 {
			continue
		}
		is := "is"
		if globFlags[i].not {
			is = "is not"
		}
		say(globFlags[i].key, is, strings.ReplaceAll(strings.Join(lists, ","), ",", " or "))
	}
	switch from, to, isRange := strings.Cut(f.severity, ".."); {
	case isRange:
		say("severity from", from, "to", to)
	case f.severity != "":
		say("severity at least", f.severity)
	}
	at := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04:05 -07:00") }
	if f.since != "" {
		since, _, _ := selection.ParseTime(f.since, now, f.location)
		say("at or after", at(since))
	}
	if f.until != "" {
		_, until, _ := selection.ParseTime(f.until, now, f.location)
		say("before", at(until))
	}
	for _, expr := range f.fields {
		say(expr)
	}
	for _, expr := range f.wheres {
		say("jq:", expr)
	}
	for _, arg := range f.args {
		say("with $" + arg)
	}
	if f.invert && len(all) > 0 {
		all[0] = "all events but those with " + all[0]
	}
	return all
}
