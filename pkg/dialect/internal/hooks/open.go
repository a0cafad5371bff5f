package hooks

import (
	"encoding/binary"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// openCalls are calls that have not ended, by what the hooks that do not know a call's
// id say of it.
type openCalls struct {
	begun event.Memory[[]key]      // what is said of a call, by its session and id
	alike event.Memory[[]openCall] // by what is said of them
}

type openCall struct {
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
	maxAlike    = 8
	maxIDLength = 256
)

// begin adds a call, of which hooks say some things, and reports whether it is new.
func (o *openCalls) begin(call key, id string, said []key) bool {
	if _, known := o.begun.Get(call.name()); known {
		return false
	}
	if len(id) > maxIDLength {
		said = nil
	}
	o.begun.Set(call.name(), said)
	for _, key := range said {
		calls, _ := o.alike.Get(key.name())
		if len(calls) == maxAlike {
			calls = slices.Delete(calls, 0, 1)
		}
		o.alike.Set(key.name(), append(calls, openCall{id: id}))
	}
	return true
}

// end ends a call.
func (o *openCalls) end(call key, id string) {
	said, _ := o.begun.Get(call.name())
	for _, key := range said {
		calls, _ := o.alike.Get(key.name())
		o.alike.Set(key.name(), slices.DeleteFunc(calls, func(c openCall) bool { return c.id == id }))
	}
}

// take returns the id of the first call that hooks say this of and that was not taken
// before, nil if there is none, and whether others are open.
func (o *openCalls) take(key key) (id events.Value, others bool) {
	calls, _ := o.alike.Get(key.name())
	i := slices.IndexFunc(calls, func(c openCall) bool { return !c.taken })
	if i < 0 {
		return nil, false
	}
	calls[i].taken = true
	return events.AppendString(nil, calls[i].id), len(calls) > 1
}

// only returns the id of the call that hooks say this of, nil unless exactly one is open.
func (o *openCalls) only(key key) events.Value {
	calls, _ := o.alike.Get(key.name())
	if len(calls) != 1 {
		return nil
	}
	return events.AppendString(nil, calls[0].id)
}
