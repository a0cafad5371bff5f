package cmd

import (
	"context"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"auditctl/pkg/collector"
)

// A sink is what a destination passes lines on to. One that also has a Reopen
// method is opened anew on SIGHUP.
type sink interface {
	collector.LinesCollector
	io.Closer
}

// An opener reaches a destination that is not a path, unless ctx ends. The sink
// notices by itself when nothing is taken for as long as a destination may
// (destinations.stall), or without that for a time of its own: its calls end with
// an error then. The end of ctx is not that of the sink: what was begun is written.
type opener func(ctx context.Context) (sink, error)

// schemes has, for each kind of destination but paths, what checks a DEST before
// any is opened. Messages name a destination as redacted does.
var schemes = map[string]func(dest string, set *destinations) (opener, error){
	"nats":       checkNATS,
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
	to := &destination{name: redacted(dest), path: dest, fd: unopened, set: d}
	check, ok := schemes[scheme]
	if !ok {
		known := "want a path, - for standard output"
		for _, scheme := range slices.Sorted(maps.Keys(schemes)) {
			known += ", " + scheme + "://"
		}
		return nil, usagef("%s: no such kind of destination: %s", to.name, known)
	}
	var err error
	if to.remote, err = check(dest, d); err != nil {
		return nil, usagef("%s: %w", to.name, err)
	}
	return to, nil
}

// redacted returns a DEST that has a scheme without what may be secret in it: who
// logs in, and those options that look like it. What is no URL keeps its secrets as
// well.
func redacted(dest string) string {
	scheme, rest, _ := strings.Cut(dest, "://")
	rest, options, query := strings.Cut(rest, "?")
	if strings.Contains(options, "@") { // the ? may be within a password
		return scheme + "://xxxxx"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = "xxxxx" + rest[i:]
	}
	if query {
		pairs := strings.Split(options, "&")
		for i, pair := range pairs {
			pairs[i] = redactedOption(scheme, pair)
		}
		rest += "?" + strings.Join(pairs, "&")
	}
	return scheme + "://" + rest
}

// redactedOption returns NAME=VALUE, without the value if that may be secret. Those
// of a stream name files.
func redactedOption(scheme, pair string) string {
	name, _, ok := strings.Cut(pair, "=")
	decoded, err := url.QueryUnescape(name)
	switch decoded = strings.ToLower(decoded); {
	case pair == "":
		return ""
	case !ok || err != nil:
		return "xxxxx"
	case scheme == "nats" && (decoded == "creds" || decoded == "key"):
		return pair
	case secretName().MatchString(decoded):
		return name + "=xxxxx"
	}
	return pair
}

// secretName matches names of options whose values may be secret. Like all patterns it
// is compiled when it is first needed, and not by every start.
var secretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`key|token|secret|pass|pwd|auth|sig|cred|jwt|session|code`)
})

// loginInText is who logs in to what has a scheme, also where the address was taken
// for a path and cleaned.
var loginInText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:((?:nats|otlp\+https?):/{1,2})\S*|([a-z][a-z0-9+.-]*:/{1,2})[^\s/?#]*)@`)
})

// concealed returns a message without the passwords of addresses in it, which get
// there when one is given where something else is meant.
func concealed(message string) string {
	return loginInText().ReplaceAllString(message, "${1}${2}xxxxx@")
}
