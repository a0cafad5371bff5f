package view

// A branching says how the nodes of a turn are joined to it: calls that ran at the same
// time are joined to each other first.
type branching struct {
	rows [][2]int // the first and last nodes of those that ran together
	last int      // the node that nothing follows, -1 if there is none
}

// at returns what the line of node i begins with, and what those below it do. Nodes must
// come in order.
func (b *branching) at(i int) (stem, below string) {
	for len(b.rows) > 0 && i > b.rows[0][1] {
		b.rows = b.rows[1:]
	}
	if len(b.rows) == 0 || i < b.rows[0][0] {
		if i == b.last {
			return lastBranch, noTrunk
		}
		return branch, trunk
	}
	first, last := b.rows[0][0], b.rows[0][1]
	fork, rest := "├", "│"
	if last == b.last {
		fork, rest = "└", " "
	}
	switch i {
	case first:
		return fork + "┬ ", rest + "│ "
	case last:
		return rest + "└ ", rest + "  "
	}
	return rest + "├ ", rest + "│ "
}
