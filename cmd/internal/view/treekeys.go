package view

import (
	"slices"

	"auditctl/pkg/events"
)

// The keys of metadata that a Tree does not show as such. Most of those of a decoded event
// are where it is in the tree, or the same in all of them.
var (
	shownOtherwise = map[string]bool{"copied": true, "decision": true, "decided_by": true, "parent_call_id": true}
	ofDecoded      = map[string]bool{
		"copied": true, "decision": true, "decided_by": true, "parent_call_id": true,
		"source": true, "call_id": true, "cwd": true, "model": true,
		"input_tokens": true, "output_tokens": true, "cache_read_tokens": true, "cache_write_tokens": true,
	}
)

// keys shows the keys of an event, except some, and its metadata.
func (v *painter) keys(e *reading, but ...string) {
	for i, key := range e.of.keys {
		if val := e.values[envelopeLen+i]; val != nil && !slices.Contains(but, key) {
			v.head.pair(key, val)
		}
	}
	v.others(e)
}

// others shows the metadata of an event, and the keys that its type does not have.
func (v *painter) others(e *reading) {
	if e.s == nil {
		return
	}
	v.metadata(e.details(), "")
	if e.hasUnknown() {
		v.head.pairs("", e.s.Members(), e.of.shown, "")
	}
}

// metadata shows the metadata of an event, but for what is shown otherwise, and for one key
// if that is not empty.
func (v *painter) metadata(metadata events.Value, but string) {
	if isEmpty(metadata) {
		return
	}
	hidden := shownOtherwise
	if metadata.Lookup("source").Kind() == events.Object {
		hidden = ofDecoded
	}
	v.head.metadata(metadata, hidden, but)
}

// copied shows that the event with this metadata repeats what an earlier one told, and
// reports whether it does.
func (v *painter) copied(metadata events.Value) bool {
	if isEmpty(metadata) || string(metadata.Lookup("copied")) != "true" {
		return false
	}
	v.head.blanks++
	v.head.phrase(v.faint, "copied", 0)
	return true
}
