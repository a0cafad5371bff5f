package rule

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// An automaton walks over text, byte by byte, by a graph. States are made when they are
// first needed. Many goroutines may use it.
type automaton struct {
	nodes   []node
	edges   [][]int32
	ends    []bool
	again   []int32 // nodes that every state has, too
	classes *[256]uint8
	count   int // of classes

	mu     sync.Mutex
	states map[string]*state
}

// maxStates is how many states an automaton has at most, so that no text makes it grow
// without end.
const maxStates = 2000

// A state is where an automaton may be after a byte.
type state struct {
	nodes []int32                 // that may consume the next byte, in order
	final bool                    // a node at which the automaton may end consumed the last
	next  []atomic.Pointer[state] // for each class of bytes
}

// dead reports that nothing is accepted any more.
func (s *state) dead() bool { return len(s.nodes) == 0 }

// classes returns classes of bytes that no node of the graph distinguishes, and how many.
func (g *graph) classes() (*[256]uint8, int) {
	distinct := map[node]bool{}
	for _, n := range g.nodes {
		distinct[n] = true
	}
	sets := make([]node, 0, len(distinct))
	for n := range distinct {
		sets = append(sets, n)
	}
	var classes [256]uint8
	known := map[string]uint8{}
	signature := make([]byte, len(sets))
	for c := range utf8.RuneSelf {
		for i := range sets {
			signature[i] = 0
			if sets[i].has(byte(c)) {
				signature[i] = 1
			}
		}
		class, ok := known[string(signature)]
		if !ok {
			class = uint8(len(known))
			known[string(signature)] = class
		}
		classes[c] = class
	}
	for c := utf8.RuneSelf; c < 256; c++ {
		classes[c] = uint8(len(known))
	}
	return &classes, len(known) + 1
}

// state returns the state with these nodes, or nil if there are too many states.
func (a *automaton) state(nodes []int32, final bool) *state {
	nodes = append(nodes, a.again...)
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	key := make([]byte, 0, 1+4*len(nodes))
	if final {
		key = append(key, 1)
	}
	for _, n := range nodes {
		key = binary.LittleEndian.AppendUint32(key, uint32(n))
	}
	if s := a.states[string(key)]; s != nil {
		return s
	}
	if len(a.states) >= maxStates {
		return nil
	}
	s := &state{nodes: nodes, final: final, next: make([]atomic.Pointer[state], a.count)}
	a.states[string(key)] = s
	return s
}

// start returns the state in which nodes may consume the first byte.
func (a *automaton) start(nodes []int32) *state {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state(slices.Clone(nodes), false)
}

// step makes the state after c in s, or returns nil if there are too many.
func (a *automaton) step(s *state, c byte) *state {
	a.mu.Lock()
	defer a.mu.Unlock()
	var nodes []int32
	final := false
	if c >= utf8.RuneSelf { // it may be in the middle of a character
		nodes = append(nodes, s.nodes...)
		final = s.final
	}
	for _, n := range s.nodes {
		if a.nodes[n].has(c) {
			nodes = append(nodes, a.edges[n]...)
			final = final || a.ends[n]
		}
	}
	to := a.state(nodes, final)
	if to != nil {
		s.next[a.classes[c]].Store(to)
	}
	return to
}

// after returns the state after c in s, or nil if there are too many.
func (a *automaton) after(s *state, c byte) *state {
	if to := s.next[a.classes[c]].Load(); to != nil {
		return to
	}
	return a.step(s, c)
}
