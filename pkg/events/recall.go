package events

import "slices"

// Limits of what is remembered of a layout.
const (
	maxRecalled = 16
	maxTogether = 6
)

// A layout is what is known of all lines that took one path through the tree of
// separators: they have the same keys in the same order.
type layout struct {
	path      []*separator
	recalled  []recall    // what was looked up
	together  []recallAll // and what was looked up together
	eventType int         // which member has it; -1: none
}

// A recall is which member has a key.
type recall struct {
	key   string
	index int // -1: none has it
}

// A recallAll is which members have the keys of a slice.
type recallAll struct {
	keys    *string // the first of the slice
	indexes []int   // one for each; -1: none has it
	any     bool    // whether one has any
}

// known returns the layout of the line, or nil if it is not in the tree.
func (s *Scanner) known() *layout {
	path := s.path
	if path == nil {
		return nil
	}
	if path.layout == nil {
		s.addLayout()
	}
	return path.layout
}

// addLayout makes the layout of the line.
func (s *Scanner) addLayout() {
	l := &layout{path: make([]*separator, s.Len())}
	for i, sep := len(l.path)-1, s.path; i >= 0; i-- {
		l.path[i] = sep
		sep = sep.before
	}
	l.eventType = s.lastIndex("event_type")
	s.path.layout = l
}

// all returns the members of the line. Of one that is in the tree they are only made here.
func (s *Scanner) all() []member {
	if s.path != nil && len(s.members) == 0 {
		s.appendMembers(s.path)
	}
	return s.members
}

// appendMembers makes the members that end at s.ends, the last of them after sep.
func (s *Scanner) appendMembers(sep *separator) {
	n := s.Len()
	s.members = slices.Grow(s.members, n)[:n]
	for i := n - 1; i >= 0; i-- {
		start := s.ends[i]
		val, valEnd := s.span(sep, i)
		s.members[i] = member{start + sep.key, start + sep.keyEnd, val, valEnd, sep.escaped}
		sep = sep.before
	}
}

// span returns where the value of such an index is, which is after sep.
func (s *Scanner) span(sep *separator, index int) (start, end uint32) {
	if start = s.ends[index] + sep.value; !sep.isString {
		start = s.afterSpace(start)
	}
	return start, s.ends[index+1]
}

// afterSpace returns where the white space at i ends.
//
//go:noinline
func (s *Scanner) afterSpace(i uint32) uint32 { return uint32(skipSpace(s.line, int(i))) }

// find returns where the value of the last member with the key is.
func (s *Scanner) find(key string) (start, end uint32, ok bool) {
	l := s.known()
	if l == nil {
		if i := s.lastIndex(key); i >= 0 {
			return s.members[i].val, s.members[i].valEnd, true
		}
		return 0, 0, false
	}
	return s.spanOf(l, s.recall(l, key))
}

// findEventType is find for the key that every event is asked for.
func (s *Scanner) findEventType() (start, end uint32, ok bool) {
	if l := s.known(); l != nil {
		return s.spanOf(l, l.eventType)
	}
	return s.find("event_type")
}

// spanOf returns where the value of such an index is, false if that is negative.
func (s *Scanner) spanOf(l *layout, index int) (start, end uint32, ok bool) {
	if index < 0 {
		return 0, 0, false
	}
	start, end = s.span(l.path[index], index)
	return start, end, true
}

// lastIndex returns which member is the last with the key, -1 if none is.
func (s *Scanner) lastIndex(key string) int {
	members := s.all()
	for i := len(members) - 1; i >= 0; i-- {
		if string(s.key(&members[i])) == key {
			return i
		}
	}
	return -1
}

// recall returns what lastIndex does, from memory if an earlier line of the
// layout was asked for the same key.
func (s *Scanner) recall(l *layout, key string) int {
	for i := range l.recalled {
		if r := &l.recalled[i]; r.key == key {
			return r.index
		}
	}
	i := s.lastIndex(key)
	if len(l.recalled) < maxRecalled {
		l.recalled = append(l.recalled, recall{key, i})
	}
	return i
}

// recallAll returns what recall does for each of keys, and whether the line has any of
// them. It returns nil if there is no room to remember it.
func (s *Scanner) recallAll(l *layout, keys []string) (indexes []int, any bool) {
	if l == nil || len(keys) == 0 {
		return nil, false
	}
	for i := range l.together {
		if r := &l.together[i]; r.keys == &keys[0] && len(r.indexes) == len(keys) {
			return r.indexes, r.any
		}
	}
	if len(l.together) == maxTogether {
		return nil, false
	}
	indexes = make([]int, len(keys))
	for i, key := range keys {
		indexes[i] = s.lastIndex(key)
		any = any || indexes[i] >= 0
	}
	l.together = append(l.together, recallAll{&keys[0], indexes, any})
	return indexes, any
}
