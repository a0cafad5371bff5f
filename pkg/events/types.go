package events

// This file holds the sixteen types of events that calute writes, in the order
// of its own documentation. Make one with its constructor, which sets the type,
// the severity and every default that is not a zero value.

// Names of the event types.
const (
	TypeBase               = "base"
	TypeTurnStart          = "turn_start"
	TypeTurnEnd            = "turn_end"
	TypeToolCallAttempt    = "tool_call_attempt"
	TypeToolCallComplete   = "tool_call_complete"
	TypeToolCallFailure    = "tool_call_failure"
	TypeToolPolicyDecision = "tool_policy_decision"
	TypeSandboxDecision    = "sandbox_decision"
	TypeToolLoopWarning    = "tool_loop_warning"
	TypeToolLoopBlock      = "tool_loop_block"
	TypeHookMutation       = "hook_mutation"
	TypeError              = "error"
	TypeSkillUsed          = "skill_used"
	TypeSkillAuthored      = "skill_authored"
	TypeSkillFeedback      = "skill_feedback"
	TypeAgentSwitch        = "agent_switch"
)

// Base is an event with nothing but its envelope.
type Base struct {
	Envelope
}

// NewBase returns a Base with its defaults.
func NewBase() *Base {
	return &Base{Envelope: NewEnvelope(TypeBase, SeverityInfo)}
}

// TurnStart says that an agent began a turn.
type TurnStart struct {
	Envelope
	PromptPreview string `json:"prompt_preview"`
}

// NewTurnStart returns a TurnStart with its defaults.
func NewTurnStart() *TurnStart {
	return &TurnStart{Envelope: NewEnvelope(TypeTurnStart, SeverityInfo)}
}

// TurnEnd says that an agent ended a turn.
type TurnEnd struct {
	Envelope
	ContentPreview     string `json:"content_preview"`
	FunctionCallsCount int64  `json:"function_calls_count"`
}

// NewTurnEnd returns a TurnEnd with its defaults.
func NewTurnEnd() *TurnEnd {
	return &TurnEnd{Envelope: NewEnvelope(TypeTurnEnd, SeverityInfo)}
}

// ToolCallAttempt says that an agent asked for a tool to be called.
type ToolCallAttempt struct {
	Envelope
	ToolName         string `json:"tool_name"`
	ArgumentsPreview string `json:"arguments_preview"`
}

// NewToolCallAttempt returns a ToolCallAttempt with its defaults.
func NewToolCallAttempt() *ToolCallAttempt {
	return &ToolCallAttempt{Envelope: NewEnvelope(TypeToolCallAttempt, SeverityInfo)}
}

// ToolCallComplete says that a tool call returned.
type ToolCallComplete struct {
	Envelope
	ToolName      string  `json:"tool_name"`
	Status        string  `json:"status"`      // "success" by default
	DurationMS    float64 `json:"duration_ms"` // milliseconds
	ResultPreview string  `json:"result_preview"`
}

// NewToolCallComplete returns a ToolCallComplete with its defaults.
func NewToolCallComplete() *ToolCallComplete {
	return &ToolCallComplete{Envelope: NewEnvelope(TypeToolCallComplete, SeverityInfo), Status: "success"}
}

// ToolCallFailure says that a tool call failed.
type ToolCallFailure struct {
	Envelope
	ToolName     string `json:"tool_name"`
	ErrorType    string `json:"error_type"`
	ErrorMessage string `json:"error_message"`
}

// NewToolCallFailure returns a ToolCallFailure with its defaults.
func NewToolCallFailure() *ToolCallFailure {
	return &ToolCallFailure{Envelope: NewEnvelope(TypeToolCallFailure, SeverityError)}
}

// ToolPolicyDecision says what a policy decided about a tool call.
type ToolPolicyDecision struct {
	Envelope
	ToolName     string `json:"tool_name"`
	Action       string `json:"action"`
	PolicySource string `json:"policy_source"`
}

// Denies reports whether an action of a policy says no.
func Denies(action string) bool {
	switch action {
	case "deny", "denied", "block", "blocked":
		return true
	}
	return false
}

// NewToolPolicyDecision returns a ToolPolicyDecision with its defaults.
func NewToolPolicyDecision() *ToolPolicyDecision {
	return &ToolPolicyDecision{Envelope: NewEnvelope(TypeToolPolicyDecision, SeverityInfo)}
}

// SandboxDecision says where a tool call was to run.
type SandboxDecision struct {
	Envelope
	ToolName    string `json:"tool_name"`
	Context     string `json:"context"`
	Reason      string `json:"reason"`
	BackendType string `json:"backend_type"`
}

// NewSandboxDecision returns a SandboxDecision with its defaults.
func NewSandboxDecision() *SandboxDecision {
	return &SandboxDecision{Envelope: NewEnvelope(TypeSandboxDecision, SeverityInfo)}
}

// ToolLoopWarning says that an agent seems to repeat a tool call.
type ToolLoopWarning struct {
	Envelope
	ToolName      string `json:"tool_name"`
	Pattern       string `json:"pattern"`
	SeverityLevel string `json:"severity_level"`
	CallCount     int64  `json:"call_count"`
}

// NewToolLoopWarning returns a ToolLoopWarning with its defaults.
func NewToolLoopWarning() *ToolLoopWarning {
	return &ToolLoopWarning{Envelope: NewEnvelope(TypeToolLoopWarning, SeverityWarning)}
}

// ToolLoopBlock says that a repeated tool call was blocked.
type ToolLoopBlock struct {
	Envelope
	ToolName  string `json:"tool_name"`
	Pattern   string `json:"pattern"`
	CallCount int64  `json:"call_count"`
}

// NewToolLoopBlock returns a ToolLoopBlock with its defaults.
func NewToolLoopBlock() *ToolLoopBlock {
	return &ToolLoopBlock{Envelope: NewEnvelope(TypeToolLoopBlock, SeverityError)}
}

// HookMutation says that a hook changed a field of a tool call.
type HookMutation struct {
	Envelope
	HookName     string `json:"hook_name"`
	ToolName     string `json:"tool_name"`
	MutatedField string `json:"mutated_field"`
}

// NewHookMutation returns a HookMutation with its defaults.
func NewHookMutation() *HookMutation {
	return &HookMutation{Envelope: NewEnvelope(TypeHookMutation, SeverityInfo)}
}

// Error says that something failed outside a tool call.
type Error struct {
	Envelope
	ErrorType    string `json:"error_type"`
	ErrorMessage string `json:"error_message"`
	ErrorContext string `json:"error_context"`
}

// NewError returns an Error with its defaults.
func NewError() *Error {
	return &Error{Envelope: NewEnvelope(TypeError, SeverityError)}
}

// SkillUsed says that a skill was used.
type SkillUsed struct {
	Envelope
	SkillName              string  `json:"skill_name"`
	Version                string  `json:"version"`
	Outcome                string  `json:"outcome"`                 // "unknown" by default
	DurationMS             float64 `json:"duration_ms"`             // milliseconds
	TriggeredAutomatically bool    `json:"triggered_automatically"` // true by default
}

// NewSkillUsed returns a SkillUsed with its defaults.
func NewSkillUsed() *SkillUsed {
	return &SkillUsed{Envelope: NewEnvelope(TypeSkillUsed, SeverityInfo), Outcome: "unknown", TriggeredAutomatically: true}
}

// SkillAuthored says that a skill was written.
type SkillAuthored struct {
	Envelope
	SkillName       string   `json:"skill_name"`
	Version         string   `json:"version"`
	SourcePath      string   `json:"source_path"`
	ToolCount       int64    `json:"tool_count"`
	UniqueTools     []string `json:"unique_tools"`
	ConfirmedByUser bool     `json:"confirmed_by_user"`
}

// NewSkillAuthored returns a SkillAuthored with its defaults.
func NewSkillAuthored() *SkillAuthored {
	return &SkillAuthored{Envelope: NewEnvelope(TypeSkillAuthored, SeverityInfo)}
}

// SkillFeedback says what somebody thought of a skill.
type SkillFeedback struct {
	Envelope
	SkillName string `json:"skill_name"`
	Rating    string `json:"rating"` // "neutral" by default
	Reason    string `json:"reason"`
	Source    string `json:"source"` // "user" by default
}

// NewSkillFeedback returns a SkillFeedback with its defaults.
func NewSkillFeedback() *SkillFeedback {
	return &SkillFeedback{Envelope: NewEnvelope(TypeSkillFeedback, SeverityInfo), Rating: "neutral", Source: "user"}
}

// AgentSwitch says that one agent handed over to another.
type AgentSwitch struct {
	Envelope
	FromAgent string `json:"from_agent"`
	ToAgent   string `json:"to_agent"`
	Reason    string `json:"reason"`
}

// NewAgentSwitch returns an AgentSwitch with its defaults.
func NewAgentSwitch() *AgentSwitch {
	return &AgentSwitch{Envelope: NewEnvelope(TypeAgentSwitch, SeverityInfo)}
}
