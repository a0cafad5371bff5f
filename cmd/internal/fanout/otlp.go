package fanout

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpguts"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector/otlp"
)

// checkOTLP checks the URL of an OpenTelemetry receiver, and the environment variables
// that OpenTelemetry defines for senders.
func checkOTLP(dest string, set *Set) (opener, error) {
	if _, err := url.Parse(dest); err != nil {
		return nil, errors.New("not a URL: write special characters as %XX")
	}
	header, err := otlpHeader()
	if err != nil {
		return nil, err
	}
	name := report.Redacted(dest)
	module, _, _ := strings.Cut(set.options.Version, " ")
	opts := &otlp.Options{
		Header:      header,
		ServiceName: os.Getenv("OTEL_SERVICE_NAME"),
		Version:     module,
		RetryFor:    set.options.Stall,
		Logger:      set.options.Reports.Logger(name),
	}
	open := func(context.Context) (sink, error) { return otlp.New(strings.TrimPrefix(dest, "otlp+"), opts) }
	if _, err := open(context.Background()); err != nil {
		return nil, err
	}
	return open, nil
}

// otlpHeader returns the header that the environment asks for: comma-separated key=value
// pairs, whose values may have %XX escapes. Its errors show no values, which may be
// secret.
func otlpHeader() (http.Header, error) {
	name := "OTEL_EXPORTER_OTLP_LOGS_HEADERS"
	if os.Getenv(name) == "" {
		name = "OTEL_EXPORTER_OTLP_HEADERS"
	}
	header := http.Header{}
	for pair := range strings.SplitSeq(os.Getenv(name), ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		key, escaped, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(escaped))
		key = strings.TrimSpace(key)
		if !ok || err != nil || !httpguts.ValidHeaderFieldName(key) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, usagef("$%s: want KEY=VALUE,... with special characters as %%XX", name)
		}
		header.Set(key, value)
	}
	return header, nil
}
