package stats

import "slices"

// slowest are the calls that took the longest, the slowest first. Of two that
// took as long the earlier one in the log comes first.
type slowest []slowCall

type slowCall struct {
	duration float64 // in milliseconds
	end      Timestamp
	call     []byte // tool, turn and session
}

// add keeps the call that n ends if it is among the slowest so many.
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
