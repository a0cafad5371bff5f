package index

import (
	"slices"
	"time"
)

// blockSize is about how long a block is, in bytes. The last one may be shorter, and one
// that is a single line longer.
const blockSize = 1 << 20

// smallBlock is how long a block is at least taken to be where what is said of it is limited
// to a part of its length.
const smallBlock = 64 << 10

// A Block is some whole lines of a log, and what the index knows of them. Blank lines are
// neither events nor invalid.
type Block struct {
	Start, End int64 // where it is in the log

	Lines, Events int64
	Invalid       int64 // lines, of which any is one that is longer than the default limit
	Longest       int64 // bytes of the longest line, without its line feed

	// How many events have a timestamp that can be read, the earliest and the latest of
	// these, and how many have one that cannot be read. All others have none.
	Timed       int64
	First, Last time.Time
	Untimed     int64

	lists    [len(listed)]list
	ids      filter
	checksum checksum
	in       *Index
}

// A Value is one of a key's values, as text, and how many events of a block have it.
type Value struct {
	Text   string
	Events int64
}

// A list is the values of a key, in the order in which they first appear.
type list struct {
	values []Value
	many   bool // there are more, or longer ones, than are listed: it is empty
}

// The keys whose values are listed, and those whose values are in the filter.
var (
	listed = [...]string{"event_type", "severity", "agent_id", "tool_name"}
	hashed = [...]string{"session_id", "turn_id", "call_id"}
)

// Values returns all values that a top-level key has in the block's events, in the order in
// which they first appear, and false if that is not known. They are texts as
// [auditctl/pkg/events.Scanner.Text] returns them of [auditctl/pkg/events.Scanner.Lookup]: of
// a key that is there twice the last value, escapes resolved, numbers as they are spelled.
// Events that lack the key or have null for it are left out. It is known of event_type,
// severity, agent_id and tool_name, unless there are too many or too long values.
func (b *Block) Values(key string) (values []Value, ok bool) {
	i := slices.Index(listed[:], key)
	if i < 0 || b.lists[i].many {
		return nil, false
	}
	return b.lists[i].values, true
}

// May reports whether an event of the block may have a text, as of [Block.Values], for a
// top-level key. Beside the keys of Values it knows session_id, turn_id and call_id; of
// these it may be wrong about one text in a few hundred that no event has.
func (b *Block) May(key, text string) bool {
	if i := slices.Index(hashed[:], key); i >= 0 {
		return b.ids.may(b.in, hashOf(i, text))
	}
	values, ok := b.Values(key)
	return !ok || slices.ContainsFunc(values, func(v Value) bool { return v.Text == text })
}
