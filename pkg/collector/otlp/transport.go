package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Errors of a receiver that is spoken to in the wrong way. Trying again does not help.
var (
	ErrTLS    = errors.New("the receiver speaks TLS: want an https URL")
	ErrNoTLS  = errors.New("the receiver does not speak TLS: want an http URL")
	ErrNoHTTP = errors.New("the receiver does not speak HTTP/1.1")
)

// A HandshakeError says that the receiver refuses a TLS connection, mostly for want of a
// client certificate that it accepts.
type HandshakeError struct {
	Alert string // why, in the words of TLS, such as "certificate required"
}

func (e *HandshakeError) Error() string { return "the receiver refuses the connection: " + e.Alert }

// errTimeout is the error for a receiver that does not answer in time.
var errTimeout = errors.New("no answer")

// transportError returns an error of net/http without the URL, which may contain a
// password.
func transportError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errTimeout
	}
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		err = outer.Err
	}
	record := tls.RecordHeaderError{}
	switch {
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return ErrNoTLS
	case strings.Contains(err.Error(), "malformed HTTP "), strings.HasPrefix(err.Error(), "readLoopPeekFail"): // it said something unasked
		return ErrNoHTTP
	}
	if alert := refusal(err); alert != "" {
		return &HandshakeError{alert}
	}
	return err
}

// refusal returns the alert with which a receiver refused a TLS connection for good.
func refusal(err error) string {
	op := (*net.OpError)(nil)
	if !errors.As(err, &op) || op.Op != "remote error" {
		return ""
	}
	alert := strings.TrimPrefix(op.Err.Error(), "tls: ")
	for _, of := range []string{"certificate", "handshake", "version", "name", "access", "protocol"} {
		if strings.Contains(alert, of) {
			return alert
		}
	}
	return ""
}

// final reports whether trying again is useless.
func final(err error) bool {
	status := (*StatusError)(nil)
	if errors.As(err, &status) {
		return !status.temporary()
	}
	return errors.As(err, new(*RejectedError)) || errors.As(err, new(*malformedError)) || errors.As(err, new(*HandshakeError)) ||
		errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.Is(err, ErrTLS) || errors.Is(err, ErrNoTLS) || errors.Is(err, ErrNoHTTP)
}
