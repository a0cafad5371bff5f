package fanout

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// otlpByVariables is the DEST of the receiver that environment variables name.
const otlpByVariables = "otlp:"

// An otlpAddress is where a receiver of OpenTelemetry is.
type otlpAddress struct {
	url      *url.URL
	verbatim bool     // it has no default path
	variable string   // that names it; empty: it was spelled out
	files    TLSFiles // that it names
}

// TLSFiles are the names of PEM files, each of which may be empty.
type TLSFiles struct {
	CA        string // the authorities that vouch for the server
	Cert, Key string // the certificate of the client, and its private key
}

// or returns the files, and those of others that it lacks.
func (f TLSFiles) or(others TLSFiles) TLSFiles {
	if f.CA == "" {
		f.CA = others.CA
	}
	if f.Cert == "" && f.Key == "" {
		f.Cert, f.Key = others.Cert, others.Key
	}
	return f
}

// parseOTLP parses the URL of a receiver, which may have the options ca, cert and key. Its
// errors show no secrets.
func parseOTLP(dest string) (a otlpAddress, err error) {
	if a.url, err = url.Parse(strings.TrimPrefix(dest, "otlp+")); err != nil {
		return a, errors.New("not a URL: write special characters as %XX")
	}
	options, err := url.ParseQuery(a.url.RawQuery)
	if err != nil {
		return a, errors.New("an option is badly escaped: write % as %25")
	}
	a.url.RawQuery, a.url.ForceQuery = "", false
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if err := a.set(name, options[name]); err != nil {
			return a, err
		}
	}
	if (a.files.Cert == "") != (a.files.Key == "") {
		return a, errors.New("cert and key go together: give both")
	}
	return a, nil
}

// set sets an option.
func (a *otlpAddress) set(name string, values []string) error {
	var to *string
	switch name {
	case "ca":
		to = &a.files.CA
	case "cert":
		to = &a.files.Cert
	case "key":
		to = &a.files.Key
	}
	switch {
	case to == nil && values[0] == "": // the name may be a secret
		return errors.New("no such option: want ca=FILE, cert=FILE or key=FILE")
	case to == nil:
		return fmt.Errorf("no option %q: want ca=FILE, cert=FILE or key=FILE", name)
	case len(values) > 1:
		return fmt.Errorf("option %s is given twice: want it once", name)
	case values[0] == "":
		return fmt.Errorf("option %s is empty: leave it out", name)
	case a.url.Scheme != "https":
		return fmt.Errorf("option %s is for TLS: write otlp+https://", name)
	}
	*to = values[0]
	return nil
}

// scheme says how the address should begin.
func (a otlpAddress) scheme(want string) string {
	if a.variable != "" {
		return want + ":// in $" + a.variable
	}
	return "otlp+" + want + "://"
}
