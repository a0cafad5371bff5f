package fanout

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector/otlp"
)

// OTLP says how receivers of OpenTelemetry are reached, where their URLs do not.
type OTLP struct {
	TLSFiles

	// Variables is what the names of the program's own environment variables begin
	// with. They win over those that OpenTelemetry defines.
	Variables string

	// Getenv is os.Getenv by default.
	Getenv func(string) string
}

// checkOTLP checks the address of a receiver, and reads its certificates.
func checkOTLP(to *destination, set *Set) (opener, error) {
	if set.receivers == nil {
		module, _, _ := strings.Cut(set.options.Version, " ")
		r, err := newReceivers(set.options.OTLP, otlp.Options{Version: module, RetryFor: set.options.Stall}, set.options.Reports.Logger(""))
		if err != nil {
			return nil, err
		}
		set.receivers = r
	}
	a, err := set.receivers.address(to.path)
	if err != nil {
		return nil, err
	}
	if a.variable != "" {
		to.name = report.Redacted("otlp+" + a.url.String())
	}
	opts := set.receivers.options
	if a.url.User != nil && a.variable == "" {
		opts.Header = opts.Header.Clone()
		opts.Header.Del("Authorization") // of a variable, over which the URL wins
	}
	if a.url.Scheme == "https" {
		set.receivers.secure = true
		if a.files, err = set.receivers.files(a.files); err != nil {
			return nil, err
		}
		if opts.TLS, err = otlp.LoadTLS(a.files.CA, a.files.Cert, a.files.Key); err != nil {
			return nil, err
		}
	}
	opts.Verbatim = a.verbatim
	opts.Logger = set.options.Reports.Logger(to.name)
	open := func(context.Context) (sink, error) {
		s := &otlpSink{to: a, name: to.name, reports: set.options.Reports}
		opts := opts
		if set.options.Retry || set.options.Spool != "" { // it would be rejected again
			opts.Rejected = s.reject
		}
		out, err := otlp.New(a.url.String(), &opts)
		s.Collector = out
		return s, err
	}
	_, err = open(context.Background())
	return open, err
}

// An otlpSink is a collector whose errors say what to do.
type otlpSink struct {
	*otlp.Collector
	to       otlpAddress
	name     string
	reports  *report.Reporter
	rejected int64 // events after the first rejection, which was reported
	rejects  bool
}

func (s *otlpSink) EmitLines(lines []byte) error { return s.remedied(s.Collector.EmitLines(lines)) }
func (s *otlpSink) Flush() error                 { return s.remedied(s.Collector.Flush()) }

func (s *otlpSink) Close() error {
	err := s.remedied(s.Collector.Close())
	if s.rejected > 0 {
		s.reports.Errorf("write %s: %s more rejected", s.name, report.Counted(s.rejected, "event"))
		s.rejected = 0
	}
	return err
}

// reject reports the first rejection, and counts the others.
func (s *otlpSink) reject(err *otlp.RejectedError) {
	if s.rejects {
		s.rejected += err.Rejected
		return
	}
	s.rejects = true
	s.reports.Errorf("%v; they are not sent again", report.Named("write", s.name, err))
}

func (s *otlpSink) remedied(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, otlp.ErrTLS):
		return fmt.Errorf("the receiver speaks TLS: write %s", s.to.scheme("https"))
	case errors.Is(err, otlp.ErrNoTLS):
		return fmt.Errorf("the receiver does not speak TLS: write %s", s.to.scheme("http"))
	case errors.As(err, new(x509.UnknownAuthorityError)) && s.to.files.CA == "":
		return fmt.Errorf("%w: name the authority's certificate with --otlp-ca FILE", err)
	case errors.As(err, new(*otlp.HandshakeError)) && s.to.files.Cert == "":
		return fmt.Errorf("%w: give the certificate that it wants with --otlp-cert FILE and --otlp-key FILE", err)
	case errors.Is(err, otlp.ErrNoHTTP), s.to.url.Port() == "4317" && !answered(err):
		return fmt.Errorf("%w: if it is for gRPC, want its port for HTTP, mostly 4318", err)
	}
	return err
}

// answered reports whether an error is the answer of a receiver of OTLP over HTTP.
func answered(err error) bool {
	status := (*otlp.StatusError)(nil)
	if errors.As(err, &status) {
		switch status.Code {
		case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
			return false
		}
		return true
	}
	return errors.As(err, new(*otlp.RejectedError))
}
