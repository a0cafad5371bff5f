package jetstream

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"
)

// Errors of the server that the API package has no names for.
const (
	codeBadConfig          api.ErrorCode = 10052
	codeNoCluster          api.ErrorCode = 10074
	codeStoreRefuses       api.ErrorCode = 10077 // a limit of the stream is reached
	codeDuplicateInProcess api.ErrorCode = 10158
	codeBatchIncomplete    api.ErrorCode = 10176
	codeBatchTooLarge      api.ErrorCode = 10199
	codeBatchDuplicate     api.ErrorCode = 10201
)

// A fatalError is one that trying again does not mend.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

func fatal(err error) error { return fatalError{err} }

// An awayError says that no server can be reached.
type awayError struct{ error }

func (e awayError) Unwrap() error { return e.error }

// away reports whether there is no server, or none with JetStream.
func away(err error) bool {
	return errors.As(err, new(awayError)) || errors.Is(err, api.ErrJetStreamNotEnabled) || errors.Is(err, nats.ErrNoResponders)
}

// mendable reports whether it may go better the next time.
func mendable(err error) bool {
	if errors.As(err, new(fatalError)) {
		return false
	}
	for _, final := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired,
		nats.ErrPermissionViolation, nats.ErrNkeysNotSupported, nats.ErrMaxPayload, nats.ErrSecureConnRequired, nats.ErrSecureConnWanted,
		api.ErrJetStreamNotEnabledForAccount} {
		if errors.Is(err, final) {
			return false
		}
	}
	switch code := codeOf(err); code {
	case api.JSErrCodeStreamWrongLastSequence, api.JSErrCodeStreamWrongLastSequenceConstant, api.JSErrCodeConsumerNotFound, api.JSErrCodeConsumerDoesNotExist,
		codeDuplicateInProcess, codeBatchIncomplete, codeBatchTooLarge, codeBatchDuplicate:
		return true
	case codeBadConfig, codeNoCluster, codeStoreRefuses:
		return false
	}
	var apiErr *api.APIError
	if errors.As(err, &apiErr) {
		return apiErr.Code == 408 || apiErr.Code == 409 || apiErr.Code == 429 || apiErr.Code >= 500
	}
	return true
}

// codeOf returns which error of the server err is, 0 if it is none.
func codeOf(err error) api.ErrorCode {
	var apiErr *api.APIError
	if errors.As(err, &apiErr) {
		return apiErr.ErrorCode
	}
	return 0
}

// streamError says what is wrong with the stream.
func streamError(a Address, err error) error {
	return fmt.Errorf("stream %s: %w", a.Stream, plain(err))
}

// plain is err without what its packages put in front of it.
func plain(err error) error {
	if e, ok := err.(api.JetStreamError); ok && e.APIError() != nil && e.APIError().Description != "" {
		return plainError{e.APIError().Description, err}
	}
	text, ok := strings.CutPrefix(err.Error(), "nats: ")
	switch inner := errors.Unwrap(err); {
	case !ok:
		return err
	case inner != nil:
		return plain(inner)
	}
	return plainError{text, err}
}

type plainError struct {
	text string
	err  error
}

func (e plainError) Error() string { return e.text }
func (e plainError) Unwrap() error { return e.err }
