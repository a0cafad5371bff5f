package cmd

import (
	"context"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"auditctl/pkg/collector"
)

// A sink is what a destination passes lines on to. One that also has a Reopen
// method is opened anew on SIGHUP.
type sink interface {
	collector.LinesCollector
	io.Closer
}

// An opener reaches a destination that is not a path; ctx is for that alone. The
// sink notices by itself when nothing is taken for as long as a destination may
// (destinations.stall), or without that for a time of its own: its calls end with
// an error then.
type opener func(ctx context.Context) (sink, error)

// schemes has, for each kind of destination but paths, what checks the URL of
// one before any is opened. Messages name a destination as redacted does.
var schemes = map[string]func(u *url.URL, set *destinations) (opener, error){
	"otlp+http":  checkOTLP,
	"otlp+https": checkOTLP,
}

// hasScheme reports whether a DEST is of another kind than a path: it starts with
// a lower-case scheme://.
func hasScheme(dest string) bool {
	scheme, _, ok := strings.Cut(dest, "://")
	return ok && scheme != "" && 'a' <= scheme[0] && scheme[0] <= 'z' &&
		strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == ""
}

// newRemote checks a DEST that has a scheme.
func (d *destinations) newRemote(dest string) (*destination, error) {
	scheme, _, _ := strings.Cut(dest, "://")
	to := &destination{name: redacted(dest), path: dest, set: d}
	check, ok := schemes[scheme]
	if !ok {
		known := "want a path, - for standard output"
		for _, scheme := range slices.Sorted(maps.Keys(schemes)) {
			known += ", " + scheme + "://"
		}
		return nil, usagef("%s: no such kind of destination: %s", to.name, known)
	}
	u, err := url.Parse(dest)
	if err != nil {
		return nil, usagef("%s: not a URL: write special characters as %%XX", to.name)
	}
	if to.remote, err = check(u, d); err != nil {
		return nil, usagef("%s: %w", to.name, err)
	}
	return to, nil
}

// redacted returns a DEST that has a scheme without what may be secret in it:
// who logs in, and the query.
func redacted(dest string) string {
	u, err := url.Parse(dest)
	switch {
	case err != nil:
		scheme, _, _ := strings.Cut(dest, "://")
		return scheme + "://..."
	case u.User == nil && u.RawQuery == "":
		return dest
	}
	if u.User != nil {
		u.User = url.User("xxxxx")
	}
	if u.RawQuery != "" {
		u.RawQuery = "xxxxx"
	}
	return u.String()
}
