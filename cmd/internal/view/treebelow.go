package view

import (
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// below shows what belongs to a call: the decisions about it, and the turns of the agents
// that it began. missing is shown in place of their ends, if the call has not ended.
func (v *Tree) below(dst []byte, prefix string, c *turns.Call, missing string) []byte {
	if c.End.Line() != nil || c.Refused() {
		missing = ""
	}
	var parts []func(stem, below string)
	for _, e := range c.Decisions {
		parts = append(parts, func(stem, _ string) { dst = v.decision(dst, prefix+stem, e) })
	}
	if e := decided(c); e.Line() != nil {
		parts = append(parts, func(stem, _ string) { dst = v.ownDecision(dst, prefix+stem, e) })
	}
	for _, e := range c.Switches {
		to := textOf(e.Lookup("to_agent"))
		if !slices.ContainsFunc(c.Below, func(t *turns.Turn) bool { return t.Agent == to }) {
			parts = append(parts, func(stem, _ string) { dst = v.event(dst, prefix+stem, e) })
		}
	}
	for i, t := range c.Below {
		several := i > 0 && c.Below[i-1].Agent == t.Agent || i+1 < len(c.Below) && c.Below[i+1].Agent == t.Agent
		parts = append(parts, func(stem, below string) {
			dst = v.agent(dst, prefix+stem, t, several)
			dst = v.nodes(dst, prefix+below, t, missing)
		})
	}
	for i, part := range parts {
		if i == len(parts)-1 {
			part(lastBranch, noTrunk)
		} else {
			part(branch, trunk)
		}
	}
	return dst
}

// agent shows whose turn it is, and its start; and which one, if it is one of several.
func (v *Tree) agent(dst []byte, stem string, t *turns.Turn, several bool) []byte {
	l := v.begin(dst, stem)
	l.phrase(v.ofType([]byte(events.TypeTurnStart)).style, "agent", 0)
	if t.Agent != "" {
		l.word(v.bold, []byte(t.Agent), 0)
	}
	if several && t.ID.Turn != "" {
		l.blanks++
		l.phrase(v.ofType([]byte(events.TypeTurnStart)).style, "turn", 0)
		l.word(style{}, []byte(t.ID.Turn), 0)
	}
	again := v.again(t.Session, t.ID.Turn, t.Agent)
	if t.Start.Line() != nil {
		v.beginning(t)
	} else if again {
		l.blanks++
		l.phrase(v.faint, "continued", 0)
	}
	return v.end()
}

// decision shows a decision about a call.
func (v *Tree) decision(dst []byte, stem string, e events.Event) []byte {
	l := v.begin(dst, stem)
	l.styled(v.ofType([]byte(e.Type())).style, []byte(decisionNames[e.Type()]))
	by := decider(e)
	if e.Type() != events.TypeToolPolicyDecision || by == "" {
		v.copied(e)
		v.keys(e, "tool_name")
		return v.end()
	}
	v.verdict(textOf(e.Lookup("action")), by)
	v.copied(e)
	hidden := []string{"tool_name", "action"}
	if textOf(e.Lookup("policy_source")) == by {
		hidden = append(hidden, "policy_source")
	}
	v.keys(e, hidden...)
	return v.end()
}

// decided returns the event of a call that says what was decided about it and by whom,
// unless a decision says by whom. It is the zero Event if none does.
func decided(c *turns.Call) events.Event {
	if slices.ContainsFunc(c.Decisions, func(e events.Event) bool { return decider(e) != "" }) {
		return events.Event{}
	}
	for _, e := range []events.Event{c.End, c.Attempt} {
		metadata := e.Lookup("metadata")
		if metadata.Lookup("decision").NonNull() != nil || metadata.Lookup("decided_by").NonNull() != nil {
			return e
		}
	}
	return events.Event{}
}

func (v *Tree) ownDecision(dst []byte, stem string, e events.Event) []byte {
	l := v.begin(dst, stem)
	l.styled(v.types[events.TypeToolPolicyDecision].style, []byte(decisionNames[events.TypeToolPolicyDecision]))
	v.verdict(textOf(e.Lookup("metadata").Lookup("decision")), decider(e))
	return v.end()
}

// decider returns who made the decision that an event tells of, empty if it does not say.
func decider(e events.Event) string { return textOf(e.Lookup("metadata").Lookup("decided_by")) }

// verdict shows what was decided and by whom.
func (v *Tree) verdict(decision, by string) {
	st := style{}
	if events.Denies(decision) {
		st = v.severities[events.SeverityError]
	}
	if decision != "" {
		v.line.word(st, []byte(decision), 0)
	}
	if by != "" {
		v.line.blanks++
		v.line.phrase(v.faint, "by", 0)
		v.line.word(style{}, []byte(by), 0)
	}
}
