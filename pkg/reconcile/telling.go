package reconcile

import (
	"bytes"

	"auditctl/pkg/events"
	"auditctl/pkg/sequence"
	"auditctl/pkg/turns"
)

// A telling is what an event tells of a call.
type telling uint8

const (
	nothing telling = iota
	attempted
	ended
	denied
	stopped // by the user, before it ran
	decided // otherwise
	offered // nothing of a call, but which tools there are
)

func (t telling) isOfCall() bool { return nothing < t && t < offered }

// A metadata is what matters of the metadata of an event.
type metadata struct {
	kind      Kind
	copied    bool
	server    events.Value // of MCP
	tools     events.Value
	arguments events.Value

	sequence, seq, epoch events.Value
}

func (m *metadata) read(v events.Value) {
	if len(v) <= len(`{}`) {
		return
	}
	for key, val := range v.Members() {
		switch string(key) {
		case "source":
			if dialect := val.Lookup("dialect"); len(dialect) > 2 && dialect.Kind() == events.String {
				m.kind = kindOf(dialect[1 : len(dialect)-1])
			}
		case "copied":
			m.copied = string(val) == "true"
		case "server", "namespace", "mcp.server.name":
			m.server = val
		case "tools":
			m.tools = val
		case "event.sequence":
			m.sequence = val
		case sequence.SeqKey:
			m.seq = val
		case sequence.EpochKey:
			m.epoch = val
		case "tool_input", "arguments", "function_args":
			m.arguments = val
		case "tool_parameters": // of other calls than commands, these are not the arguments
			if bytes.Contains(val, []byte("full_command")) {
				m.arguments = val
			}
		}
	}
}

// telling returns what an event of a type tells of a call. A copy tells nothing.
func (m *metadata) telling(s *events.Scanner, eventType events.Value) telling {
	if m.copied {
		return nothing
	}
	switch string(s.Text(eventType)) {
	case events.TypeToolCallAttempt:
		return attempted
	case events.TypeToolCallComplete, events.TypeToolCallFailure:
		return ended
	case events.TypeToolPolicyDecision:
		switch {
		case !events.Denies(string(s.Text(s.Lookup("action")))):
			return decided
		case isInterruption(s.Text(s.Lookup("policy_source"))):
			return stopped
		}
		return denied
	case "mcp.tools_offered":
		return offered
	}
	return nothing
}

// isInterruption reports whether a status, or the reason for a failure or a denial, is the
// word for an interruption.
func isInterruption(word []byte) bool {
	switch string(word) {
	case "interrupted", "cancelled", "canceled", "aborted":
		return true
	}
	return false
}

// endOf returns how a call ended by the event that s scanned, and how long it took.
func endOf(s *events.Scanner) (end end, took int64) {
	ms, ok := s.Lookup("duration_ms").Float()
	if ok && 0 < ms && ms < 1e12 {
		took = int64(ms * 1000)
	}
	if string(s.Text(s.Lookup("event_type"))) == events.TypeToolCallFailure {
		switch reason := s.Text(s.Lookup("error_type").NonNull()); {
		case string(reason) == "tool_use_error":
			return refused, took
		case isInterruption(reason):
			return broken, took
		}
		return failed, took
	}
	switch status := s.Text(s.Lookup("status").NonNull()); {
	case string(status) == "success", len(status) == 0:
		return succeeded, took
	case events.Denies(string(status)):
		return refused, took
	case turns.Bad(string(status)):
		return failed, took
	case isInterruption(status):
		return broken, took
	}
	return endedSomehow, took
}
