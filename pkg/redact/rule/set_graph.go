package rule

import (
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A graph is a regular expression as an automaton without groups, order and assertions,
// which accepts whatever the expression matches, and more. Each node consumes a character.
type graph struct {
	nodes      []node
	next, prev [][]int32 // of each node those that may follow and precede it
	starts     []int32   // the nodes that may be first
	first      []bool    // of each node whether it may be first
	last       []bool    // of each node whether it may be last
}

// A node consumes one character of ASCII that is in its set, or any other character if it
// is wide.
type node struct {
	ascii [2]uint64
	wide  bool
	other bool // it is wide, and not only for the sake of letters of ASCII without case
}

// newGraph returns the graph of an expression that is valid.
func newGraph(expression string) *graph {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		panic(err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		panic(err)
	}
	g := &graph{}
	nodes := make([]int32, len(prog.Inst)) // of instructions, or -1
	for pc := range prog.Inst {
		nodes[pc] = -1
		if consumes(&prog.Inst[pc]) {
			nodes[pc] = int32(len(g.nodes))
			g.nodes = append(g.nodes, newNode(&prog.Inst[pc]))
		}
	}
	seen, round := make([]int, len(prog.Inst)), 0
	var follow func(pc uint32, to []int32) ([]int32, bool)
	follow = func(pc uint32, to []int32) ([]int32, bool) {
		if seen[pc] == round {
			return to, false
		}
		seen[pc] = round
		switch inst := &prog.Inst[pc]; inst.Op {
		case syntax.InstMatch:
			return to, true
		case syntax.InstFail:
			return to, false
		case syntax.InstAlt, syntax.InstAltMatch:
			to, one := follow(inst.Out, to)
			to, two := follow(inst.Arg, to)
			return to, one || two
		case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
			return follow(inst.Out, to)
		}
		return append(to, nodes[pc]), false
	}
	g.next, g.prev = make([][]int32, len(g.nodes)), make([][]int32, len(g.nodes))
	g.first, g.last = make([]bool, len(g.nodes)), make([]bool, len(g.nodes))
	for pc, n := range nodes {
		if n >= 0 {
			round++
			g.next[n], g.last[n] = follow(prog.Inst[pc].Out, nil)
			for _, to := range g.next[n] {
				g.prev[to] = append(g.prev[to], n)
			}
		}
	}
	round++
	g.starts, _ = follow(uint32(prog.Start), nil)
	for _, n := range g.starts {
		g.first[n] = true
	}
	return g
}

func consumes(inst *syntax.Inst) bool {
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

func newNode(inst *syntax.Inst) node {
	var n node
	switch {
	case inst.Op == syntax.InstRuneAny || inst.Op == syntax.InstRuneAnyNotNL:
		n.add(0, unicode.MaxRune)
		if inst.Op == syntax.InstRuneAnyNotNL {
			n.ascii['\n'/64] &^= 1 << ('\n' % 64)
		}
	case len(inst.Rune) == 1:
		n.add(inst.Rune[0], inst.Rune[0])
		if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
			for c := unicode.SimpleFold(inst.Rune[0]); c != inst.Rune[0]; c = unicode.SimpleFold(c) {
				n.add(c, c)
			}
		}
	default:
		for i := 0; i+1 < len(inst.Rune); i += 2 {
			n.add(inst.Rune[i], inst.Rune[i+1])
		}
	}
	return n
}

// add adds the characters from lo to hi.
func (n *node) add(lo, hi rune) {
	for c := lo; c <= min(hi, utf8.RuneSelf-1); c++ {
		n.ascii[c/64] |= 1 << (c % 64)
	}
	const longS, kelvin = 'ſ', '\u212a' // which are s and k in another case
	n.wide = n.wide || hi >= utf8.RuneSelf
	n.other = n.other || hi >= utf8.RuneSelf && (lo != hi || hi != longS && hi != kelvin)
}

// has reports whether a byte may be consumed.
func (n *node) has(c byte) bool {
	if c >= utf8.RuneSelf {
		return n.wide
	}
	return n.ascii[c/64]>>(c%64)&1 != 0
}

// narrow returns the characters of ASCII that are consumed, in lower case, or nothing if
// there are many.
func (n *node) narrow() []byte {
	const many = 8
	var all []byte
	for c := range byte(utf8.RuneSelf) {
		if n.has(c) && !('A' <= c && c <= 'Z' && n.has(c+'a'-'A')) {
			if len(all) == many {
				return nil
			}
			all = append(all, lower(c))
		}
	}
	return all
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// spelled returns the nodes at which word, which is in lower case, may begin and be spelled
// by narrow nodes.
func (g *graph) spelled(word string, narrow [][]byte) []int32 {
	reach := make([]bool, len(g.nodes))
	for i := len(word) - 1; i >= 0; i-- {
		now := make([]bool, len(g.nodes))
		for n := range g.nodes {
			now[n] = strings.IndexByte(string(narrow[n]), word[i]) >= 0 && (i == len(word)-1 || anyOf(reach, g.next[n]))
		}
		reach = now
	}
	var all []int32
	for n, ok := range reach {
		if ok {
			all = append(all, int32(n))
		}
	}
	return all
}

func anyOf(of []bool, nodes []int32) bool {
	for _, n := range nodes {
		if of[n] {
			return true
		}
	}
	return false
}

// needs reports whether all that the graph accepts spells one of words, which are in lower
// case, in narrow nodes. Characters beyond ASCII that are another case of letters in ASCII,
// such as the long s, do not count.
func (g *graph) needs(words []string, narrow [][]byte) bool {
	type point struct {
		node int32
		read string // the end of what was read with which a word begins
	}
	var seen = map[point]bool{}
	var todo []point
	visit := func(nodes []int32, read string) {
		for _, n := range nodes {
			if p := (point{n, read}); !seen[p] {
				seen[p] = true
				todo = append(todo, p)
			}
		}
	}
	visit(g.starts, "")
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if len(narrow[p.node]) == 0 || g.nodes[p.node].other {
			if g.last[p.node] {
				return false
			}
			visit(g.next[p.node], "")
		}
		for _, c := range narrow[p.node] {
			read, whole := advance(words, p.read+string(c))
			if whole {
				continue
			}
			if g.last[p.node] {
				return false
			}
			visit(g.next[p.node], read)
		}
	}
	return true
}

// advance returns the longest end of read with which a word begins, and whether a whole
// word is one.
func advance(words []string, read string) (end string, whole bool) {
	end = ""
	for ; read != ""; read = read[1:] {
		for _, w := range words {
			if w == read {
				return "", true
			}
			if end == "" && strings.HasPrefix(w, read) {
				end = read
			}
		}
	}
	return end, false
}
