package otlp

import (
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxAnswer  = 4 << 20 // bytes read of a response
	maxMessage = 500     // bytes kept of its message
)

// A StatusError is a response of the receiver with an HTTP status other than 2xx.
type StatusError struct {
	Code    int    // the HTTP status code
	Message string // from the receiver; may be empty

	retryAfter time.Duration // zero if not given
	foreign    bool          // the body is not OTLP
}

func (e *StatusError) Error() string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code)))
	if e.Message == "" {
		return status
	}
	return status + ": " + e.Message
}

// temporary reports whether the specification says to retry such a request.
func (e *StatusError) temporary() bool {
	switch e.Code {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// A RejectedError says that the receiver rejected some of the records of a request. They
// are lost: the specification forbids sending them again.
type RejectedError struct {
	Rejected int64  // the number of records rejected
	Records  int    // the number of records sent
	Message  string // from the receiver; may be empty
}

func (e *RejectedError) Error() string {
	text := fmt.Sprintf("%d of %d events were rejected", e.Rejected, e.Records)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// A malformedError is a 2xx response that is not OTLP.
type malformedError struct{ mediaType string }

func (e *malformedError) Error() string {
	return fmt.Sprintf("not an OTLP receiver: it answers %q", e.mediaType)
}

// judge returns the error that a response to a request of that many records means, if
// any. A 2xx response counts as a success only if its body is OTLP, or empty, which is
// valid OTLP: other servers may also respond with 200.
func judge(resp *http.Response, body []byte, records int, logger *slog.Logger) error {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		message, ok := statusMessage(mediaType, body)
		if to, err := resp.Location(); err == nil && resp.StatusCode/100 == 3 {
			message = shortened("the receiver is at " + (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String())
		}
		return &StatusError{resp.StatusCode, message, retryAfter(resp.Header.Get("Retry-After"), time.Now()), !ok}
	}
	partial, ok := decodePartialSuccess(mediaType, body)
	if len(body) > 0 && !ok {
		return &malformedError{mediaType}
	}
	message := shortened(partial.message)
	switch {
	case partial.rejected > 0:
		return &RejectedError{partial.rejected, records, message}
	case message != "":
		logger.Warn(message)
	}
	return nil
}

// statusMessage returns the message in the body of an error response, and whether the
// body is OTLP.
func statusMessage(mediaType string, body []byte) (message string, ok bool) {
	switch message, ok = decodeStatus(mediaType, body); {
	case ok:
		return shortened(message), true
	case mediaType == "text/plain":
		return shortened(string(body)), false
	}
	return "", false
}

// shortened returns a message of the receiver, cut to maxMessage.
func shortened(message string) string {
	message = strings.TrimSpace(valid(message))
	if len(message) <= maxMessage {
		return message
	}
	end := maxMessage
	for !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end] + "..."
}

// retryAfter parses a Retry-After header, a number of seconds or a date. It returns zero
// for anything else.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
