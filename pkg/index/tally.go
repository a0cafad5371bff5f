package index

import (
	"bytes"
	"slices"

	"auditctl/pkg/events"
)

// A Tally collects what a [Block] says of lines. The zero Tally is ready. It is not safe for
// concurrent use.
type Tally struct {
	scanner events.Scanner
	values  [len(listed) + len(hashed) + 1]events.Value

	block Block
	ids   idSet

	// Of the last event of the block that had the key: its value, empty if that is long, and
	// which one of a list it is. Events repeat those of the one before.
	raw  [len(listed) + len(hashed)][]byte
	last [len(listed)]int
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
	for i := range t.raw {
		t.raw[i] = t.raw[i][:0]
	}
	return b
}

// event adds the event that was scanned.
func (t *Tally) event() {
	t.block.Events++
	t.scanner.LookupAll(talliedKeys, t.values[:])
	for i := range t.raw {
		switch v := t.values[i].NonNull(); {
		case v == nil:
		case bytes.Equal(v, t.raw[i]):
			if i < len(listed) {
				t.again(i)
			}
		default:
			t.value(i, v)
		}
	}
	t.time(t.values[len(t.values)-1].NonNull())
}

// again counts the value of a listed key that the event before had.
func (t *Tally) again(i int) {
	if l := &t.block.lists[i]; !l.many {
		l.values[t.last[i]].Events++
	}
}

// value counts another value.
func (t *Tally) value(i int, v events.Value) {
	t.raw[i] = t.raw[i][:0]
	if len(v) <= maxText {
		t.raw[i] = append(t.raw[i], v...)
	}
	if text := t.scanner.Text(v); i < len(listed) {
		t.list(i, text)
	} else {
		t.ids.add(hashOf(i-len(listed), text))
	}
}

// list counts a value of a listed key.
func (t *Tally) list(i int, text []byte) {
	l := &t.block.lists[i]
	if l.many {
		return
	}
	k := slices.IndexFunc(l.values, func(v Value) bool { return v.Text == string(text) })
	switch {
	case k >= 0:
		l.values[k].Events++
	case len(l.values) == maxValues || len(text) > maxText:
		*l = list{many: true}
	default:
		k = len(l.values)
		l.values = append(l.values, Value{Text: string(text), Events: 1})
	}
	t.last[i] = k
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
