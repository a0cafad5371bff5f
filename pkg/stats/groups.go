package stats

import (
	"cmp"
	"encoding/json"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// Groups counts events by the values of Keys. Severities count under the name that
// [events.Severities] has for them. It is not safe for concurrent use, except
// for AppendNote. Set Keys before the first event.
type Groups struct {
	Keys []selection.Key

	events, errors int64
	groups         table[group]
	precision      precision // of all durations
}

// A group counts the events with the same values.
type group struct {
	counts
	durations
	tokens *Tokens // nil if no event has any
}

// Add counts the event that s scanned.
func (g *Groups) Add(s *events.Scanner) { g.AddNotes(g.AppendNote(nil, s)) }

// The keys that every note is made of.
var groupKeys = []string{"severity", "duration_ms", "metadata"}

// AppendNote appends a note of the event that s scanned to dst, for AddNotes. It may be
// called concurrently, with a Scanner for each goroutine.
func (g *Groups) AppendNote(dst []byte, s *events.Scanner) []byte {
	var v [3]events.Value
	s.LookupAll(groupKeys, v[:])
	severity, duration, metadata := v[0], v[1], v[2]
	var u usage
	if len(metadata) > len(`{}`) || s.HasAny(tokenKeys) {
		u.read(s, metadata)
	}
	if u.copied {
		duration = nil
	}
	start := len(dst)
	rank := rankOf(s, severity)
	dst = append(dst, byte(otherEvent), byte(rank), 0)
	dst, t := appendDuration(dst, duration)
	if u.known {
		dst, t = u.tokens.append(dst), t|spent
	}
	dst[start+2] = byte(t)
	for _, key := range g.Keys {
		v := key.Value(s)
		if rank != 0 && len(v) > 0 && &v[0] == &severity[0] { // not one of the same name elsewhere
			v = severityNames[rank]
		}
		dst = appendName(dst, s, v)
	}
	return dst
}

// AddNotes counts the events of notes that AppendNote made.
func (g *Groups) AddNotes(notes []byte) {
	var n note
	for len(notes) > 0 {
		start := n.readHead(notes)
		notes = start
		for range g.Keys {
			_, notes = cutName(notes)
		}
		g.events++
		if n.rank.isError() {
			g.errors++
		}
		row := g.groups.at(start[:len(start)-len(notes)], MaxGroups)
		row.counts.add(n.rank, 1)
		if n.has(measured) {
			row.durations.add(n.duration, &g.precision)
		}
		if n.has(spent) {
			if row.tokens == nil {
				row.tokens = new(Tokens)
			}
			row.tokens.add(n.tokens)
		}
	}
}

// A GroupsReport has the counts of Groups. It encodes as a JSON object whose keys are
// stable.
type GroupsReport struct {
	Events int64    `json:"events"`
	Errors int64    `json:"errors"` // events with severity error or critical
	By     []string `json:"by"`     // the keys
	Groups []Group  `json:"groups"` // largest first
	Others *Group   `json:"others"` // events beyond MaxGroups, without By; nil if none
}

// A Group has the counts of the events with the same values.
type Group struct {
	By        By         `json:"by"`
	Events    int64      `json:"events"`
	Errors    int64      `json:"errors"`           // events with severity error or critical
	Durations *Durations `json:"duration_ms"`      // of the events that have one; nil if none has
	Tokens    *Tokens    `json:"tokens,omitempty"` // nil if no event has any
}

// By is keys and their values. A value is nil if it is absent or null.
type By struct {
	Keys   []string
	Values []events.Value
}

// MarshalJSON returns an object with the keys in order, or null if there are no values.
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

// Report returns the counts so far. It shares no memory with g.
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
	r := Group{by, g.events, g.errors, g.durations.report(), nil}
	if g.tokens != nil {
		tokens := *g.tokens
		r.Tokens = &tokens
	}
	return r
}
