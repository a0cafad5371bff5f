package view

import (
	"iter"
	"slices"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
)

// A member is where in keys a key is, and its value.
type member struct {
	key, keyEnd int
	val         events.Value
}

// Of the tables of members, maxFound is the largest that is kept from line to line, and
// up to fewFound need no index.
const (
	maxFound = 1024
	fewFound = 16
)

// pairs appends members and their values, except those that were shown, and one that is
// named if that is not empty. If a key occurs more than once, its last value counts.
func (l *line) pairs(prefix string, members iter.Seq2[[]byte, events.Value], shown map[string]bool, but string) {
	if l.cut {
		return
	}
	if len(l.found) > maxFound {
		l.found, l.places = nil, nil
	}
	l.found, l.keys = l.found[:0], bounded.Emptied(l.keys)
	clear(l.places)
	for key, val := range members {
		if shown[string(key)] || but != "" && string(key) == but {
			continue
		}
		if i := l.place(key, len(prefix)); i >= 0 {
			l.found[i].val = val
			continue
		}
		begin := len(l.keys)
		l.keys = append(append(l.keys, prefix...), key...)
		l.found = append(l.found, member{begin, len(l.keys), val})
		if len(l.found) > fewFound {
			l.index(len(prefix))
		}
	}
	for _, m := range l.found {
		if l.cut {
			return
		}
		l.pairOf(l.keys[m.key:m.keyEnd], m.val)
	}
}

// place returns where a key is in found, after a prefix of this length, -1 if it is not.
func (l *line) place(key []byte, prefix int) int {
	if len(l.found) > fewFound {
		if i, ok := l.places[string(key)]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(l.found, func(m member) bool {
		return string(l.keys[m.key+prefix:m.keyEnd]) == string(key)
	})
}

// index adds to places what is in found and not yet there.
func (l *line) index(prefix int) {
	if l.places == nil {
		l.places = map[string]int{}
	}
	for i := len(l.places); i < len(l.found); i++ {
		m := l.found[i]
		l.places[string(l.keys[m.key+prefix:m.keyEnd])] = i
	}
}

// isEmpty reports whether there is no metadata, or nothing in it.
func isEmpty(metadata events.Value) bool { return len(metadata) == 0 || string(metadata) == "{}" }

// metadata appends the metadata of an event, key by key if it is an object, except for
// hidden keys and the one that is named, if that is not empty.
func (l *line) metadata(val events.Value, hidden map[string]bool, but string) {
	if isEmpty(val) {
		return // the usual, which pairs would take long for
	}
	l.pairs("metadata.", val.Members(), hidden, but)
	if k := val.Kind(); k != events.Object && k != events.Absent {
		l.pair("metadata", val)
	}
}
