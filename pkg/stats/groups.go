package stats

import (
	"cmp"
	"encoding/json"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// Groups counts events by the values of keys. It is not safe for concurrent use,
// but for AppendNote.
type Groups struct {
	Keys []selection.Key

	events, errors int64
	groups         table[group]
	precision      precision // of all durations
}

// A group is the events that have the same values.
type group struct {
	counts
	durations
}

// Add counts the event that s scanned.
func (g *Groups) Add(s *events.Scanner) { g.AddNotes(g.AppendNote(nil, s)) }

// AppendNote appends a note of the event that s scanned, for AddNotes. Many
// goroutines may call it at once, each with a Scanner of its own.
func (g *Groups) AppendNote(dst []byte, s *events.Scanner) []byte {
	start := len(dst)
	dst = append(dst, byte(otherEvent), byte(rankOf(s, s.Lookup("severity"))), 0)
	dst, t := appendDuration(dst, s.Lookup("duration_ms"))
	dst[start+2] = byte(t)
	for _, key := range g.Keys {
		dst = appendName(dst, s, key.Value(s))
	}
	return dst
}

// AddNotes counts events that AppendNote made notes of.
func (g *Groups) AddNotes(notes []byte) {
	var n note
	for len(notes) > 0 {
		start := n.readHead(notes)
		notes = start
		for range g.Keys {
			_, notes = cutName(notes)
		}
		g.events++
		if n.rank.grave() {
			g.errors++
		}
		row := g.groups.at(start[:len(start)-len(notes)], MaxGroups)
		row.counts.add(&n)
		if n.has(lasted) {
			row.durations.add(n.duration, &g.precision)
		}
	}
}

// A GroupsReport is what Groups has counted. It encodes as one JSON object whose
// keys stay.
type GroupsReport struct {
	Events int64    `json:"events"`
	Errors int64    `json:"errors"` // of them, with severity error or critical
	By     []string `json:"by"`     // the keys
	Groups []Group  `json:"groups"` // the largest first
	Others *Group   `json:"others"` // nil: none; without values
}

// A Group is the events that have the same values.
type Group struct {
	By        By         `json:"by"`
	Events    int64      `json:"events"`
	Errors    int64      `json:"errors"`
	Durations *Durations `json:"duration_ms"` // of those that have any; nil: none has
}

// By is keys with their values. The value is nil where it is absent or null.
type By struct {
	Keys   []string
	Values []events.Value
}

// MarshalJSON returns an object with the keys in their order, or null without
// values.
func (b By) MarshalJSON() ([]byte, error) {
	if b.Values == nil {
		return []byte("null"), nil
	}
	object := []byte{'{'}
	for i, key := range b.Keys {
		if i > 0 {
			object = append(object, ',')
		}
		object = append(appendString(object, []byte(key)), ':')
		value, err := json.Marshal(b.Values[i])
		if err != nil {
			return nil, err
		}
		object = append(object, value...)
	}
	return append(object, '}'), nil
}

// Report returns what was counted so far.
func (g *Groups) Report() *GroupsReport {
	r := &GroupsReport{Events: g.events, Errors: g.errors, By: []string{}}
	for _, key := range g.Keys {
		r.By = append(r.By, key.String())
	}
	r.Groups = reported(&g.groups, func(name string, g *group) Group {
		return g.report(By{r.By, namesOf([]byte(name))})
	})
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), slices.CompareFunc(a.By.Values, b.By.Values, byName))
	})
	if g.groups.others != nil {
		others := g.groups.others.report(By{})
		r.Others = &others
	}
	return r
}

func (g *group) report(by By) Group {
	return Group{by, g.events, g.errors, g.durations.report()}
}
