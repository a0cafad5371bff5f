package view

import (
	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// headlineOf returns what appends the headline of a type, nil if that is the type itself.
func headlineOf(eventType string) func(*headline) {
	switch eventType {
	case events.TypeTurnStart:
		return func(h *headline) { h.said("prompt:", "prompt_preview", "turn starts") }
	case events.TypeTurnEnd:
		return func(h *headline) { h.said("answer:", "content_preview", "turn ends") }
	case events.TypeToolCallAttempt:
		return (*headline).attempt
	case events.TypeToolCallComplete:
		return (*headline).complete
	case events.TypeToolCallFailure:
		return (*headline).failure
	case events.TypeToolPolicyDecision:
		return (*headline).policy
	case events.TypeSandboxDecision:
		return (*headline).sandbox
	case events.TypeToolLoopWarning:
		return func(h *headline) { h.loop(h.doubtful, "loops") }
	case events.TypeToolLoopBlock:
		return func(h *headline) { h.loop(h.bad, "blocked") }
	case events.TypeHookMutation:
		return (*headline).hook
	case events.TypeError:
		return (*headline).failed
	case events.TypeSkillUsed:
		return (*headline).skillUsed
	case events.TypeSkillAuthored:
		return (*headline).skillAuthored
	case events.TypeSkillFeedback:
		return (*headline).skillFeedback
	case events.TypeAgentSwitch:
		return (*headline).agentSwitch
	}
	return nil
}

// said appends what was said, or other words if nothing was.
func (h *headline) said(mark, key, otherwise string) {
	if len(h.s.Text(h.value(key))) == 0 {
		h.say(h.of.style, otherwise)
		return
	}
	h.say(h.of.style, mark)
	h.tail("", key)
}

func (h *headline) tool() { h.subject("tool_name", "a tool") }

func (h *headline) attempt() {
	h.tool()
	if !h.tail("", "arguments_preview") {
		h.say(style{}, "called")
	}
}

func (h *headline) complete() {
	h.tool()
	h.ended("status")
	h.duration()
	h.tail("→", "result_preview")
}

func (h *headline) failure() {
	h.tool()
	h.say(h.bad, "failed", "error_type", "error_message")
}

func (h *headline) failed() {
	words := ""
	if len(h.s.Text(h.value("error_type"))) == 0 || len(h.s.Text(h.value("error_message"))) == 0 {
		words = "error"
	}
	h.say(h.bad, words, "error_type", "error_message")
}

// ended appends how something ended.
func (h *headline) ended(key string) {
	switch outcome := string(h.s.Text(h.value(key))); outcome {
	case "", "success":
		h.say(style{}, turns.OK)
	default:
		h.word(h.outcome(outcome), h.take(key), 0)
	}
}

// duration appends how long something took, rounded, if it took any time.
func (h *headline) duration() {
	if ms, ok := h.value("duration_ms").Float(); ok && ms > 0 {
		h.scratch = appendDuration(h.scratch[:0], ms)
		h.word(style{}, h.scratch, 0)
	}
}

func (h *headline) policy() {
	h.tool()
	switch string(h.s.Text(h.value("action"))) {
	case "deny", "denied":
		h.say(h.bad, "denied")
	case "block", "blocked":
		h.say(h.bad, "blocked")
	case "allow", "allowed":
		h.say(style{}, "allowed")
	case "":
		h.say(style{}, "decided")
	default:
		h.word(style{}, h.take("action"), 0)
	}
	by := h.s.Text(h.values[metadataKey].Lookup("decided_by").NonNull())
	if len(by) == 0 {
		by = h.take("policy_source")
	}
	if len(by) > 0 {
		h.say(style{}, "by")
		h.word(style{}, by, 0)
	}
}

func (h *headline) sandbox() {
	h.tool()
	place := h.take("backend_type")
	if len(place) == 0 {
		place = h.take("context")
	}
	if len(place) == 0 {
		h.say(style{}, "sandbox", "reason")
		return
	}
	h.say(style{}, "runs in")
	h.word(style{}, place, 0)
	h.reason()
}

// reason appends why.
func (h *headline) reason() {
	if reason := h.take("reason"); len(reason) > 0 {
		h.literal(": ")
		h.text(reason)
	}
}

func (h *headline) loop(st style, state string) {
	h.tool()
	h.say(st, state, "pattern")
	h.count("call_count", "call")
}

func (h *headline) hook() {
	h.subject("hook_name", "a hook")
	h.say(style{}, "changed")
	if !h.tail("", "mutated_field") {
		h.say(style{}, "something")
	}
	h.tail("of", "tool_name")
}

func (h *headline) skillUsed() {
	h.skill()
	switch string(h.s.Text(h.value("outcome"))) {
	case "", "unknown":
		h.say(style{}, "used")
	default:
		h.ended("outcome")
	}
	h.duration()
}

func (h *headline) skillAuthored() {
	h.skill()
	h.say(style{}, "written")
	h.count("tool_count", "tool")
}

// skill appends which skill it is about, and which version of it.
func (h *headline) skill() {
	h.say(style{}, "skill")
	h.subject("skill_name", "without a name")
	h.tail("", "version")
}

func (h *headline) skillFeedback() {
	h.say(style{}, "skill")
	h.subject("skill_name", "without a name")
	h.say(style{}, "rated")
	h.tail("", "rating")
	h.reason()
}

func (h *headline) agentSwitch() {
	if from := h.take("from_agent"); len(from) > 0 {
		h.word(h.of.style, from, 0)
	}
	h.say(h.of.style, "→")
	if to := h.take("to_agent"); len(to) > 0 {
		h.word(h.of.style, to, 0)
	} else {
		h.say(h.of.style, "?")
	}
	h.reason()
}
