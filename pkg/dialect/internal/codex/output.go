package codex

import (
	"bytes"
	"strconv"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// outputOf returns what the output of a call of tool, for the model, tells of its end.
func (d *decoder) outputOf(tool events.Value) end {
	output := d.p.output
	e := end{errorType: "tool_error"}
	if output.Kind() == events.Object {
		e.Outcome = event.BoolOutcome(output.Lookup("success"))
		if content := output.Lookup("content"); content != nil {
			output = content
		} else if text := output.Lookup("text"); text != nil {
			output = text
		}
	}
	e.result = output
	for part := range output.Elements() {
		if text := part.Lookup("text"); text != nil {
			e.result = text
			break
		}
	}
	if e.Outcome == event.Ended && e.result.Kind() == events.String {
		d.outputText(tool, &e)
	}
	return e
}

// headLength is how many characters of an output say how a command ended, and more.
const headLength = 300

// outputText reads what Codex itself says in the text of an output.
func (d *decoder) outputText(tool events.Value, e *end) {
	quoted := e.result[1 : len(e.result)-1]
	text := events.Value(event.AppendCut(d.head[:0], e.result, headLength))
	d.head = text.AppendText(text)
	head := d.head[len(text):]
	if bytes.HasPrefix(head, []byte("aborted by user")) || string(head) == "aborted" {
		e.Outcome = event.Interrupted
	}
	if !runsCommands(tool) {
		return
	}
	switch {
	case string(head) == "exec command rejected by user", string(head) == "patch rejected by user":
		e.Outcome, e.decidedBy = event.Denied, "user"
	case bytes.HasPrefix(head, []byte(`{"output":`)), bytes.HasPrefix(head, []byte(`{"metadata":`)):
		d.head = e.result.AppendText(d.head[:0])
		if d.inner.Scan(d.head) == nil {
			metadata := d.inner.Lookup("metadata")
			e.exitCode = metadata.Lookup("exit_code").NonNull()
			e.Outcome, e.errorType = event.ExitOutcome(e.exitCode), "exit_code"
			e.result = d.inner.Lookup("output")
			e.ms, e.timed = event.Milliseconds(metadata.Lookup("duration_seconds"), 1000)
		}
	default:
		e.header(head)
		if i := bytes.Index(quoted, []byte(`\nOutput:\n`)); e.timed && i >= 0 && i < headLength {
			rest := event.Beginning(quoted[i+len(`\nOutput:\n`):], dialect.PreviewLength)
			d.head = append(append(append(d.head[:0], '"'), rest...), '"')
			e.result = d.head
		}
	}
}

// runsCommands reports whether a tool of this name is one of Codex's own that begin their
// output with how the command ended.
func runsCommands(tool events.Value) bool {
	switch string(tool) {
	case `"shell"`, `"shell_command"`, `"exec_command"`, `"write_stdin"`, `"local_shell"`, `"container.exec"`,
		`"unified_exec"`, `"exec"`, `"wait"`, `"apply_patch"`:
		return true
	}
	return false
}

// header reads the lines before the output of a command: its exit code, if it has ended,
// and how long it took.
func (e *end) header(head []byte) {
	first := true
	for line := range bytes.Lines(head) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		name, value, found := bytes.Cut(line, []byte(": "))
		switch {
		case found && string(name) == "Exit code":
			e.exit(value)
		case found && string(name) == "Wall time":
			e.wallTime(value)
		case found && (string(name) == "Chunk ID" || string(name) == "Total output lines" || string(name) == "Original token count"):
		case first && string(line) == "Script completed":
			e.Outcome = event.Succeeded
		case first && string(line) == "Script failed":
			e.Outcome, e.errorType = event.Failed, "script_failed"
		case !first && bytes.HasPrefix(line, []byte("Wall time ")):
			e.wallTime(line[len("Wall time "):])
		case !first && bytes.HasPrefix(line, []byte("Process exited with code ")):
			e.exit(line[len("Process exited with code "):])
		case !first && bytes.HasPrefix(line, []byte("Process running with session ID ")):
		case !first && bytes.HasPrefix(line, []byte("aborted by user")):
			e.Outcome = event.Interrupted
		default:
			return
		}
		first = false
	}
}

func (e *end) exit(code []byte) {
	if n, err := strconv.ParseInt(string(code), 10, 32); err == nil {
		e.exitCode = strconv.AppendInt(nil, n, 10)
		e.Outcome, e.errorType = event.ExitOutcome(e.exitCode), "exit_code"
	}
}

// wallTime reads 0.2512 seconds.
func (e *end) wallTime(text []byte) {
	if number, found := bytes.CutSuffix(text, []byte(" seconds")); found {
		e.ms, e.timed = event.Milliseconds(number, 1000)
	}
}

// mcpEnd returns what the result of a call of an MCP server's tool tells:
// {"Ok": {"content": […], "isError": false}} or {"Err": "…"}.
func mcpEnd(result events.Value) end {
	if err := result.Lookup("Err").NonNull(); err != nil {
		return end{Outcome: event.Failed, errorType: "mcp_error", result: err, begins: true}
	}
	e := end{errorType: "tool_error", begins: true}
	ok := result.Lookup("Ok")
	if ok.Kind() == events.Object {
		e.Outcome = event.Succeeded
	}
	if string(ok.Lookup("isError")) == "true" || string(ok.Lookup("is_error")) == "true" {
		e.Outcome = event.Failed
	}
	e.result = ok.Lookup("content")
	for part := range e.result.Elements() {
		if text := part.Lookup("text"); text != nil {
			e.result = text
			break
		}
	}
	return e
}

// took returns how many milliseconds a record says a call took:
// {"secs": 1, "nanos": 5000000}, or a number of milliseconds.
func (p *payload) took() (ms float64, ok bool) {
	if ms, ok := event.Milliseconds(p.milliseconds, 1); ok {
		return ms, true
	}
	ms, ok = event.Milliseconds(p.duration.Lookup("secs"), 1000)
	return ms + float64(event.Count(p.duration.Lookup("nanos")))/float64(time.Millisecond), ok
}
