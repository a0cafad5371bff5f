package otlp

import (
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// maxAnswer is how many bytes of an answer are read, and maxMessage how many of
// what it says are kept.
const (
	maxAnswer  = 4 << 20
	maxMessage = 500
)

// A StatusError is an answer of a receiver that is no success.
type StatusError struct {
	Code    int    // of HTTP
	Message string // of the receiver; may be empty

	retryAfter time.Duration // zero if it does not say
}

func (e *StatusError) Error() string {
	status := strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code)))
	if e.Message == "" {
		return status
	}
	return status + ": " + e.Message
}

// temporary reports whether the specification has such a request sent again.
func (e *StatusError) temporary() bool {
	switch e.Code {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// A RejectedError says that a receiver took only some of the records of a
// request. Those that it rejected are lost: they must not be sent again.
type RejectedError struct {
	Rejected int64 // of so many
	Records  int
	Message  string // of the receiver; may be empty
}

func (e *RejectedError) Error() string {
	text := fmt.Sprintf("%d of %d events were rejected", e.Rejected, e.Records)
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// A malformedError is a success that is not one of OTLP.
type malformedError struct{ mediaType string }

func (e *malformedError) Error() string {
	return fmt.Sprintf("not an OTLP receiver: it answers %q", e.mediaType)
}

// judge returns what an answer to so many records means. A success counts only if
// its body is one of OTLP, or empty, which is one too: a server that knows nothing of
// it may answer 200 as well.
func judge(resp *http.Response, body []byte, records int, logger *slog.Logger) error {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return &StatusError{resp.StatusCode, statusMessage(mediaType, body), retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	}
	var answer collectorpb.ExportLogsServiceResponse
	if len(body) > 0 && !decode(mediaType, body, &answer) {
		return &malformedError{mediaType}
	}
	partial := answer.GetPartialSuccess()
	message := shortened(partial.GetErrorMessage())
	switch {
	case partial.GetRejectedLogRecords() > 0:
		return &RejectedError{partial.GetRejectedLogRecords(), records, message}
	case message != "":
		logger.Warn(message)
	}
	return nil
}

// decode decodes a message that is in protobuf, as was asked for, or in the JSON
// that some receivers answer in all the same.
func decode(mediaType string, body []byte, m proto.Message) bool {
	switch mediaType {
	case "application/x-protobuf":
		return proto.Unmarshal(body, m) == nil
	case "application/json":
		return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, m) == nil
	}
	return false
}

// statusMessage returns what the body of an error says.
func statusMessage(mediaType string, body []byte) string {
	var status statuspb.Status
	switch {
	case decode(mediaType, body, &status):
		return shortened(status.GetMessage())
	case mediaType == "text/plain":
		return shortened(string(body))
	}
	return ""
}

// shortened returns the start of a message of a receiver.
func shortened(message string) string {
	message = strings.TrimSpace(strings.ToValidUTF8(message, "\uFFFD"))
	if len(message) <= maxMessage {
		return message
	}
	end := maxMessage
	for !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end] + "..."
}

// retryAfter reads a Retry-After header, which is a number of seconds or a date.
// Without one it is zero.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0)
	}
	return 0
}
