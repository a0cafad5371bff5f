package reconcile

// A Kind is what made a record, which decides what it could have seen.
type Kind uint8

// The kinds.
const (
	Log Kind = iota // anything else
	Hooks
	MCP
	OTLP
	ClaudeCode
	Codex
	CopilotCLI
	Gemini
)

// kindNames are the dialects of the kinds.
var kindNames = [...]string{"log", "hooks", "mcp", "otlp", "claude-code", "codex", "copilot-cli", "gemini"}

func (k Kind) String() string { return kindNames[k] }

// MarshalText returns the name of the kind.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// kindOf returns the kind of what a dialect was decoded from.
func kindOf(dialect []byte) Kind {
	for k, name := range kindNames {
		if string(dialect) == name {
			return Kind(k)
		}
	}
	return Log
}

// isTranscript reports whether a record of the kind has only the sessions that it is of.
func (k Kind) isTranscript() bool { return k >= ClaudeCode }
