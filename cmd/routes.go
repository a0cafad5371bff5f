package cmd

import (
	"slices"
	"strings"

	"auditctl/pkg/selection"
)

// A route sends the events of some types to a destination.
type route struct {
	globs []selection.Glob
	dest  string
}

// types returns the globs as given.
func (r route) types() string {
	var types []string
	for i := range r.globs {
		types = append(types, r.globs[i].String())
	}
	return strings.Join(types, ",")
}

// wanted returns the predicate of the events that are sent.
func (r route) wanted() selection.Predicate { return selection.OneOf("event_type", r.globs) }

type routes []route

// parseRoutes parses --route flags. It joins routes to the same destination, and
// drops those to one that gets everything anyway.
func parseRoutes(flags, dests []string) (routes, error) {
	var all routes
	for _, flag := range flags {
		types, dest, ok := strings.Cut(flag, "=")
		if !ok || dest == "" {
			return nil, usagef("--route %q: want GLOB,...=DEST", flag)
		}
		globs, err := selection.ParseGlobs(types)
		if err != nil {
			return nil, usagef("--route: %w", err)
		}
		if slices.Contains(dests, dest) {
			continue
		}
		if i := slices.IndexFunc(all, func(r route) bool { return r.dest == dest }); i >= 0 {
			all[i].globs = append(all[i].globs, globs...)
			continue
		}
		all = append(all, route{globs, dest})
	}
	return all, nil
}

func (r routes) dests() (all []string) {
	for _, route := range r {
		all = append(all, route.dest)
	}
	return all
}
