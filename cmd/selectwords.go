package cmd

import (
	"strings"
)

// words returns what the flags ask of events, in words, none if they want all.
func (f *selectFlags) words() (all []string) {
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
	if f.since != "" {
		say("since", f.since)
	}
	if f.until != "" {
		say("until", f.until)
	}
	for _, expr := range f.fields {
		say(expr)
	}
	for _, expr := range f.wheres {
		say("jq:", expr)
	}
	for _, arg := range f.args {
		say("where $" + arg)
	}
	if f.invert && len(all) > 0 {
		all[0] = "all events but those with " + all[0]
	}
	return all
}
