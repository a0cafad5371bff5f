package turns

// Parallel returns which nodes of the turn ran at the same time: the first and last node of
// each row of calls, each of which began while an earlier one of its row was running. That
// is by their timestamps if they have any, else by the order of the log. Calls without a
// call id do not count, since which end is theirs may be a guess. A call without an end is
// taken to end when it begins.
func (t *Turn) Parallel() (rows [][2]int) {
	var row [2]int
	var latest order // the one of the row that ends last
	begun := false
	flush := func() {
		if row[1] > row[0] {
			rows = append(rows, row)
		}
	}
	for i, n := range t.Nodes {
		c := n.Call
		if c == nil || c.id == "" || c.began == 0 && c.ended == 0 {
			continue
		}
		o := c.order()
		if begun && o.beginsIn(latest) {
			row[1] = i
		} else {
			flush()
			row, latest, begun = [2]int{i, i}, o, true
		}
		if latest.endsBefore(o) {
			latest = o
		}
	}
	flush()
	return rows
}

// An order is when a call began and ended among the others.
type order struct {
	Span
	began, ended int64 // numbers of events
}

func (c *Call) order() order {
	began := c.began
	if began == 0 {
		began = c.ended
	}
	return order{c.Span(), began, max(began, c.ended)}
}

// beginsIn reports whether o begins before other ends.
func (o order) beginsIn(other order) bool {
	if o.Known && other.Known && !o.Start.Equal(other.End) {
		return o.Start.Before(other.End)
	}
	return o.began < other.ended
}

func (o order) endsBefore(other order) bool {
	if o.Known && other.Known {
		return o.End.Before(other.End)
	}
	return o.ended < other.ended
}
