package event

import "auditctl/pkg/events"

// This file ends the events of calls: after the metadata it writes the keys of their type.

// EndAttempt ends a tool_call_attempt.
func (w *Writer) EndAttempt(tool, arguments events.Value) {
	w.Text("tool_name", tool)
	w.Preview("arguments_preview", arguments)
	w.End()
}

// EndComplete ends a tool_call_complete, which took so many milliseconds.
func (w *Writer) EndComplete(tool events.Value, status string, ms float64, result events.Value) {
	w.Text("tool_name", tool)
	w.String("status", status)
	w.Float("duration_ms", ms)
	w.Preview("result_preview", result)
	w.End()
}

// EndFailure ends a tool_call_failure.
func (w *Writer) EndFailure(tool, errorType, message events.Value) {
	w.Text("tool_name", tool)
	w.Text("error_type", errorType)
	w.Preview("error_message", message)
	w.End()
}
