package input

import (
	"slices"
	"time"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/dialect"
)

// A window puts the lines of an input in order of time. A line waits until no earlier one
// can follow that is late by less than the length of the window. Lines that wait for so
// long that another block is read are copied; if they are too many, the earliest waits no longer.
type window struct {
	length time.Duration
	most   int // how many bytes may wait

	inOrder []waiting // each not before the one before it, from index first
	first   int
	late    earliest // the others
	latest  instant
	horizon instant // as much before the latest as the window is long
	size    int     // how many bytes wait, and what it takes to know of them

	open     bool     // no line waits any longer
	gone     *instant // of the latest line that was passed on, of any input
	tooEarly string   // why a line of this one was passed on before its time, if one was

	pages []*page // for reuse
}

// A waiting is a line that waits.
type waiting struct {
	time    instant // by which it is put in order
	before  int64   // how many lines of the input come before it
	line    []byte
	origin  *dialect.Origin // nil if lines are as they are in the input
	invalid bool
	page    *page // nil while it is in the block that was read
}

// A page holds lines that wait longer than the block they were read in.
type page struct {
	text    []byte
	origins []dialect.Origin
	lines   int // how many still wait
}

// waitingCost is about how many bytes it takes that a line waits.
const waitingCost = 160

func (w *waiting) compare(other *waiting) int {
	switch {
	case w.time.before(other.time):
		return -1
	case other.time.before(w.time):
		return 1
	}
	return int(w.before - other.before)
}

// lateness returns by how much an event with this time is later than it may be, and why.
// It is zero if the event can be put in order.
func (w *window) lateness(t instant) (late time.Duration, why string) {
	switch late = w.latest.sub(t); {
	case late > w.length:
		return late, "which is more than --sort-window=" + w.length.String()
	case t.before(*w.gone):
		return late, w.tooEarly
	}
	return 0, ""
}

// room returns where the next line is to be put.
func (w *window) room() *waiting {
	n := len(w.inOrder)
	if n == cap(w.inOrder) {
		if w.first > n/2 {
			n = copy(w.inOrder, w.inOrder[w.first:])
			clear(w.inOrder[n:])
			w.inOrder, w.first = w.inOrder[:n], 0
		} else {
			w.inOrder = slices.Grow(w.inOrder, 1)
		}
	}
	return &w.inOrder[:n+1][n]
}

// add adds the line that is in room.
func (w *window) add(l *waiting) {
	if w.latest.before(l.time) {
		w.latest, w.horizon = l.time, l.time.minus(w.length)
	}
	w.size += len(l.line) + waitingCost
	n := len(w.inOrder)
	if n > w.first && l.time.before(w.inOrder[n-1].time) {
		w.late.push(*l)
		return
	}
	w.inOrder = w.inOrder[:n+1]
}

// next returns the line that is next in order of time, nil if it must wait for more. It
// may be used until other methods are called.
func (w *window) next() *waiting {
	l := w.earliest()
	if l == nil || w.open || !w.horizon.before(l.time) || l.time == (instant{}) {
		return l
	}
	return nil
}

// earliest returns the next line in order of time even if it must wait; nil: there is none.
func (w *window) earliest() *waiting {
	switch {
	case w.first == len(w.inOrder):
		return w.late.first()
	case len(w.late) > 0 && w.late[0].compare(&w.inOrder[w.first]) < 0:
		return &w.late[0]
	}
	return &w.inOrder[w.first]
}

// letGo says that lines wait no longer, and why.
func (w *window) letGo(why string) { w.open, w.tooEarly = true, why }

// full reports whether too much waits for more to be read.
func (w *window) full() bool { return w.size >= w.most }

// empty reports whether nothing waits.
func (w *window) empty() bool { return w.earliest() == nil }

// remove removes the next line, which was passed on.
func (w *window) remove(l *waiting) {
	w.size -= waitingCost
	switch p := l.page; {
	case p == nil:
		w.size -= len(l.line)
	case p.lines == 1:
		w.size -= len(p.text)
		w.free(p)
	default:
		p.lines--
	}
	if len(w.late) > 0 && l == &w.late[0] {
		w.late.pop()
		return
	}
	l.line = nil
	if w.first++; w.first == len(w.inOrder) {
		w.inOrder, w.first = w.inOrder[:0], 0
	}
}

// fresh yields the lines that wait in the block that was read.
func (w *window) fresh(yield func(*waiting) bool) {
	start := len(w.inOrder)
	for start > w.first && w.inOrder[start-1].page == nil {
		start--
	}
	for _, lines := range [...][]waiting{w.inOrder[start:], w.late} {
		for i := range lines {
			if l := &lines[i]; l.page == nil && !yield(l) {
				return
			}
		}
	}
}

// keep copies the lines that wait in the block that was read, before another one is. Of the
// records they are from it keeps where invalid ones are.
func (w *window) keep() {
	var lines, size, invalid int
	for l := range w.fresh {
		lines, size = lines+1, size+len(l.line)
		if !l.invalid {
			l.origin = nil
		} else {
			invalid++
		}
	}
	if lines == 0 {
		return
	}
	p := w.page()
	p.lines, p.text, p.origins = lines, slices.Grow(p.text, size), slices.Grow(p.origins, invalid)
	for l := range w.fresh {
		start := len(p.text)
		p.text = append(p.text, l.line...)
		if l.page, l.line = p, p.text[start:]; l.origin != nil {
			p.origins = append(p.origins, *l.origin)
			l.origin = &p.origins[len(p.origins)-1]
			l.origin.Text = nil
		}
	}
}

// page returns an empty page.
func (w *window) page() *page {
	last := len(w.pages) - 1
	if last < 0 {
		return new(page)
	}
	p := w.pages[last]
	w.pages = w.pages[:last]
	return p
}

// free keeps a page for reuse.
func (w *window) free(p *page) {
	*p = page{text: bounded.Emptied(p.text), origins: p.origins[:0]}
	w.pages = append(w.pages, p)
}
