package otlp

import (
	"crypto/sha256"

	"auditctl/pkg/events"
)

// traceID returns the trace id of a session, nil if there is none.
func traceID(session events.Value) []byte {
	if session == nil {
		return nil
	}
	return sum("auditctl session", session)[:16]
}

// spanID returns the span id of a turn, nil if there is none.
func spanID(session, turn events.Value) []byte {
	if session == nil || turn == nil {
		return nil
	}
	return sum("auditctl turn", session, turn)[:8]
}

// sum returns the SHA-256 sum of a name and the texts of values, separated by zero bytes.
func sum(name string, values ...events.Value) []byte {
	text := []byte(name)
	for _, v := range values {
		text = v.AppendText(append(text, 0))
	}
	sum := sha256.Sum256(text)
	return sum[:]
}
