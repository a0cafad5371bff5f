package stats

import "hash/maphash"

// A combination is of events with the same kind, type, severity, agent and tool, of which a
// log has few. They are counted here first, which is one look instead of four.
type combination struct {
	kind  kind
	rank  rank
	names []byte // as in a note
	count int64  // not counted in the rows yet

	eventType, severity, agent *counts
	tool                       *tool // nil if there is none
}

// recentCombinations is how many slots there are for combinations that were seen recently.
const recentCombinations = 1024

var namesSeed = maphash.MakeSeed()

// combinationOf returns the combination of an event. If it is new, the names get their rows
// now, in the order of the log.
func (c *Summary) combinationOf(n *note) *combination {
	if c.recent == nil {
		c.recent = make([]combination, recentCombinations)
	}
	k := &c.recent[(maphash.Bytes(namesSeed, n.names)+uint64(n.kind))%recentCombinations]
	if k.eventType != nil && k.kind == n.kind && k.rank == n.rank && string(k.names) == string(n.names) {
		return k
	}
	k.settle()
	k.kind, k.rank, k.names = n.kind, n.rank, append(k.names[:0], n.names...)
	k.eventType = c.types.at(n.eventType, MaxNames)
	k.severity = c.severities.at(n.severity, MaxNames)
	k.agent = c.agents.at(n.agent, MaxNames)
	k.tool = nil
	if len(n.tool) > 0 || n.kind != otherEvent {
		k.tool = c.tools.at(n.tool, MaxNames)
	}
	return k
}

// settle counts the events in the rows of their names.
func (k *combination) settle() {
	if k.count == 0 {
		return
	}
	for _, row := range []*counts{k.eventType, k.severity, k.agent} {
		row.add(k.rank, k.count)
	}
	if k.tool != nil {
		k.tool.add(k.kind, k.rank, k.count)
	}
	k.count = 0
}

// settle counts all events in the rows of their names.
func (c *Summary) settle() {
	for i := range c.recent {
		c.recent[i].settle()
	}
}
