package turns

// A store has the memory of turns that were released, for others.
type store struct {
	turns  []*Turn
	calls  []*Call
	chunks [][]byte
}

// The most that a store keeps of each, and what a turn and a call may keep of theirs.
const (
	maxSpareTurns  = 1 << 10
	maxSpareCalls  = 1 << 12
	maxSpareChunks = 1 << 9
	maxSpareNodes  = 64
	maxSpareEvents = 8
)

// chunkSize is how many bytes of lines are kept together. Longer lines than a part of that
// are by themselves.
const (
	chunkSize = 2 << 10
	longLine  = chunkSize / 2
)

func (s *store) turn() *Turn {
	if t, ok := takeLast(&s.turns); ok {
		return t
	}
	return &Turn{}
}

func (s *store) call() *Call {
	if c, ok := takeLast(&s.calls); ok {
		return c
	}
	return &Call{}
}

// chunk returns an empty chunk.
func (s *store) chunk() []byte {
	if chunk, ok := takeLast(&s.chunks); ok {
		return chunk
	}
	return make([]byte, 0, chunkSize)
}

// takeLast takes the last of some spares, if there is one.
func takeLast[T any](from *[]T) (spare T, ok bool) {
	last := len(*from) - 1
	if last < 0 {
		return spare, false
	}
	spare = (*from)[last]
	*from = (*from)[:last]
	return spare, true
}

// release takes the memory of a turn, and of those below its calls.
func (s *store) release(t *Turn) {
	for i := range t.Nodes {
		if c := t.Nodes[i].Call; c != nil {
			for _, below := range c.Below {
				s.release(below)
			}
			s.releaseCall(c)
		}
	}
	for _, chunk := range t.chunks {
		if len(s.chunks) < maxSpareChunks {
			s.chunks = append(s.chunks, chunk[:0])
		}
	}
	clear(t.chunks)
	if len(s.turns) == maxSpareTurns {
		return
	}
	nodes, chunks, planned := t.Nodes, t.chunks[:0], t.planned
	if cap(nodes) > maxSpareNodes {
		nodes, chunks, planned = nil, nil, nil
	}
	clear(nodes)
	clear(planned)
	*t = Turn{Nodes: nodes[:0], chunks: chunks, planned: planned}
	s.turns = append(s.turns, t)
}

func (s *store) releaseCall(c *Call) {
	if len(s.calls) == maxSpareCalls {
		return
	}
	decisions := c.Decisions
	if cap(decisions) > maxSpareEvents {
		decisions = nil
	}
	clear(decisions)
	*c = Call{Decisions: decisions[:0]}
	s.calls = append(s.calls, c)
}
