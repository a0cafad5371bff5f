package reconcile

import (
	"cmp"
	"slices"
)

// settleRelations finds out what the calls that were joined show about their sources: which
// have ids in common, how clients call the servers of MCP, and how much clocks differ. The
// clock of the first record is the common one.
func (r *Reconciler) settleRelations() {
	for _, c := range r.calls {
		if len(c.sides) < 2 || c.sampled || c.into != nil {
			continue
		}
		c.sampled = true
		for i := range c.sides {
			c.relate(&c.sides[i])
		}
	}
	for _, rec := range r.records {
		for _, src := range rec.sources {
			src.settleClock()
		}
	}
}

// relate notes what a side of a call shows about its source and the others.
func (c *call) relate(s *side) {
	for i := range c.sides {
		other := &c.sides[i]
		if other == s {
			continue
		}
		if _, server := other.plainTool(); s.source.kind == MCP && server != "" && other.source.kind != MCP {
			s.source.hasServer(server)
		}
		if other.sessionHash != s.sessionHash && other.sessionHash != 0 {
			s.source.hasCallOf(other.sessionHash)
		}
		if s.id == "" || s.id != other.id {
			continue
		}
		for len(s.source.related) <= other.source.number {
			s.source.related = append(s.source.related, false)
		}
		s.source.related[other.source.number] = true
		if !other.source.isCommon() || len(s.source.samples) == maxSamples {
			continue
		}
		switch {
		case s.attempted && other.attempted && s.began.known() && other.began.known():
			s.source.samples = append(s.source.samples, s.began-other.began)
		case s.over.known() && other.over.known():
			s.source.samples = append(s.source.samples, s.over-other.over)
		}
	}
}

// joinable calls f with the calls that may be joined with others: those that some record
// does not tell of, and all if a record has several sources, which tell of it twice.
func (r *Reconciler) joinable(f func(*call)) {
	twice := slices.ContainsFunc(r.records, func(rec *record) bool { return len(rec.sources) > 1 })
	for _, c := range r.calls {
		if c.into == nil && (twice || slices.ContainsFunc(r.records, func(rec *record) bool { return !c.isIn(rec) })) {
			f(c)
		}
	}
}

// joinByID joins calls of different sessions that have the same id, if no other call has.
func (r *Reconciler) joinByID() {
	var some bool
	r.joinable(func(c *call) { some = some || c.idHash != 0 })
	if !some {
		return
	}
	with := map[uint64][]*call{}
	for _, c := range r.calls {
		if c.into == nil && c.idHash != 0 {
			with[c.idHash] = append(with[c.idHash], c)
		}
	}
	for id, calls := range with {
		if len(calls) < 2 || r.settled.has(idKey(id)) {
			continue
		}
		sources := map[*source]bool{}
		n := 0
		for _, c := range calls {
			for i := range c.sides {
				sources[c.sides[i].source] = true
				n++
			}
		}
		if n > len(sources) {
			continue // two calls of a source have it
		}
		slices.SortFunc(calls, func(x, y *call) int { return cmp.Compare(len(y.sides), len(x.sides)) })
		for _, c := range calls[1:] {
			r.join(calls[0], c)
		}
	}
}

// join makes y a part of x.
func (r *Reconciler) join(x, y *call) {
	for _, key := range y.keys {
		r.byKey[key] = x
	}
	x.keys = append(x.keys, y.keys...)
	x.sides = append(x.sides, y.sides...)
	if x.arguments == "" {
		x.arguments, x.cut = y.arguments, y.cut
	}
	x.sampled = false
	y.into = x
}

// joinByArguments joins calls that have the same arguments at about the same time, or one of
// which has none, and the same tool.
func (r *Reconciler) joinByArguments(last bool) {
	alike, tools := map[uint64][]*call{}, map[uint64][]*call{}
	r.joinable(func(c *call) {
		if c.arguments != "" {
			prefix := hashOf([]byte(c.arguments[:min(len(c.arguments), MinPrefix)]))
			alike[prefix] = append(alike[prefix], c)
		}
		tool, _ := c.sides[0].plainTool()
		name := hashOf([]byte(tool))
		tools[name] = append(tools[name], c)
	})
	for _, calls := range alike {
		r.joinNearest(calls, func(x, y *call) bool { return sameArguments(x, y) }, last)
	}
	for _, calls := range tools {
		r.joinNearest(calls, func(x, y *call) bool { return x.arguments == "" || y.arguments == "" }, last)
	}
}

// Bounds of joinNearest.
const (
	maxRounds     = 16
	maxNeighbours = 64
)

// joinNearest joins calls of different sources that are the nearest ones to each other. last
// says that those without a time are joined by their order.
func (r *Reconciler) joinNearest(calls []*call, same func(x, y *call) bool, last bool) {
	calls = slices.DeleteFunc(calls, func(c *call) bool { return c.into != nil })
	if len(calls) < 2 {
		return
	}
	slices.SortStableFunc(calls, func(x, y *call) int { return cmp.Compare(x.time(), y.time()) })
	first := slices.IndexFunc(calls, func(c *call) bool { return c.time().known() })
	if first < 0 {
		first = len(calls)
	}
	timed := calls[first:]
	for range maxRounds {
		nearest := make([]int, len(timed))
		for i := range timed {
			nearest[i] = r.nearest(timed, i, same)
		}
		some := false
		for i, j := range nearest {
			if j > i && nearest[j] == i {
				r.join(timed[i], timed[j])
				some = true
			}
		}
		if !some {
			break
		}
		timed = slices.DeleteFunc(timed, func(c *call) bool { return c.into != nil })
	}
	if !last {
		return
	}
	for i, x := range calls[:first] {
		for _, y := range slices.Concat(calls[i+1:first], timed)[:min(maxNeighbours, len(calls[i+1:first])+len(timed))] {
			if x.into == nil && y.into == nil && same(x, y) && r.mayBeOne(x, y) {
				r.join(x, y)
			}
		}
	}
}

// nearest returns the call that is nearest in time to that at i and may be the same, -1 if
// there is none.
func (r *Reconciler) nearest(calls []*call, i int, same func(x, y *call) bool) int {
	found, least := -1, instant(Tolerance.Microseconds())+1
	for _, step := range [...]int{-1, 1} {
		for n, j := 0, i+step; n < maxNeighbours && 0 <= j && j < len(calls); n, j = n+1, j+step {
			if max(calls[i].time(), calls[j].time())-min(calls[i].time(), calls[j].time()) > 2*instant(Tolerance.Microseconds()) {
				break
			}
			if d := between(calls[i], calls[j]); d < least && same(calls[i], calls[j]) && r.mayBeOne(calls[i], calls[j]) {
				found, least = j, d
			}
		}
	}
	return found
}

// between returns how far two calls with times are from each other.
func between(x, y *call) instant {
	a, b := x.began(), y.began()
	if !a.known() || !b.known() {
		a, b = x.over(), y.over()
	}
	if !a.known() || !b.known() {
		a, b = x.time(), y.time()
	}
	return max(a, b) - min(a, b)
}

// mayBeOne reports whether nothing but their arguments, tools and times speaks against two
// calls being the same.
func (r *Reconciler) mayBeOne(x, y *call) bool {
	for i := range x.sides {
		for j := range y.sides {
			if !x.sides[i].mayBe(&y.sides[j]) {
				return false
			}
		}
	}
	return true
}

func (s *side) mayBe(other *side) bool {
	if s.source == other.source {
		return false
	}
	if s.id != "" && other.id != "" && s.id != other.id && !s.isNumbered() && !other.isNumbered() && s.source.isRelated(other.source) {
		return false
	}
	return s.session == "" || other.session == "" || s.session == other.session ||
		!s.source.knows(other.sessionHash) && !other.source.knows(s.sessionHash)
}

// isNumbered reports whether the call id is one that a recorder of MCP made up.
func (s *side) isNumbered() bool { return s.source.kind == MCP && len(s.id) > 13 && s.id[12] == ':' }

// isRelated reports whether some call has the same id in two sources.
func (src *source) isRelated(other *source) bool {
	return other.number < len(src.related) && src.related[other.number]
}
