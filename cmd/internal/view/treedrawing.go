package view

import (
	"slices"
	"sync"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// A drawing is a batch that painters draw, each as much of it as the others.
type drawing struct {
	painters []*painter // the first works in place, the others by themselves
	ahead    bool       // others may still work while the next batch is collected

	batch
	working sync.WaitGroup
}

// A batch is what is drawn together.
type batch struct {
	pieces []piece
	weight int    // of these, in nodes
	lines  []byte // of their events, where nothing else keeps those
}

// keep returns e with a copy of its line, which the caller may change before it is drawn.
func (b *batch) keep(e events.Event) events.Event {
	used, size := len(b.lines), len(e.Line())
	b.lines = slices.Grow(b.lines, size)[:used+size]
	return e.CloneIn(b.lines[used:used])
}

// So many nodes are worth the help of another painter.
const worthHelp = 100

// draw appends what was drawn of the last batch, and the next one, unless others are to
// draw that ahead: then the next call appends it.
func (d *drawing) draw(dst []byte, next *batch, g *turns.Grouper) []byte {
	if !d.ahead || next.weight <= worthHelp {
		return d.drawAll(dst, next, g)
	}
	dst = d.finish(dst, g)
	d.start(d.painters[1:], next)
	return dst
}

// drawAll appends what was drawn of the last batch, and the next one.
func (d *drawing) drawAll(dst []byte, next *batch, g *turns.Grouper) []byte {
	dst = d.finish(dst, g)
	d.start(d.painters[:min(len(d.painters), next.weight/worthHelp+1)], next)
	return d.finish(dst, g)
}

// start divides a batch, which it exchanges for an empty one.
func (d *drawing) start(painters []*painter, next *batch) {
	d.batch, *next = *next, d.batch
	rest := d.pieces
	for i, p := range slices.Backward(painters) {
		at := len(rest) * i / (i + 1)
		part := rest[at:]
		rest = rest[:at]
		paint := func() { p.out = p.paint(p.out[:0], part) }
		if p == d.painters[0] {
			paint()
		} else {
			d.working.Go(paint)
		}
	}
}

// finish waits until the batch is drawn, appends that, and releases its turns.
func (d *drawing) finish(dst []byte, g *turns.Grouper) []byte {
	d.working.Wait()
	for _, p := range d.painters {
		dst = append(dst, p.out...)
		p.out = bounded.Emptied(p.out)
	}
	for i := range d.pieces {
		if t := d.pieces[i].turn; t != nil {
			g.Release(t)
			d.pieces[i].turn = nil
		}
		d.pieces[i].event = events.Event{}
	}
	if d.pieces = d.pieces[:0]; cap(d.pieces) > 2*mostAtOnce {
		d.pieces = nil
	}
	d.lines, d.weight = bounded.Emptied(d.lines), 0
	return dst
}
