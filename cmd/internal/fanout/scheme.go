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
// before any is opened. Messages name a destination as report.Redacted does, unless that
// function sets another name.
var schemes = map[string]func(to *destination, set *Set) (opener, error){
	"nats":          checkNATS,
	"otlp+http":     checkOTLP,
	"otlp+https":    checkOTLP,
	otlpByVariables: checkOTLP,
}

// hasScheme reports whether a DEST is not a path: it starts with a lower-case scheme://,
// or is otlp: and nothing more.
func hasScheme(dest string) bool {
	scheme, _, ok := strings.Cut(dest, "://")
	return dest == otlpByVariables || ok && scheme != "" && 'a' <= scheme[0] && scheme[0] <= 'z' &&
		strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

// reach checks a DEST that has a scheme, and sets its opener.
func (s *Set) reach(to *destination) (err error) {
	scheme, _, full := strings.Cut(to.path, "://")
	if to.name = strings.TrimSuffix(scheme, ":"); full {
		to.name = report.Redacted(to.path)
	}
	check, ok := schemes[scheme]
	if !ok {
		known := "want a path, - for standard output"
		for _, scheme := range slices.Sorted(maps.Keys(schemes)) {
			if known += ", " + scheme; scheme != otlpByVariables {
				known += "://"
			}
		}
		return usagef("%s: no such kind of destination: %s", to.name, known)
	}
	if to.remote, err = check(to, s); err != nil {
		return usagef("%s: %w", to.name, err)
	}
	return nil
}
