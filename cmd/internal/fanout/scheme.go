package fanout

import (
	"context"
	"maps"
	"slices"
	"strings"

	"auditctl/cmd/internal/report"
)

// An opener opens a destination that is not a path, unless ctx ends. The sink itself
// notices when nothing was taken for [Options].Stall, or without that for a time of its
// own: its calls then return an error. It goes on after ctx has ended, so that what was
// begun is written.
type opener func(ctx context.Context) (sink, error)

// schemes has, for each kind of destination except paths, a function that checks a DEST
// before any is opened. Messages name a destination as report.Redacted does.
var schemes = map[string]func(dest string, set *Set) (opener, error){
	"nats":       checkNATS,
	"otlp+http":  checkOTLP,
	"otlp+https": checkOTLP,
}

// hasScheme reports whether a DEST is not a path: it starts with a lower-case scheme://.
func hasScheme(dest string) bool {
	scheme, _, ok := strings.Cut(dest, "://")
	return ok && scheme != "" && 'a' <= scheme[0] && scheme[0] <= 'z' &&
		strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

// reach checks a DEST that has a scheme, and sets its opener.
func (s *Set) reach(to *destination) (err error) {
	scheme, _, _ := strings.Cut(to.path, "://")
	to.name = report.Redacted(to.path)
	check, ok := schemes[scheme]
	if !ok {
		known := "want a path, - for standard output"
		for _, scheme := range slices.Sorted(maps.Keys(schemes)) {
			known += ", " + scheme + "://"
		}
		return usagef("%s: no such kind of destination: %s", to.name, known)
	}
	if to.remote, err = check(to.path, s); err != nil {
		return usagef("%s: %w", to.name, err)
	}
	return nil
}
