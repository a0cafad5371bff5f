package main

import (
	"cmp"
	"maps"
	"slices"
)

// A node is a package in the picture, or where an arrow crosses a row: then it has
// no name.
type node struct {
	name     string
	row      int // 0 is the lowest
	x, width float64
	below    []*node // where its arrows lead to, in the next row
	above    []*node
}

const (
	charWidth = 7.3
	padding   = 11
	gap       = 16
)

// arrange gives every package a place: above all that it imports, and those of cmd
// above those of pkg. It returns the rows, the lowest first.
func arrange(imports map[string][]string) [][]*node {
	nodes := map[string]*node{}
	lowest := 0 // row of cmd's
	var place func(name string) *node
	place = func(name string) *node {
		if n := nodes[name]; n != nil {
			return n
		}
		n := &node{name: name, width: charWidth*float64(len(name)) + 2*padding}
		nodes[name] = n
		if isCmd(name) {
			n.row = lowest
		}
		for _, to := range imports[name] {
			n.row = max(n.row, place(to).row+1)
		}
		return n
	}
	names := slices.Sorted(maps.Keys(imports))
	for _, cmds := range []bool{false, true} {
		for _, name := range names {
			if isCmd(name) == cmds {
				place(name)
			}
		}
		for _, n := range nodes {
			lowest = max(lowest, n.row+1)
		}
	}

	rows := make([][]*node, lowest)
	for _, name := range names {
		n := nodes[name]
		rows[n.row] = append(rows[n.row], n)
	}
	for _, name := range names {
		for _, to := range imports[name] {
			from := nodes[name]
			for row := from.row - 1; row > nodes[to].row; row-- {
				crossing := &node{row: row}
				rows[row] = append(rows[row], crossing)
				connect(from, crossing)
				from = crossing
			}
			connect(from, nodes[to])
		}
	}
	for _, row := range rows {
		spread(row)
	}
	for range 40 {
		for _, row := range rows[1:] {
			pull(row, func(n *node) []*node { return n.below })
		}
		for i := len(rows) - 2; i >= 0; i-- {
			pull(rows[i], func(n *node) []*node { return n.above })
		}
	}
	for range 20 {
		for _, row := range rows {
			pull(row, func(n *node) []*node { return slices.Concat(n.above, n.below) })
		}
	}
	return rows
}

func connect(from, to *node) {
	from.below = append(from.below, to)
	to.above = append(to.above, from)
}

// pull moves the nodes of a row towards the middle of those they are connected with.
func pull(row []*node, connected func(*node) []*node) {
	for _, n := range row {
		if others := connected(n); len(others) > 0 {
			sum := 0.0
			for _, other := range others {
				sum += other.x
			}
			n.x = sum / float64(len(others))
		}
	}
	slices.SortStableFunc(row, func(a, b *node) int { return cmp.Compare(a.x, b.x) })
	spread(row)
}

// spread moves the nodes of a row apart where they overlap, as little as it takes.
func spread(row []*node) {
	for range 50 {
		moved := false
		for i := range len(row) - 1 {
			a, b := row[i], row[i+1]
			if overlap := (a.width+b.width)/2 + gap - (b.x - a.x); overlap > 0.01 {
				a.x -= overlap / 2
				b.x += overlap / 2
				moved = true
			}
		}
		if !moved {
			return
		}
	}
}
