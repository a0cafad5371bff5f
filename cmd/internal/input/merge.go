package input

import (
	"container/heap"
	"fmt"
	"sync"
	"time"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// Merge reads inputs together, in the order of the timestamps of their events; if two
// are equal, in the order of the inputs. It holds a block of each, or if there are many,
// a small one of each that was begun but not ended.
//
// Events of an input may be late by up to opts.Window: a line waits for an event of its
// input that is later by as much, for the end of the input, or for a pause in what comes
// from a pipe or a stream. If that would take too much memory, it waits no longer. An event
// without a timestamp stays with the line before it, and so does an invalid line; before
// the first timestamp, with the one after it. If events come later than that,
// [Block.Disorder] says so, and they are as early as they can.
//
// Of events that were decoded there are no [dialect.Origin]s.
func Merge(inputs []*Input, opts *Options) Source {
	beginLast(inputs, opts, false)
	m := &merge{came: make(chan struct{}, 1)}
	opts, m.many = optionsForMany(inputs, opts)
	for i, in := range inputs {
		l := &lane{input: in, place: i, from: sequence{options: opts, inputs: []*Input{in}}}
		l.window = window{length: opts.Window, gone: &m.gone, most: min(mostWaiting, mostWaitingInAll/len(inputs))}
		if in.mayPause() {
			l.pausing = newPausing(in, opts, m)
		}
		m.dry = append(m.dry, l)
	}
	return m
}

// How many bytes of an input may wait for earlier ones, and how many of all.
const (
	mostWaiting      = 16 << 20
	mostWaitingInAll = 64 << 20
)

type merge struct {
	turn  sync.Mutex // see pausing
	dry   []*lane    // must be read before it is known which line is next
	lanes lanes      // a heap of the others
	many  bool       // there are more inputs than files may be open at once
	block Block      // if there are many: what was read
	gone  instant    // of the latest line that was passed on

	came       chan struct{} // something came from an input that may pause
	somePaused bool          // lanes may have paused
}

// Next fills b with lines of several inputs, or with an invalid line or the end of one.
func (m *merge) Next(b *Block) bool {
	m.turn.Lock()
	defer m.turn.Unlock()
	b.reset(nil)
	lines := bounded.Emptied(b.merged)
	m.resume()
	for len(lines) < events.BlockSize && b.Disorder == "" {
		if len(m.dry) > 0 {
			if len(lines) > 0 {
				break // reading may take long
			}
			if l := m.readable(b); l != nil && m.read(l, b) {
				return true
			}
			continue
		}
		if len(m.lanes) == 0 {
			break
		}
		l := m.lanes[0]
		if l.asleep {
			l.asleep = false
			m.dry = append(m.dry, heap.Pop(&m.lanes).(*lane))
			continue
		}
		if l.next.invalid && len(lines) > 0 {
			break
		}
		lines = append(lines, l.next.line...)
		alone := l.next.invalid
		if alone {
			b.Input, b.before = l.input, l.next.before
			if is := l.next.origin; is != nil {
				b.Origins = append(b.Origins, *is)
				b.Origins[0].End = len(lines)
			}
		}
		if m.gone.before(l.time) {
			m.gone = l.time
		}
		if l.advance(b) {
			heap.Fix(&m.lanes, 0)
		} else {
			m.dry = append(m.dry, heap.Pop(&m.lanes).(*lane))
		}
		if alone {
			break
		}
	}
	b.merged, b.Lines = lines, lines
	return len(lines) > 0 || b.Disorder != ""
}

// read reads the next block of an input. It returns true if it filled b: with a piece of
// a line that is too long, or the end.
func (m *merge) read(l *lane, b *Block) bool {
	if l.piece || l.ended {
		m.pass(l, b)
		return true
	}
	if m.many && l.sleep() {
		heap.Push(&m.lanes, l)
		return false
	}
	read := m.nextBlock(l)
	l.untimed += read.Untimed
	switch {
	case read.Last:
		l.ended, l.err = true, read.Err
		l.window.letGo("")
	default:
		from := &read.Block
		if read == &m.block {
			copyBlock(&l.own, from)
			from = &l.own
		}
		l.begin(from)
	}
	if l.advance(b) {
		heap.Push(&m.lanes, l)
	} else {
		m.dry = append(m.dry, l)
	}
	return false
}

// nextBlock returns the next block of an input.
func (m *merge) nextBlock(l *lane) *Block {
	if l.pausing != nil {
		l.pausing.take()
		l.paused, l.pauses = false, time.Time{}
		return &l.block
	}
	l.window.keep()
	b := &l.block
	if m.many {
		b = &m.block
	}
	l.from.Next(b)
	return b
}

// pass fills b with a piece of a line that is too long, or the end of an input.
func (m *merge) pass(l *lane, b *Block) {
	b.reset(l.input)
	if l.ended {
		l.close()
		b.Last, b.Err, b.Untimed = true, l.err, l.untimed
		if l.late > 1 {
			b.Disorder = fmt.Sprintf("%s: %d events are out of order", l.input.name, l.late)
		}
		return
	}
	b.before = l.lines
	if b.Block, *l.at = *l.at, b.Block; m.many {
		l.own = dialect.Block{} // as large a buffer as any
	}
	if !b.Continues {
		l.lines++
	}
	l.piece = false
	m.dry = append(m.dry, l)
}

func (m *merge) Close() {
	for _, l := range append(m.dry, m.lanes...) {
		l.close()
	}
}

// lanes is a heap.
type lanes []*lane

func (h lanes) Len() int      { return len(h) }
func (h lanes) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *lanes) Push(l any)   { *h = append(*h, l.(*lane)) }

func (h lanes) Less(i, j int) bool {
	a, b := h[i], h[j]
	return a.time.before(b.time) || a.time == b.time && a.place < b.place
}

func (h *lanes) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	*h = (*h)[:last]
	return l
}
