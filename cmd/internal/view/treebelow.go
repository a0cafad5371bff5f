package view

import (
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// below shows what belongs to a call: the decisions about it, which its own metadata may
// tell, too, and the turns of the agents that it began, aligned with its own. missing is
// shown in place of their ends, if the call has not ended.
func (v *painter) below(dst []byte, outer, stems string, c *turns.Call, metadata events.Value, columns callColumns, missing string) []byte {
	if len(c.Decisions) == 0 && len(c.Switches) == 0 && len(c.Below) == 0 && isEmpty(metadata) {
		return dst // the usual
	}
	if c.End.Line() != nil || c.Refused() {
		missing = ""
	}
	prefix := outer + stems
	own := !isEmpty(metadata) && (decider(metadata) != "" || decision(metadata) != "" && len(c.Decisions) == 0)
	for _, e := range c.Decisions {
		own = own && decider(e.Lookup("metadata")) == ""
	}
	unseen := slices.DeleteFunc(slices.Clone(c.Switches), func(e events.Event) bool {
		to := textOf(e.Lookup("to_agent"))
		return slices.ContainsFunc(c.Below, func(t *turns.Turn) bool { return t.Agent == to })
	})

	left := len(c.Decisions) + len(unseen) + len(c.Below)
	if own {
		left++
	}
	next := func() (stem, below string) {
		if left--; left == 0 {
			return lastBranch, noTrunk
		}
		return branch, trunk
	}
	for _, e := range c.Decisions {
		stem, _ := next()
		dst = v.decision(dst, prefix, stem, e)
	}
	if own {
		stem, _ := next()
		dst = v.ownDecision(dst, prefix, stem, metadata)
	}
	for _, e := range unseen {
		stem, _ := next()
		dst = v.event(dst, prefix, stem, e)
	}
	for i, t := range c.Below {
		several := i > 0 && c.Below[i-1].Agent == t.Agent || i+1 < len(c.Below) && c.Below[i+1].Agent == t.Agent
		stem, below := next()
		dst = v.agent(dst, prefix, stem, t, several)
		dst = v.nodes(dst, prefix+below, t, columns.of(t), missing)
	}
	return dst
}

// agent shows whose turn it is, and its start; and which one, if it is one of several.
func (v *painter) agent(dst []byte, prefix, stem string, t *turns.Turn, several bool) []byte {
	l := v.begin(dst, prefix, stem)
	l.phrase(v.types[events.TypeTurnStart].style, "agent", 0)
	if t.Agent != "" {
		l.word(v.bold, []byte(t.Agent), 0)
	}
	if several && t.ID.Turn != "" {
		l.blanks++
		l.phrase(v.types[events.TypeTurnStart].style, "turn", 0)
		l.word(style{}, []byte(t.ID.Turn), 0)
	}
	again := v.shownBefore()
	if t.Start.Line() != nil {
		v.beginning(t)
	} else if again {
		l.blanks++
		l.phrase(v.faint, "continued", 0)
	}
	return v.end()
}

// decision shows a decision about a call.
func (v *painter) decision(dst []byte, prefix, stem string, kept events.Event) []byte {
	v.decided.keep(v.look, kept)
	e := &v.decided.reading
	metadata := e.details()
	l := v.begin(dst, prefix, stem)
	name := decisionNames[string(e.textOf("event_type"))]
	l.styled(e.of.style, l.bytes(name))
	if name != decisionNames[events.TypeToolPolicyDecision] {
		v.copied(metadata)
		v.keys(e, "tool_name")
		return v.end()
	}
	by, source := decider(metadata), string(e.textOf("policy_source"))
	if by == "" {
		by = source
	}
	v.verdict(string(e.textOf("action")), by)
	v.copied(metadata)
	if by == source {
		v.keys(e, "tool_name", "action", "policy_source")
	} else {
		v.keys(e, "tool_name", "action")
	}
	return v.end()
}

// ownDecision shows what was decided about a call by its own metadata.
func (v *painter) ownDecision(dst []byte, prefix, stem string, metadata events.Value) []byte {
	l := v.begin(dst, prefix, stem)
	l.styled(v.types[events.TypeToolPolicyDecision].style, []byte(decisionNames[events.TypeToolPolicyDecision]))
	v.verdict(decision(metadata), decider(metadata))
	return v.end()
}

// decision returns what was decided about the call of an event with this metadata, and
// decider by whom. They are empty if it does not say.
func decision(metadata events.Value) string { return textOf(metadata.Lookup("decision")) }
func decider(metadata events.Value) string  { return textOf(metadata.Lookup("decided_by")) }

// textOf returns the text of a value, empty if it is null.
func textOf(val events.Value) string { return val.NonNull().String() }

// verdict shows what was decided and by whom.
func (v *painter) verdict(decision, by string) {
	st := style{}
	if events.Denies(decision) {
		st = v.bad
	}
	if decision != "" {
		v.head.word(st, v.head.bytes(decision), 0)
	}
	if by != "" {
		v.head.blanks++
		v.head.phrase(v.faint, "by", 0)
		v.head.word(style{}, v.head.bytes(by), 0)
	}
}
