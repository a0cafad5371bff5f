package fanout

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector/otlp"
)

// receivers are what the receivers of OpenTelemetry have in common, by flags and by the
// environment variables that its specification defines for senders. Each variable has a
// form of the program's own, which wins. One that is empty counts as not set.
type receivers struct {
	from    OTLP
	logger  *slog.Logger
	options otlp.Options
	secure  bool // one of them is reached by TLS
}

// newReceivers reads the variables, except those that name the receiver and files. What
// the specification says to ignore is logged.
func newReceivers(from OTLP, opts otlp.Options, logger *slog.Logger) (*receivers, error) {
	if from.Getenv == nil {
		from.Getenv = os.Getenv
	}
	r := &receivers{from: from, logger: logger, options: opts}
	r.setResource()
	r.setProtocol()
	r.setCompression()
	r.setTimeout()
	return r, r.setHeader()
}

// first returns the first of some variables that is set, and its value.
func (r *receivers) first(variables ...string) (variable, value string) {
	for _, variable := range variables {
		if value := strings.TrimSpace(r.from.Getenv(variable)); value != "" {
			return variable, value
		}
	}
	return "", ""
}

// option returns the variable for an option of exporters, and its value.
func (r *receivers) option(name string) (variable, value string) {
	return r.first(r.from.Variables+name, "OTEL_EXPORTER_OTLP_LOGS_"+name, "OTEL_EXPORTER_OTLP_"+name)
}

// address returns the address that a DEST means.
func (r *receivers) address(dest string) (a otlpAddress, err error) {
	if dest != otlpByVariables {
		return parseOTLP(dest)
	}
	variable, value := r.option("ENDPOINT")
	switch variable {
	case "":
		variable = "OTEL_EXPORTER_OTLP_ENDPOINT"
		a, err = parseOTLP("http://localhost:4318")
	case r.from.Variables + "ENDPOINT":
		if a, err = parseOTLP(value); err != nil {
			return a, fmt.Errorf("$%s: %w", variable, err)
		}
	default:
		a.url, err = url.Parse(value)
		a.verbatim = true
	}
	a.variable = variable
	if err != nil || a.url.Scheme != "http" && a.url.Scheme != "https" || a.url.Hostname() == "" {
		return a, fmt.Errorf("$%s: want a URL such as http://localhost:4318", variable)
	}
	if variable == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		a.url = a.url.JoinPath("v1", "logs")
	}
	return a, nil
}

// files returns the files that a URL names, or else flags, or else variables.
func (r *receivers) files(named TLSFiles) (TLSFiles, error) {
	var f TLSFiles
	_, f.CA = r.option("CERTIFICATE")
	_, f.Cert = r.option("CLIENT_CERTIFICATE")
	_, f.Key = r.option("CLIENT_KEY")
	f = named.or(r.from.TLSFiles).or(f)
	if (f.Cert == "") != (f.Key == "") {
		return f, errors.New("$OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and $OTEL_EXPORTER_OTLP_CLIENT_KEY go together: set both")
	}
	return f, nil
}

// setHeader sets the header of requests. Its errors show no values, which may be secret.
func (r *receivers) setHeader() error {
	variable, value := r.option("HEADERS")
	r.options.Header = http.Header{}
	for key, value := range pairs(value) {
		if !httpguts.ValidHeaderFieldName(key) || !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("$%s: want KEY=VALUE,... with special characters as %%XX", variable)
		}
		r.options.Header.Set(key, value)
	}
	return nil
}

func (r *receivers) setResource() {
	_, r.options.ServiceName = r.first(r.from.Variables+"SERVICE_NAME", "OTEL_SERVICE_NAME")
	variable, value := r.first(r.from.Variables+"RESOURCE_ATTRIBUTES", "OTEL_RESOURCE_ATTRIBUTES")
	resource := map[string]string{}
	for key, value := range pairs(value) {
		if key == "" || !utf8.ValidString(key+value) {
			r.logger.Warn(fmt.Sprintf("$%s: want KEY=VALUE,... with special characters as %%XX: all of it is ignored", variable))
			return
		}
		resource[key] = value
	}
	r.options.Resource = resource
}

func (r *receivers) setProtocol() {
	switch variable, value := r.option("PROTOCOL"); strings.ToLower(value) {
	case "", "http/protobuf":
	case "http/json":
		r.options.JSON = true
	case "grpc":
		r.ignore(variable, value, "using http/protobuf, mostly on another port than gRPC (4318, not 4317)")
	default:
		r.ignore(variable, value, "want http/protobuf or http/json; using http/protobuf")
	}
}

func (r *receivers) setCompression() {
	switch variable, value := r.option("COMPRESSION"); strings.ToLower(value) {
	case "", "gzip":
	case "none":
		r.options.Uncompressed = true
	default:
		r.ignore(variable, value, "want gzip or none; using gzip")
	}
}

func (r *receivers) setTimeout() {
	variable, value := r.option("TIMEOUT")
	if variable == "" {
		return
	}
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		r.ignore(variable, value, "want milliseconds, such as 10000; using 10s")
		return
	}
	if n == 0 {
		n = math.MaxInt32 // no limit
	}
	r.options.Timeout = time.Duration(n) * time.Millisecond
}

// ignore says that the value of a variable is not used, and what is.
func (r *receivers) ignore(variable, value, instead string) {
	r.logger.Warn(fmt.Sprintf("$%s is %q: %s", variable, report.Brief(value, 40), instead))
}

// pairs yields the keys and values of KEY=VALUE,... in which both may have %XX escapes. A
// pair that is malformed has an empty key.
func pairs(text string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		for pair := range strings.SplitSeq(text, ",") {
			if pair = strings.TrimSpace(pair); pair == "" {
				continue
			}
			key, value, ok := strings.Cut(pair, "=")
			key, keyErr := url.PathUnescape(strings.TrimSpace(key))
			value, err := url.PathUnescape(strings.TrimSpace(value))
			if !ok || keyErr != nil || err != nil {
				key = ""
			}
			if !yield(key, value) {
				return
			}
		}
	}
}
