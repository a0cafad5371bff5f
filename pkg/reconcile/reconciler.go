package reconcile

import (
	"sync/atomic"

	"auditctl/pkg/events"
)

// A Place is where an event is.
type Place struct {
	File string `json:"file"`
	Line int64  `json:"line"`
}

// A Reconciler compares records. It is not safe for concurrent use, except for Next.
type Reconciler struct {
	// Selected says that the records have other events than those that are added, so that
	// their numbers show no gaps.
	Selected bool

	records []*record

	byKey      map[uint64]*call
	calls      []*call // that are in memory, in the order in which they came
	spare      []*call // that are not, and can be used again
	sweepAt    int     // when there are so many in memory
	maxWaiting int
	settled    settled

	unique uint64 // how many calls have nothing by which they could be known
	texts  map[string]string

	result   result
	notes    []byte // of Add
	position []atomic.Int64
}

// New returns a Reconciler of records with these names.
func New(names ...string) *Reconciler {
	r := &Reconciler{
		byKey: map[uint64]*call{}, sweepAt: 2 * minSweep, maxWaiting: MaxWaiting,
		texts: map[string]string{}, position: make([]atomic.Int64, len(names)),
	}
	for i, name := range names {
		r.records = append(r.records, &record{name: name, number: i, last: unknown})
		r.position[i].Store(int64(unknown))
	}
	return r
}

// Add adds the event that s scanned, of the record with this number, from 0.
func (r *Reconciler) Add(record int, at Place, s *events.Scanner) {
	r.notes = AppendNote(r.notes[:0], s)
	r.AddNotes(record, at.File, []int64{at.Line}, r.notes)
}

// AddNotes adds the events of notes that AppendNote made, in their order in the record. lines
// are their numbers in the file.
func (r *Reconciler) AddNotes(record int, file string, lines []int64, notes []byte) {
	rec := r.records[record]
	var n note
	for ; len(notes) > 0; lines = lines[1:] {
		notes = n.read(notes)
		r.add(rec, &n, Place{file, lines[0]})
	}
	r.position[record].Store(int64(rec.last))
}

// Next returns which of the records should be read next, so that few calls wait: the one
// that is behind the others, of those that open reports true for. It returns -1 if there is
// none.
func (r *Reconciler) Next(open func(record int) bool) int {
	next := -1
	for i := range r.position {
		if open(i) && (next < 0 || r.position[i].Load() < r.position[next].Load()) {
			next = i
		}
	}
	return next
}

func (r *Reconciler) add(rec *record, n *note, at Place) {
	src := rec.source(n.kind)
	src.see(n)
	if !n.tells.isOfCall() {
		return
	}
	c, s := r.callOf(src, n, at)
	if c == nil {
		return
	}
	if arguments := n.texts[argumentsText]; c.arguments == "" && len(arguments) > 0 {
		c.arguments, c.cut = string(arguments), n.has(isCut)
	}
	s.tell(n)
}

// tell adds what an event tells of the call.
func (s *side) tell(n *note) {
	switch n.tells {
	case attempted:
		if !s.attempted {
			s.attempted, s.began = true, n.at
			s.source.attempts++
		}
	case ended:
		if s.end == noEnd {
			s.source.ends++
			s.over = n.at
		}
		if s.end == noEnd || s.end == endedSomehow {
			s.end = n.end
		}
		if !s.began.known() && n.at.known() && n.took > 0 {
			s.began = n.at - instant(n.took)
		}
	default:
		s.decision = n.tells
		if !s.began.known() {
			s.began = n.at
		}
	}
}

// maxOpen is how many attempts without an id a source may have that have not ended.
const maxOpen = 4096

// callOf returns the call that an event is of, and what its source tells of it; nil if the
// call has left memory, or the event is of none.
func (r *Reconciler) callOf(src *source, n *note, at Place) (*call, *side) {
	nameless := len(n.texts[idText]) == 0
	if nameless && n.tells != attempted {
		if open, c := src.openCall(n); open {
			if c == nil {
				return nil, nil
			}
			return c, c.of(src)
		}
		if n.tells == decided {
			return nil, nil
		}
	}
	key := n.key()
	if nameless && !n.at.known() {
		r.unique++
		key = -r.unique
	}
	c := r.byKey[key]
	if c == nil {
		if r.settled.has(key) {
			return nil, nil
		}
		c = r.newCall(key, hashOf(n.texts[idText]))
	}
	s := c.of(src)
	if s == nil {
		c.sides = append(c.sides, side{
			source: src, place: at, agent: n.agent, sessionHash: n.session, began: unknown, over: unknown,
			session: r.text(n.texts[sessionText]), id: string(n.texts[idText]), tool: r.text(n.texts[toolText]), server: r.text(n.texts[serverText]),
		})
		s = &c.sides[len(c.sides)-1]
		if src.kind == MCP {
			src.hasTool(s.tool)
		}
		if nameless && n.tells == attempted {
			if src.open.Len() == maxOpen {
				src.open.Drop(src.open.Oldest())
			}
			src.open.Begin(n.name, nil, ref{c, c.times})
		}
	}
	return c, s
}

// openCall reports whether an event without an id is of an open call, and returns that, nil
// if it has left memory.
func (src *source) openCall(n *note) (open bool, c *call) {
	first := src.open.Find(n.name, nil)
	if first == nil {
		return false, nil
	}
	c = first.Value.itself()
	if n.tells != ended {
		return true, c
	}
	src.open.Drop(first)
	if other := src.open.Find(n.name, nil); other != nil { // it may be the end of that one
		c.guess(src)
		other.Value.itself().guess(src)
	}
	return true, c
}

// guess notes that it is not certain what a source tells about the end of c, which may be
// nil.
func (c *call) guess(src *source) {
	if c != nil {
		c.of(src).guessed = true
	}
}

func (r *Reconciler) newCall(key, idHash uint64) *call {
	if len(r.calls) >= r.sweepAt {
		r.sweep(false)
	}
	var c *call
	if last := len(r.spare) - 1; last >= 0 {
		c, r.spare = r.spare[last], r.spare[:last]
		*c = call{times: c.times}
	} else {
		c = &call{}
	}
	c.idHash, c.oneKey[0] = idHash, key
	c.keys, c.sides = c.oneKey[:], c.twoSides[:0]
	r.byKey[key] = c
	r.calls = append(r.calls, c)
	return c
}

// maxTexts is how many different texts are kept once for all calls.
const maxTexts = 1 << 16

// text returns a text, nearly always one that other calls have too.
func (r *Reconciler) text(of []byte) string {
	if len(of) == 0 {
		return ""
	}
	text, ok := r.texts[string(of)]
	if !ok {
		text = string(of)
		if len(r.texts) < maxTexts {
			r.texts[text] = text
		}
	}
	return text
}
