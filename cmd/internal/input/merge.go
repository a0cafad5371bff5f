package input

import (
	"container/heap"
	"fmt"
	"time"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// Merge reads inputs together, in the order of the timestamps of their events; if two
// are equal, in the order of the inputs. It holds a block of each, or if there are many,
// a small one of each that was begun but not ended. An event without a timestamp stays
// with the one before it, and so does an invalid line; before the first timestamp, with
// the one after it. If the events of an input are not in order, [Block.Disorder] says so,
// and late ones come as early as they can.
func Merge(inputs []*Input, opts *Options) Source {
	beginLast(inputs, opts, false)
	m := &merge{}
	opts, m.many = optionsForMany(inputs, opts)
	for i, in := range inputs {
		m.dry = append(m.dry, &lane{input: in, place: i, from: sequence{options: opts, inputs: []*Input{in}}})
	}
	return m
}

type merge struct {
	dry   []*lane // must be read before it is known which line is next
	lanes lanes   // a heap of the others
	many  bool    // there are more inputs than files may be open at once
	block Block   // if there are many: what was read
}

// Next fills b with lines of several inputs, or with an invalid line or the end of one.
func (m *merge) Next(b *Block) bool {
	b.reset(nil)
	lines := bounded.Emptied(b.merged)
	b.texts = b.texts[:0]
	for len(lines) < events.BlockSize && b.Disorder == "" {
		if last := len(m.dry) - 1; last >= 0 {
			if len(lines) > 0 {
				break // reading may take long
			}
			l := m.dry[last]
			m.dry = m.dry[:last]
			if m.read(l, b) {
				return true
			}
			continue
		}
		if len(m.lanes) == 0 {
			break
		}
		l := m.lanes[0]
		if l.asleep {
			m.dry = append(m.dry, heap.Pop(&m.lanes).(*lane))
			continue
		}
		if l.invalid && len(lines) > 0 {
			break
		}
		lines = append(lines, l.scan.line...)
		alone := l.invalid
		if alone {
			b.Input, b.before = l.input, l.lines
		}
		m.addOrigin(b, l, len(lines))
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
	read := &l.block
	if m.many {
		if l.sleep() {
			heap.Push(&m.lanes, l)
			return false
		}
		read = &m.block
	}
	if !l.from.Next(read) {
		return false
	}
	switch {
	case read.Last:
		b.reset(l.input)
		b.Last, b.Err = true, read.Err
		if l.early > 1 {
			b.Disorder = fmt.Sprintf("%s: %d events are earlier than one before them", l.input.name, l.early)
		}
		return true
	case read.Piece:
		b.reset(l.input)
		b.before = l.lines
		b.Block, read.Block = read.Block, b.Block
		if !b.Continues {
			l.lines++
		}
		m.dry = append(m.dry, l)
		return true
	}
	from := &read.Block
	if m.many {
		copyBlock(&l.own, from, l.from.options.Originals)
		from = &l.own
	}
	l.scan = lineScan{block: from}
	if l.lines == 0 && l.latest.IsZero() {
		l.latest = firstTime(from)
	}
	if l.advance(b) {
		heap.Push(&m.lanes, l)
	} else {
		m.dry = append(m.dry, l)
	}
	return false
}

func (m *merge) Close() {
	for _, l := range append(m.dry, m.lanes...) {
		l.from.Close()
	}
}

// A lane is an input of a merge.
type lane struct {
	input  *Input
	place  int // among the inputs
	from   sequence
	block  Block         // read from it
	own    dialect.Block // instead of that, if there are many
	scan   lineScan      // of the block, at the next line
	begun  bool          // it is known when it begins
	asleep bool          // it is read from its start when its time has come
	lines  int64         // how many came before the next line

	// The next line.
	read    bool // there is one
	invalid bool
	time    time.Time // by which it is merged

	latest  time.Time // of the timestamps so far
	early   int64     // how many events were earlier than that
	scanner events.Scanner
}

// advance goes to the next line that is not blank. It returns false if more must be read
// first. b.Disorder tells of the first event that is earlier than one before it.
func (l *lane) advance(b *Block) bool {
	if l.read {
		l.lines++
		l.read = false
	}
	for l.scan.next(&l.scanner) {
		err := l.scan.err
		if err != nil && events.Blank(l.scanner.Line()) && l.scan.origin == nil {
			l.lines++
			continue
		}
		if err == nil {
			_, err = l.scanner.Event()
		}
		l.read, l.invalid = true, err != nil || len(l.scan.line)-1 > l.from.options.MaxLine
		l.time = l.latest
		if t, ok := l.scanner.Lookup("timestamp").Time(); ok && !l.invalid {
			l.time = t
		}
		if !l.time.Before(l.latest) {
			l.latest = l.time
		} else if l.early++; l.early == 1 {
			b.Disorder = fmt.Sprintf("%s:%d: earlier than an event before it: the file is not in order of time", l.input.name, l.number())
		}
		return true
	}
	return false
}

// number returns the line number of the next line.
func (l *lane) number() int64 {
	if l.scan.origin != nil {
		return l.scan.origin.Line
	}
	return l.lines + 1
}

// addOrigin adds the origin of the lane's line to b, in which it ends at end.
func (m *merge) addOrigin(b *Block, l *lane, end int) {
	is := dialect.Origin{Text: l.scan.line[:len(l.scan.line)-1], Line: l.lines + 1, Column: 1}
	switch {
	case l.scan.origin != nil && (l.invalid || l.from.options.Originals):
		is = *l.scan.origin
	case !l.from.options.Originals:
		return
	}
	start := len(b.texts)
	b.texts = append(b.texts, is.Text...)
	is.Text, is.End = b.texts[start:len(b.texts):len(b.texts)], end
	b.Origins = append(b.Origins, is)
}

// lanes is a heap.
type lanes []*lane

func (h lanes) Len() int      { return len(h) }
func (h lanes) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *lanes) Push(l any)   { *h = append(*h, l.(*lane)) }

func (h lanes) Less(i, j int) bool {
	if c := h[i].time.Compare(h[j].time); c != 0 {
		return c < 0
	}
	return h[i].place < h[j].place
}

func (h *lanes) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	*h = (*h)[:last]
	return l
}
