package reconcile

import (
	"cmp"
	"slices"
)

// Bounds of a sweep.
const (
	minSweep      = 1 << 12 // calls that are left in memory at least
	maxUnfinished = 1 << 13 // that every record tells of, but not how they ended
)

// sweep joins calls that were not joined yet, and lets those go of which no record has more
// to tell. last says that no events come after it.
func (r *Reconciler) sweep(last bool) {
	r.settleRelations()
	r.joinByID()
	r.joinByArguments(last)
	r.settleRelations()
	old := len(r.calls) - minSweep
	var unfinished []*call // oldest first
	r.keep(func(i int, c *call) bool {
		switch {
		case last:
			return false
		case i >= old || !r.isSeen(c):
			return true
		case !c.finished():
			unfinished = append(unfinished, c)
			return true
		}
		return false
	})
	for _, c := range unfinished[:max(0, len(unfinished)-maxUnfinished)] {
		c.tired = true
	}
	r.keep(func(_ int, c *call) bool { return !c.tired })
	if len(r.calls) >= r.maxWaiting {
		slices.SortStableFunc(r.calls, func(x, y *call) int { return cmp.Compare(x.time(), y.time()) })
		excess := len(r.calls) - r.maxWaiting/2
		r.keep(func(i int, _ *call) bool { return i >= excess })
	}
	r.sweepAt = min(2*max(minSweep, len(r.calls)), max(r.maxWaiting, len(r.calls)+minSweep))
}

// keep settles the calls that stays, which also gets their place in the order, does not
// return true for.
func (r *Reconciler) keep(stays func(i int, c *call) bool) {
	left := r.calls[:0]
	for i, c := range r.calls {
		switch {
		case c.into != nil:
		case stays(i, c):
			left = append(left, c)
		default:
			r.settle(c)
		}
	}
	clear(r.calls[len(left):])
	r.calls = left
}

// finished reports whether every source that tells of the call tells how it ended.
func (c *call) finished() bool {
	for i := range c.sides {
		if c.sides[i].outcome() == NoEnd {
			return false
		}
	}
	return true
}

// isSeen reports whether every record tells of the call, or is of a kind that cannot. What
// a record has not told yet may come later.
func (r *Reconciler) isSeen(c *call) bool {
	for _, rec := range r.records {
		if !c.isIn(rec) && rec.sees(c) != cannotSee {
			return false
		}
	}
	return true
}

// settle judges a call and lets it go.
func (r *Reconciler) settle(c *call) {
	r.judge(c)
	for _, key := range c.keys {
		delete(r.byKey, key)
		r.settled.add(key)
	}
	if c.idHash != 0 {
		r.settled.add(idKey(c.idHash))
	}
	c.gone = true
	c.times++
	if len(c.keys) == 1 { // otherwise others point to it, which were joined into it
		r.spare = append(r.spare, c)
	}
}

// idKey returns what is remembered of a call id alone.
func idKey(idHash uint64) uint64 { return max(1, idHash^0x9e3779b97f4a7c15) }
