package view

import (
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// below shows what belongs to a call: the decisions about it, which its own metadata may
// tell, too, and the turns of the agents that it began, aligned with its own. missing is
// shown in place of their ends, if the call has not ended.
func (v *Tree) below(dst []byte, prefix string, c *turns.Call, metadata events.Value, columns callColumns, missing string) []byte {
	if c.End.Line() != nil || c.Refused() {
		missing = ""
	}
	own := decider(metadata) != "" || decision(metadata) != "" && len(c.Decisions) == 0
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
			return prefix + lastBranch, prefix + noTrunk
		}
		return prefix + branch, prefix + trunk
	}
	for _, e := range c.Decisions {
		stem, _ := next()
		dst = v.decision(dst, stem, e)
	}
	if own {
		stem, _ := next()
		dst = v.ownDecision(dst, stem, metadata)
	}
	for _, e := range unseen {
		stem, _ := next()
		dst = v.event(dst, stem, e)
	}
	for i, t := range c.Below {
		several := i > 0 && c.Below[i-1].Agent == t.Agent || i+1 < len(c.Below) && c.Below[i+1].Agent == t.Agent
		stem, below := next()
		dst = v.agent(dst, stem, t, several)
		dst = v.nodes(dst, below, t, columns.of(t), missing)
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
	metadata := e.Lookup("metadata")
	l := v.begin(dst, stem)
	l.styled(v.ofType([]byte(e.Type())).style, []byte(decisionNames[e.Type()]))
	hidden := []string{"tool_name"}
	if e.Type() == events.TypeToolPolicyDecision {
		by, source := decider(metadata), textOf(e.Lookup("policy_source"))
		if by == "" {
			by = source
		}
		v.verdict(textOf(e.Lookup("action")), by)
		hidden = append(hidden, "action")
		if by == source {
			hidden = append(hidden, "policy_source")
		}
	}
	v.copied(metadata)
	v.keys(e, metadata, hidden...)
	return v.end()
}

// ownDecision shows what was decided about a call by its own metadata.
func (v *Tree) ownDecision(dst []byte, stem string, metadata events.Value) []byte {
	l := v.begin(dst, stem)
	l.styled(v.types[events.TypeToolPolicyDecision].style, []byte(decisionNames[events.TypeToolPolicyDecision]))
	v.verdict(decision(metadata), decider(metadata))
	return v.end()
}

// decision returns what was decided about the call of an event with this metadata, and
// decider by whom. They are empty if it does not say.
func decision(metadata events.Value) string { return textOf(metadata.Lookup("decision")) }
func decider(metadata events.Value) string  { return textOf(metadata.Lookup("decided_by")) }

// verdict shows what was decided and by whom.
func (v *Tree) verdict(decision, by string) {
	st := style{}
	if events.Denies(decision) {
		st = v.bad
	}
	if decision != "" {
		v.head.word(st, []byte(decision), 0)
	}
	if by != "" {
		v.head.blanks++
		v.head.phrase(v.faint, "by", 0)
		v.head.word(style{}, []byte(by), 0)
	}
}
