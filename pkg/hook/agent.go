package hook

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// An Agent is a program that calls hooks.
type Agent struct {
	Name  string // such as claude-code
	Title string // such as Claude Code
	Where string // says where its settings go, and what it takes until they count

	events []string
	nested bool   // settings have groups of hooks, which a matcher may choose
	begin  string // of the settings

	// timeout is when it is to give up a hook, in a unit of its own. Without it some wait for
	// ten minutes, and Claude Code kills the hooks of SessionEnd after 1.5 seconds.
	timeout int
}

// Agents returns the agents that are known. Their settings are for every hook but those that
// change what the agent does if a program answers nothing, as WorktreeCreate, those that
// are called again and again while text comes in, and those about a call that others tell
// of as well.
func Agents() []Agent {
	return []Agent{
		{
			Name: "claude-code", Title: "Claude Code", nested: true, timeout: 10,
			Where: "Add this to ~/.claude/settings.json, or start claude --settings FILE with it. In a project's .claude/settings.json it counts once the folder is trusted.",
			events: []string{
				"Setup", "SessionStart", "InstructionsLoaded", "UserPromptSubmit", "UserPromptExpansion",
				"PreToolUse", "PermissionRequest", "PermissionDenied", "PostToolUse", "PostToolUseFailure", "PostToolBatch",
				"SubagentStart", "SubagentStop", "TaskCreated", "TaskCompleted", "TeammateIdle",
				"Notification", "Elicitation", "ElicitationResult", "ConfigChange", "CwdChanged", "WorktreeRemove",
				"PreCompact", "PostCompact", "Stop", "StopFailure", "SessionEnd",
			},
		},
		{
			Name: "codex", Title: "Codex", nested: true, timeout: 3, // which is the most for some
			Where: "Add this to ~/.codex/hooks.json, or to .codex/hooks.json of a trusted project. Codex skips hooks until you have trusted them with /hooks, and again after each change.",
			events: []string{
				"SessionStart", "UserPromptSubmit",
				"PreToolUse", "PermissionRequest", "PostToolUse",
				"SubagentStart", "SubagentStop", "PreCompact", "PostCompact", "Interrupt", "Stop", "SessionEnd",
			},
		},
		{
			Name: "gemini", Title: "Gemini CLI", nested: true, timeout: 10_000,
			Where: "Add this to ~/.gemini/settings.json. In a project's .gemini/settings.json it counts once the folder is trusted.",
			events: []string{
				"SessionStart", "BeforeAgent", "BeforeModel", "BeforeTool", "AfterTool", "AfterAgent",
				"Notification", "PreCompress", "SessionEnd",
			},
		},
		{
			Name: "cursor", Title: "Cursor", timeout: 10, begin: `"version": 1, `,
			Where: "Add this to ~/.cursor/hooks.json, or to .cursor/hooks.json of a trusted workspace.",
			events: []string{
				"sessionStart", "beforeSubmitPrompt", "preToolUse", "postToolUse", "postToolUseFailure",
				"subagentStart", "subagentStop", "beforeReadFile", "afterFileEdit", "afterAgentThought", "afterAgentResponse",
				"beforeTabFileRead", "afterTabFileEdit", "preCompact", "stop", "sessionEnd",
			},
		},
	}
}

// Settings returns the settings that make the agent call a command, which is for a shell.
func (a *Agent) Settings(command string) ([]byte, error) {
	type handler struct {
		Type    string `json:"type,omitempty"`
		Command string `json:"command"`
		Timeout int    `json:"timeout"`
	}
	type group struct {
		Hooks []handler `json:"hooks"`
	}
	its := handler{Command: command, Timeout: a.timeout}
	var called any = []handler{its}
	if a.nested {
		its.Type = "command"
		called = []group{{[]handler{its}}}
	}
	var value bytes.Buffer
	encoder := json.NewEncoder(&value)
	encoder.SetEscapeHTML(false) // people are to read the command
	if err := encoder.Encode(called); err != nil {
		return nil, err
	}
	settings := []byte("{" + a.begin + `"hooks": {`)
	for i, event := range a.events {
		if i > 0 {
			settings = append(settings, ',')
		}
		settings = fmt.Appendf(settings, "\n  %q: %s", event, bytes.TrimSuffix(value.Bytes(), []byte("\n")))
	}
	return append(settings, "\n}}\n"...), nil
}
