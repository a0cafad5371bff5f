package hooks

import (
	"encoding/binary"
	"slices"

	"auditctl/pkg/dialect/internal/event"
	"auditctl/pkg/events"
)

// openHookCalls are calls that have not ended, by what the hooks that do not know a call's
// id say of it.
type openHookCalls struct {
	begun event.Memory[[]key]          // what is said of a call, by its session and id
	alike event.Memory[[]openHookCall] // by what is said of them
}

type openHookCall struct {
	id    string
	taken bool
}

// A key is a name for a memory.
type key [16]byte

func keyOf(text []byte) (key key) {
	hash := event.HashOf(text)
	binary.LittleEndian.PutUint64(key[:8], hash[0])
	binary.LittleEndian.PutUint64(key[8:], hash[1])
	return key
}

func (k *key) name() []byte { return k[:] }

// Bounds of what is remembered about calls that are alike.
const (
	maxAlikeHookCalls = 8
	maxHookIDLength   = 256
)

// begin adds a call, of which hooks say some things, and reports whether it is new.
func (o *openHookCalls) begin(call key, id string, said []key) bool {
	if _, known := o.begun.Get(call.name()); known {
		return false
	}
	if len(id) > maxHookIDLength {
		said = nil
	}
	o.begun.Set(call.name(), said)
	for _, key := range said {
		calls, _ := o.alike.Get(key.name())
		if len(calls) == maxAlikeHookCalls {
			calls = slices.Delete(calls, 0, 1)
		}
		o.alike.Set(key.name(), append(calls, openHookCall{id: id}))
	}
	return true
}

// end ends a call.
func (o *openHookCalls) end(call key, id string) {
	said, _ := o.begun.Get(call.name())
	for _, key := range said {
		calls, _ := o.alike.Get(key.name())
		o.alike.Set(key.name(), slices.DeleteFunc(calls, func(c openHookCall) bool { return c.id == id }))
	}
}

// take returns the id of the first call that hooks say this of and that was not taken
// before, nil if there is none, and whether others are open.
func (o *openHookCalls) take(key key) (id events.Value, others bool) {
	calls, _ := o.alike.Get(key.name())
	i := slices.IndexFunc(calls, func(c openHookCall) bool { return !c.taken })
	if i < 0 {
		return nil, false
	}
	calls[i].taken = true
	return events.AppendString(nil, calls[i].id), len(calls) > 1
}

// only returns the id of the call that hooks say this of, nil unless exactly one is open.
func (o *openHookCalls) only(key key) events.Value {
	calls, _ := o.alike.Get(key.name())
	if len(calls) != 1 {
		return nil
	}
	return events.AppendString(nil, calls[0].id)
}
