package record

import (
	"fmt"
	"slices"
	"strings"

	"auditctl/pkg/selection"
)

// A Route sends the events of some types to a destination.
type Route struct {
	Globs []selection.Glob
	Dest  string
}

// Types returns the globs as given.
func (r Route) Types() string {
	var types []string
	for i := range r.Globs {
		types = append(types, r.Globs[i].String())
	}
	return strings.Join(types, ",")
}

// Wanted returns the predicate of the events that are sent.
func (r Route) Wanted() selection.Predicate { return selection.OneOf("event_type", r.Globs) }

// Routes are those of a command.
type Routes []Route

// ParseRoutes parses --route flags, GLOB,...=DEST. It joins routes to the same destination,
// and drops those to one of dests, which gets everything anyway.
func ParseRoutes(flags, dests []string) (Routes, error) {
	var all Routes
	for _, flag := range flags {
		types, dest, ok := strings.Cut(flag, "=")
		if !ok || dest == "" {
			return nil, fmt.Errorf("--route %q: want GLOB,...=DEST", flag)
		}
		globs, err := selection.ParseGlobs(types)
		if err != nil {
			return nil, fmt.Errorf("--route: %w", err)
		}
		if slices.Contains(dests, dest) {
			continue
		}
		if i := slices.IndexFunc(all, func(r Route) bool { return r.Dest == dest }); i >= 0 {
			all[i].Globs = append(all[i].Globs, globs...)
			continue
		}
		all = append(all, Route{globs, dest})
	}
	return all, nil
}

// Dests returns the destinations.
func (r Routes) Dests() (all []string) {
	for _, route := range r {
		all = append(all, route.Dest)
	}
	return all
}
