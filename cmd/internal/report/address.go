package report

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Redacted returns a DEST that has a scheme without what may be secret in it: the user
// and password, and options whose names look secret. This also works if it is not a
// valid URL.
func Redacted(dest string) string {
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

// redactedOption returns NAME=VALUE, without the value if that may be secret. creds and
// key of a stream are file names.
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
// is compiled only when needed, since that would slow down every start.
var secretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`key|token|secret|pass|pwd|auth|sig|cred|jwt|session|code`)
})

// loginInText matches the user and password of an address, even if it was taken for a
// path and cleaned, which leaves one slash.
var loginInText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:((?:nats|otlp\+https?):/{1,2})\S*|([a-z][a-z0-9+.-]*:/{1,2})[^\s/?#]*)@`)
})

// concealed returns a message without the passwords of addresses in it. They get there
// if an address is given in place of something else.
func concealed(message string) string {
	return loginInText().ReplaceAllString(message, "${1}${2}xxxxx@")
}
