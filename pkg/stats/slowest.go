package stats

import "slices"

// slowest is the slowest calls, slowest first; of equal ones, the earlier in the log
// first.
type slowest []slowCall

type slowCall struct {
	duration float64 // in milliseconds
	end      Timestamp
	call     []byte // tool, turn and session
}

// add adds the call that n ends, if it is among the most slowest ones.
func (all *slowest) add(n *note, most int) {
	kept := *all
	if len(kept) == most {
		if n.duration <= kept[most-1].duration {
			return
		}
		kept = kept[:most-1]
	}
	c := slowCall{n.duration, n.at, slices.Clone(n.call)}
	i := slices.IndexFunc(kept, func(k slowCall) bool { return k.duration < c.duration })
	if i < 0 {
		i = len(kept)
	}
	*all = slices.Insert(kept, i, c)
}
