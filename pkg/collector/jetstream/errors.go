package jetstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// Error codes of the server that package api does not define.
const (
	codeNoRoom             api.ErrorCode = 10023
	codeNoMemory           api.ErrorCode = 10028
	codeNoStorage          api.ErrorCode = 10047
	codeBadConfig          api.ErrorCode = 10052
	codeOverlap            api.ErrorCode = 10065
	codeNoCluster          api.ErrorCode = 10074
	codeStoreRefuses       api.ErrorCode = 10077 // the stream has reached a limit
	codeSealed             api.ErrorCode = 10109
	codeDuplicateInProcess api.ErrorCode = 10158
	codeBatchIncomplete    api.ErrorCode = 10176
	codeBatchTooLarge      api.ErrorCode = 10199
	codeBatchDuplicate     api.ErrorCode = 10201
)

// A fatalError is an error that retrying cannot fix.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

func fatal(err error) error { return fatalError{err} }

// tooLong returns the error for a line that is longer than a message may be.
func tooLong(length, most int) error {
	return fatal(message.TooLongError{Length: length, Most: most})
}

// An awayError is the error if no server can be reached.
type awayError struct{ error }

func (e awayError) Unwrap() error { return e.error }

// away reports whether an error means that there is no server, or none with JetStream.
func away(err error) bool {
	return errors.As(err, new(awayError)) || errors.Is(err, api.ErrJetStreamNotEnabled) || errors.Is(err, nats.ErrNoResponders)
}

var (
	errNoAnswer = errors.New("the server does not answer")
	errLost     = errors.New("the connection was lost")
)

// A remedy is a message for the user instead of an error of the packages below.
type remedy struct {
	err   error
	final bool // retrying cannot fix it
	text  string
}

const wrongCredentials = "the server does not let us in: check the user and password, the token or the credentials"

var remedies = []remedy{
	{nats.ErrNoServers, false, "connection refused: no server listens there"},
	{nats.ErrAuthorization, true, wrongCredentials},
	{nats.ErrAuthRevoked, true, wrongCredentials},
	{nats.ErrAuthExpired, true, "the credentials have expired: get new ones"},
	{nats.ErrAccountAuthExpired, true, "the account has expired: renew it at the server"},
	{nats.ErrNkeysNotSupported, true, "the server knows no credentials: give a user and password, or none"},
	{nats.ErrSecureConnWanted, true, "the server has no TLS: leave ?tls= out"},
	{nats.ErrSecureConnRequired, true, "the server wants TLS: add ?tls=on"},
	{nats.ErrNoInfoReceived, false, "what answers there is not a NATS server"},
	{nats.ErrMaxPayload, true, "a line is larger than the server takes: raise max_payload of the server"},
	{nats.ErrMaxConnectionsExceeded, false, "the server has reached its limit of connections"},
	{nats.ErrMaxAccountConnectionsExceeded, false, "the account has reached its limit of connections"},
	{api.ErrJetStreamNotEnabledForAccount, true, "JetStream is not enabled for the account: enable it in the server's configuration"},
	{api.ErrJetStreamNotEnabled, false, "the server has no JetStream: enable it with jetstream {} in the server's configuration"},
	{nats.ErrNoResponders, false, "the server has no JetStream: enable it with jetstream {} in the server's configuration"},
	{api.ErrNoStreamResponse, false, "no stream takes the lines: it was deleted, or has no leader"},
	{api.ErrStreamNotFound, true, "there is no such stream: its first writer makes it"},
	{api.ErrConsumerDeleted, false, "somebody deleted the consumer"},
	{nats.ErrConnectionClosed, false, errLost.Error()},
	{nats.ErrDisconnected, false, errLost.Error()},
	{api.ErrConnectionClosed, false, errLost.Error()},
	{api.ErrServerShutdown, false, errLost.Error()},
	{nats.ErrStaleConnection, false, errNoAnswer.Error()},
	{api.ErrNoHeartbeat, false, errNoAnswer.Error()},
	{nats.ErrTimeout, false, errNoAnswer.Error()},
	{errStalled, false, errNoAnswer.Error()},
	{os.ErrDeadlineExceeded, false, errNoAnswer.Error()},
	{context.DeadlineExceeded, false, errNoAnswer.Error()},
}

// remedyOf returns the remedy for an error, false if the error speaks for itself.
func remedyOf(err error) (remedy, bool) {
	if err == nil {
		return remedy{}, false
	}
	for _, r := range remedies {
		if errors.Is(err, r.err) {
			return r, true
		}
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	switch {
	case errors.As(err, &unknown):
		return remedy{err, true, "the server's certificate is signed by an unknown authority: name the authority's certificate with ?ca=FILE"}, true
	case errors.As(err, &host):
		return remedy{err, true, fmt.Sprintf("the server's certificate is for another name: %v", host)}, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return remedy{err, true, "the server's certificate is not valid at this time: " + invalid.Detail}, true
	case errors.As(err, &invalid):
		return remedy{err, true, "the server's certificate is not valid: " + strings.TrimPrefix(invalid.Error(), "x509: ")}, true
	case errors.As(err, &record):
		return remedy{err, true, "the server does not begin with TLS: leave ?tls=first out, or write ?tls=on"}, true
	case strings.Contains(err.Error(), "tls: certificate required"), strings.Contains(err.Error(), "tls: bad certificate"), strings.Contains(err.Error(), "tls: unknown certificate authority"):
		return remedy{err, true, "the server does not let us in without a certificate that it accepts: add ?cert=FILE&key=FILE"}, true
	case errors.As(err, &dns) && dns.IsNotFound:
		return remedy{err, false, "no such host"}, true
	}
	switch codeOf(err) {
	case codeStoreRefuses:
		return remedy{err, true, "the stream is full (" + descriptionOf(err) + "): raise its limits, or let it discard old messages"}, true
	case codeNoRoom, codeNoMemory, codeNoStorage:
		return remedy{err, false, "the server has no room left (" + descriptionOf(err) + "): raise the limits of its JetStream"}, true
	case codeSealed:
		return remedy{err, true, "the stream is sealed and takes no more lines: name another stream"}, true
	case codeNoCluster:
		return remedy{err, true, "the server is in no cluster: leave ?replicas= out"}, true
	case 0:
		return remedy{}, false
	}
	return remedy{err, false, descriptionOf(err)}, descriptionOf(err) != ""
}

// retryable reports whether retrying may succeed.
func retryable(err error) bool {
	if errors.As(err, new(fatalError)) {
		return false
	}
	switch codeOf(err) {
	case api.JSErrCodeStreamWrongLastSequence, api.JSErrCodeStreamWrongLastSequenceConstant, api.JSErrCodeConsumerNotFound, api.JSErrCodeConsumerDoesNotExist,
		codeDuplicateInProcess, codeBatchIncomplete, codeBatchTooLarge, codeBatchDuplicate:
		return true
	case codeBadConfig:
		return false
	}
	if r, ok := remedyOf(err); ok && r.final {
		return false
	}
	var apiErr *api.APIError
	if errors.As(err, &apiErr) {
		return apiErr.Code == 408 || apiErr.Code == 409 || apiErr.Code == 429 || apiErr.Code >= 500
	}
	return true
}

// codeOf returns the code of an error of the server, 0 if it is not one.
func codeOf(err error) api.ErrorCode {
	var apiErr *api.APIError
	if errors.As(err, &apiErr) {
		return apiErr.ErrorCode
	}
	return 0
}

// descriptionOf returns the server's description of its error.
func descriptionOf(err error) string {
	var apiErr *api.APIError
	if errors.As(err, &apiErr) {
		return apiErr.Description
	}
	return ""
}

// streamError returns an error of the stream.
func streamError(a Address, err error) error {
	return fmt.Errorf("stream %s: %w", a.Stream, plain(err))
}

// plain returns err with a message for the user.
func plain(err error) error {
	if errors.As(err, new(plainError)) {
		return err
	}
	if r, ok := remedyOf(err); ok {
		return plainError{r.text, err}
	}
	if text, ok := strings.CutPrefix(err.Error(), "nats: "); ok {
		return plainError{text, err}
	}
	return err
}

// A plainError is an error with a message for the user.
type plainError struct {
	text string
	err  error
}

func (e plainError) Error() string { return e.text }
func (e plainError) Unwrap() error { return e.err }

// dialError returns why a host could not be connected to.
func dialError(a Address, err error) error {
	if r, ok := remedyOf(err); ok && r.text != errNoAnswer.Error() {
		return plainError{r.text, err}
	}
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "dial" && !op.Timeout():
		return plainError{op.Err.Error(), err}
	case errors.As(err, &op) && op.Op == "dial" || a.TLS == TLSFirst:
		return plainError{errNoAnswer.Error(), err}
	case op != nil || errors.Is(err, io.EOF):
		return plainError{"the server does not say what it is: if it wants TLS first, add ?tls=first", err}
	}
	return plain(err)
}

var deniedPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)permissions violation for (publish|subscription) to "([^"]*)"`)
})

// deniedError returns the error for a missing permission. It returns nil if the permission
// is dispensable: consumers that are not deleted expire.
func deniedError(err error) error {
	match := deniedPattern().FindStringSubmatch(err.Error())
	if match == nil {
		return fatal(plain(err))
	}
	doing, subject := "publish to", match[2]
	if strings.EqualFold(match[1], "subscription") {
		doing = "subscribe to"
	}
	for _, prefix := range []string{"$JS.API.CONSUMER.DELETE.", "$JS.API.STREAM.MSG.GET.", "$JS.API.DIRECT.GET."} {
		if strings.HasPrefix(subject, prefix) {
			return nil
		}
	}
	// The rest of these subjects is different in each run.
	for prefix, tokens := range map[string]int{"_INBOX.": 1, "$JS.ACK.": 2, "$JS.API.CONSUMER.CREATE.": 5, "$JS.API.CONSUMER.MSG.NEXT.": 6, "$JS.API.CONSUMER.INFO.": 5} {
		if parts := strings.Split(subject, "."); strings.HasPrefix(subject, prefix) && len(parts) > tokens {
			subject = strings.Join(parts[:tokens], ".") + ".>"
		}
	}
	return fatal(plainError{fmt.Sprintf("the user may not %s %s: give it that permission at the server", doing, subject), err})
}
