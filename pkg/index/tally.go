package index

import (
	"auditctl/pkg/events"
)

// A Tally collects what a [Block] says of lines. The zero Tally is ready. It is not safe for
// concurrent use.
type Tally struct {
	scanner events.Scanner
	values  [len(listed) + len(hashed) + 1]events.Value

	block   Block
	last    [len(listed)]int // which value of a list the last event had
	lastIDs [len(hashed)][]byte
	ids     idSet
}

// Limits of what is listed for each key of a block.
const (
	maxValues = 64
	maxText   = 256 // bytes
)

// maxLine is how long an event may be, in bytes. A longer line may still be one for a reader
// with another limit, who has to read it.
var maxLine = events.DefaultMaxLine // tests have a lower one

// talliedKeys are all keys that a Tally looks up.
var talliedKeys = append(append(listed[:len(listed):len(listed)], hashed[:]...), "timestamp")

// Add adds whole lines, each with its line feed.
func (t *Tally) Add(lines []byte) {
	for len(lines) > 0 {
		err := t.scanner.ScanFirst(lines)
		line := t.scanner.Line()
		lines = lines[len(line)+1:]
		t.block.Lines++
		t.block.Longest = max(t.block.Longest, int64(len(line)))
		if err == nil {
			_, err = t.scanner.Event()
		}
		switch {
		case err == nil && len(line) <= maxLine:
			t.event()
		case !events.Blank(line):
			t.block.Invalid++
		}
	}
}

// addHuge adds a line of some length that is too long for an event.
func (t *Tally) addHuge(length int64) {
	t.block.Lines++
	t.block.Longest = max(t.block.Longest, length)
	t.block.Invalid++
}

// Take returns the block of the lines that were added, which are at some place in the log, and
// begins another one.
func (t *Tally) Take(start, end int64) Block {
	t.block.Start, t.block.End = start, end
	t.block.ids = t.ids.take(end - start)
	b := t.block
	t.block, t.last = Block{}, [len(listed)]int{}
	for i := range t.lastIDs {
		t.lastIDs[i] = t.lastIDs[i][:0]
	}
	return b
}

// event adds the event that was scanned.
func (t *Tally) event() {
	t.block.Events++
	t.scanner.LookupAll(talliedKeys, t.values[:])
	for i := range listed {
		if v := t.values[i].NonNull(); v != nil {
			t.list(i, t.scanner.Text(v))
		}
	}
	for i := range hashed {
		v := t.values[len(listed)+i].NonNull()
		if v == nil {
			continue
		}
		if id := t.scanner.Text(v); len(id) == 0 || string(id) != string(t.lastIDs[i]) {
			t.ids.add(hashOf(i, id))
			if len(id) <= maxText {
				t.lastIDs[i] = append(t.lastIDs[i][:0], id...)
			}
		}
	}
	t.time(t.values[len(t.values)-1].NonNull())
}

// list counts a value of a listed key.
func (t *Tally) list(i int, text []byte) {
	l := &t.block.lists[i]
	if l.many {
		return
	}
	if last := t.last[i]; last < len(l.values) && l.values[last].Text == string(text) {
		l.values[last].Events++
		return
	}
	for k := range l.values {
		if l.values[k].Text == string(text) {
			l.values[k].Events++
			t.last[i] = k
			return
		}
	}
	if len(l.values) == maxValues || len(text) > maxText {
		*l = list{many: true}
		return
	}
	t.last[i] = len(l.values)
	l.values = append(l.values, Value{Text: string(text), Events: 1})
}

// time notes a timestamp.
func (t *Tally) time(v events.Value) {
	at, ok := v.Time()
	switch b := &t.block; {
	case v == nil:
	case !ok:
		b.Untimed++
	default:
		if b.Timed == 0 || at.Before(b.First) {
			b.First = at
		}
		if b.Timed == 0 || at.After(b.Last) {
			b.Last = at
		}
		b.Timed++
	}
}
