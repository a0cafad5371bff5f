package otlpreceiver

import (
	"net/http"
	"strconv"

	"auditctl/pkg/internal/wire"
)

// A refusal is a request that is not recorded: the status of the answer, and why.
type refusal struct {
	status int
	reason string
}

func (r refusal) Error() string { return r.reason }

// The content types that requests and their answers have.
const (
	typeProtobuf = "application/x-protobuf"
	typeJSON     = "application/json"
)

// retryAfter is how many seconds a sender is asked to wait before it sends again.
const retryAfter = "1"

// codes are the gRPC status codes of refusals.
var codes = map[int]int{
	http.StatusUnauthorized:       16, // UNAUTHENTICATED
	http.StatusNotFound:           12, // UNIMPLEMENTED
	http.StatusMethodNotAllowed:   12,
	http.StatusServiceUnavailable: 14, // UNAVAILABLE
}

const invalidArgument = 3 // the code of all others

// write answers a request that is not recorded with a google.rpc.Status.
func (r refusal) write(w http.ResponseWriter, json bool) {
	code, ok := codes[r.status]
	if !ok {
		code = invalidArgument
	}
	switch r.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	}
	var body []byte
	if json {
		body = strconv.AppendInt(append(body, `{"code":`...), int64(code), 10)
		body = append(appendText(append(body, `,"message":`...), []byte(r.reason)), '}')
	} else {
		body = wire.AppendBytes(wire.AppendVarint(body, 1, uint64(code)), 2, r.reason)
	}
	write(w, r.status, json, body)
}

// accept answers a request that is recorded. The response without a partial success is empty.
func accept(w http.ResponseWriter, json bool) {
	var body []byte
	if json {
		body = []byte("{}")
	}
	write(w, http.StatusOK, json, body)
}

func write(w http.ResponseWriter, status int, json bool, body []byte) {
	contentType := typeProtobuf
	if json {
		contentType = typeJSON
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // a sender that is gone sends again
}
