package htmlreport

import (
	"cmp"
	"slices"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// An arrangement is the events of a page in the order of the log, and how they belong
// together.
type arrangement struct {
	kept    *Kept
	zone    *time.Location
	events  []events.Event
	indexes map[*byte]int // of the events
	names   map[string]int
	offsets map[int64]bool // the entries of data.Zone, by when they begin
	data    data
}

// arrange numbers the events that were kept and sorts their sessions and turns by time.
func (k *Kept) arrange(files []File, zone *time.Location) *arrangement {
	a := &arrangement{kept: k, zone: zone, indexes: map[*byte]int{}, names: map[string]int{}, offsets: map[int64]bool{}}
	a.data.Per, a.data.LeftOut = linesPerElement, k.LeftOut()
	a.data.Files, a.data.Names = []string{}, []string{}
	a.data.Zone, a.data.Sessions = [][2]int64{}, []session{}
	for _, f := range files {
		a.data.Files = append(a.data.Files, f.Name)
	}
	parts := slices.Concat(k.parts[:]...)
	for _, p := range parts {
		a.events = slices.AppendSeq(a.events, eventsOf(p.Turn))
	}
	slices.SortFunc(a.events, func(x, y events.Event) int {
		return cmp.Compare(k.places[keyOf(x)].number, k.places[keyOf(y)].number)
	})
	for i, e := range a.events {
		a.indexes[keyOf(e)] = i
	}
	a.columns()
	a.sessions(parts)
	return a
}

// columns sets what is said of each event.
func (a *arrangement) columns() {
	c := columns{At: []moment{}, Severity: []int{}, Alarm: []alarm{}, Type: []int{}, File: []int{}, Line: []int64{}}
	for _, e := range a.events {
		at, known := e.Lookup("timestamp").Time()
		if known && a.data.Base == 0 {
			a.data.Base = at.UnixMilli()
		}
		if known {
			a.addZone(at)
		}
		where := a.kept.places[keyOf(e)]
		c.At = append(c.At, a.moment(at, known))
		c.Severity = append(c.Severity, events.Severity(textOf(e, "severity")).Rank())
		c.Alarm = append(c.Alarm, alarmOf(e))
		c.Type = append(c.Type, a.name(e.Type()))
		c.File = append(c.File, where.file)
		c.Line = append(c.Line, where.line)
	}
	a.data.Events = c
	slices.SortFunc(a.data.Zone, func(x, y [2]int64) int { return cmp.Compare(x[0], y[0]) })
}

// addZone makes the offset known that clocks have at a time.
func (a *arrangement) addZone(at time.Time) {
	in := at.In(a.zone)
	from, _ := in.ZoneBounds()
	start := int64(-1 << 53) // forever
	if !from.IsZero() {
		start = from.UnixMilli()
	}
	if !a.offsets[start] {
		a.offsets[start] = true
		_, offset := in.Zone()
		a.data.Zone = append(a.data.Zone, [2]int64{start, int64(offset)})
	}
}

func (a *arrangement) moment(at time.Time, known bool) moment {
	if !known {
		return moment{}
	}
	// Not Sub: a time.Duration holds no more than 292 years.
	return moment{float64(at.UnixMilli()-a.data.Base) + float64(at.Nanosecond()%1e6)/1e6, true}
}

// name returns the number of a name.
func (a *arrangement) name(text string) int {
	n, ok := a.names[text]
	if !ok {
		n = len(a.data.Names)
		a.names[text] = n
		a.data.Names = append(a.data.Names, text)
	}
	return n
}

// index returns the number of an event, nil for the zero Event.
func (a *arrangement) index(e events.Event) *int {
	if e.Line() == nil {
		return nil
	}
	i := a.indexes[keyOf(e)]
	return &i
}

// sessions puts parts into their sessions.
func (a *arrangement) sessions(parts []part) {
	type dated struct {
		turn  *turns.Turn
		first int // the index of its first event
		at    time.Time
	}
	all := make([]dated, len(parts))
	for i, p := range parts {
		all[i] = dated{turn: p.Turn, first: len(a.events), at: p.Span().Start}
		for e := range eventsOf(p.Turn) {
			all[i].first = min(all[i].first, a.indexes[keyOf(e)])
		}
	}
	slices.SortFunc(all, func(x, y dated) int { return cmp.Compare(x.first, y.first) })
	for i := range all { // one without a time stays after the one before it
		if all[i].at.IsZero() && i > 0 {
			all[i].at = all[i-1].at
		}
	}
	slices.SortStableFunc(all, func(x, y dated) int { return x.at.Compare(y.at) })
	numbers := map[string]int{}
	for _, d := range all {
		n, ok := numbers[d.turn.Session]
		if !ok {
			n = len(a.data.Sessions)
			numbers[d.turn.Session] = n
			a.data.Sessions = append(a.data.Sessions, session{ID: d.turn.Session})
		}
		a.data.Sessions[n].Turns = append(a.data.Sessions[n].Turns, a.turn(d.turn))
	}
}

func (a *arrangement) turn(t *turns.Turn) turn {
	if t.Loose {
		return turn{Loose: a.index(t.Nodes[0].Event)}
	}
	span := t.Span()
	of := turn{
		ID: t.ID.Turn, Start: a.index(t.Start), End: a.index(t.End),
		From: a.moment(span.Start, span.Known), To: a.moment(span.End, span.Known),
	}
	if t.Agent != "" {
		agent := a.name(t.Agent)
		of.Agent = &agent
	}
	for _, n := range t.Nodes {
		if n.Call != nil {
			of.Nodes = append(of.Nodes, node{call: a.call(n.Call)})
		} else {
			of.Nodes = append(of.Nodes, node{event: *a.index(n.Event)})
		}
	}
	return of
}

func (a *arrangement) call(c *turns.Call) *call {
	span := c.Span()
	of := &call{
		Tool: a.name(c.Tool), Outcome: c.Outcome(),
		From: a.moment(span.Start, span.Known), To: a.moment(span.End, span.Known),
	}
	if ms, ok := c.Duration(); ok && ms >= 0 {
		of.Took = (*took)(&ms)
	}
	for e := range eventsOfCall(c) {
		of.Events = append(of.Events, *a.index(e))
	}
	slices.Sort(of.Events)
	for _, below := range c.Below {
		of.Below = append(of.Below, a.turn(below))
	}
	return of
}
