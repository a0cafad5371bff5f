package input

import (
	"fmt"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// A lane is an input of a merge.
type lane struct {
	input   *Input
	place   int // among the inputs
	from    sequence
	pausing *pausing       // from which it is read instead, if it may pause
	block   Block          // read from it
	own     dialect.Block  // instead of that, if there are many
	at      *dialect.Block // one of these
	scan    lineScan       // of it; of nil if another one must be read
	begun   bool           // reading has
	asleep  bool           // it is read from its start when its time has come
	paused  bool           // nothing came for so long that no line waits
	pauses  time.Time      // when that will be; zero if it is not waited for

	// What follows the lines that wait.
	piece bool  // a piece of a line that is too long
	ended bool  // the end of the input
	err   error // its error

	scanner events.Scanner
	lines   int64   // how many were scanned
	last    instant // of the last one, by which it was put in order
	late    int64   // how many events were too late for that
	untimed int64   // see [dialect.Block]
	window  window  // those that wait

	next *waiting // the next line; nil: there is none
	time instant  // by which it is merged
}

// begin begins to go through a block.
func (l *lane) begin(b *dialect.Block) {
	l.at, l.window.open = b, false
	if b.Piece {
		l.piece = true
		l.window.letGo("which was passed on because of a line that is too long")
		return
	}
	l.scan = lineScan{block: b}
	if l.lines == 0 && l.last == (instant{}) {
		l.last = firstTime(b)
	}
}

// advance goes to the next line in order of time. It returns false if more must be read
// first. b.Disorder tells of the first event that is too late.
func (l *lane) advance(b *Block) bool {
	w := &l.window
	if l.next != nil {
		w.remove(l.next)
	}
	for l.next = w.next(); l.next == nil && l.scanLine(b); {
		l.next = w.next()
	}
	if l.next == nil && w.full() {
		w.tooEarly = "which was passed on because too many events waited"
		l.next = w.earliest()
	}
	if l.next == nil {
		return false
	}
	l.time = l.next.time
	return true
}

// scanLine scans the next line that is not blank, which then waits. It returns false if
// another block must be read.
func (l *lane) scanLine(b *Block) bool {
	for l.scan.block != nil && l.scan.next(&l.scanner) {
		before, err := l.lines, l.scan.err
		l.lines++
		if err != nil && l.scan.origin == nil && events.Blank(l.scanner.Line()) {
			continue
		}
		if err == nil {
			_, err = l.scanner.Event()
		}
		line := l.window.room()
		line.time, line.before, line.line, line.origin, line.page = l.last, before, l.scan.line, l.scan.origin, nil
		line.invalid = err != nil || len(line.line)-1 > l.from.options.MaxLine
		if t, ok := l.scanner.Lookup("timestamp").Time(); ok && !line.invalid {
			line.time = instantOf(t)
			if line.time.before(l.window.latest) {
				l.checkOrder(line, b)
			}
		}
		l.last = line.time
		l.window.add(line)
		return true
	}
	l.scan.block = nil
	return false
}

// checkOrder tells of an event that is too late to be put in order, if it is the first.
func (l *lane) checkOrder(line *waiting, b *Block) {
	late, why := l.window.lateness(line.time)
	if late == 0 {
		return
	}
	if l.late++; l.late > 1 {
		return
	}
	number := l.input.skipped.count() + line.before + 1
	if line.origin != nil {
		number = line.origin.Line
	}
	b.Disorder = fmt.Sprintf("%s:%d: %v earlier than an event before it, %s", l.input.name, number, late, why)
}

func (l *lane) close() {
	if l.pausing != nil {
		l.pausing.close()
		return
	}
	l.from.Close()
}
