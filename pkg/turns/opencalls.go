package turns

import (
	"bytes"
	"hash/maphash"
	"iter"
)

// OpenCalls are the attempts of tool calls whose end has not come yet, with a T
// for each. The zero OpenCalls is ready. It takes a copy of the names it is given,
// and it has no limit of its own: whoever cannot hold all of a log drops the
// [OpenCalls.Oldest] before one more begins. It is not safe for concurrent use.
type OpenCalls[T any] struct {
	all    chain[T]
	count  int
	byCall []chain[T] // by hash; as many as byID, a power of two, at least count
	byID   []chain[T]
	spare  *OpenCall[T] // to be used again
}

// An OpenCall is an attempt whose end has not come yet. It is good until it ends or
// is dropped and another one begins.
type OpenCall[T any] struct {
	Of T

	names    []byte // call and id, one after the other
	idAt     int
	callHash uint64
	idHash   uint64
	links    [3]links[T]
}

// Call returns the name of the call that Begin was given.
func (c *OpenCall[T]) Call() []byte { return c.names[:c.idAt:c.idAt] }

func (c *OpenCall[T]) id() []byte { return c.names[c.idAt:] }

// Begin adds an attempt. call names its tool, turn and session, and id its call id
// and session, in any spelling that is equal for what is equal and only for that;
// id is empty where the attempt has no call id.
func (o *OpenCalls[T]) Begin(call, id []byte, of T) *OpenCall[T] {
	if o.count == len(o.byCall) {
		o.grow()
	}
	c := o.spare
	if c == nil {
		c = &OpenCall[T]{}
	}
	o.spare = nil
	c.Of = of
	c.names, c.idAt = append(append(c.names[:0], call...), id...), len(call)
	c.callHash = maphash.Bytes(seed, call)
	if len(id) > 0 {
		c.idHash = maphash.Bytes(seed, id)
	}
	o.all.push(c, inAll)
	o.index(c)
	o.count++
	return c
}

// End takes out the attempt that has come to its end, and returns nil if there is
// none: where the end has an id, the latest one with that id, whatever its tool and
// turn; else the oldest one of the call, with or without an id.
func (o *OpenCalls[T]) End(call, id []byte) *OpenCall[T] {
	if o.count == 0 {
		return nil
	}
	var c *OpenCall[T]
	if len(id) > 0 {
		hash := maphash.Bytes(seed, id)
		for c = at(o.byID, hash).last; c != nil && (c.idHash != hash || !bytes.Equal(c.id(), id)); {
			c = c.links[inID].before
		}
	} else {
		hash := maphash.Bytes(seed, call)
		for c = at(o.byCall, hash).first; c != nil && (c.callHash != hash || !bytes.Equal(c.Call(), call)); {
			c = c.links[inCall].after
		}
	}
	if c != nil {
		o.Drop(c)
	}
	return c
}

// Drop takes out an attempt whose end is waited for no longer.
func (o *OpenCalls[T]) Drop(c *OpenCall[T]) {
	o.all.remove(c, inAll)
	at(o.byCall, c.callHash).remove(c, inCall)
	if len(c.id()) > 0 {
		at(o.byID, c.idHash).remove(c, inID)
	}
	o.count--
	o.spare = c
}

// Len returns how many attempts there are.
func (o *OpenCalls[T]) Len() int { return o.count }

// Oldest returns the attempt that began first, nil if there is none.
func (o *OpenCalls[T]) Oldest() *OpenCall[T] { return o.all.first }

// All yields the attempts in the order in which they began.
func (o *OpenCalls[T]) All() iter.Seq[*OpenCall[T]] {
	return func(yield func(*OpenCall[T]) bool) {
		for c := o.all.first; c != nil && yield(c); c = c.links[inAll].after {
		}
	}
}

// index adds an attempt to the chains in which its end looks for it.
func (o *OpenCalls[T]) index(c *OpenCall[T]) {
	at(o.byCall, c.callHash).push(c, inCall)
	if len(c.id()) > 0 {
		at(o.byID, c.idHash).push(c, inID)
	}
}

// grow makes room for twice as many attempts.
func (o *OpenCalls[T]) grow() {
	room := max(16, 2*len(o.byCall))
	o.byCall, o.byID = make([]chain[T], room), make([]chain[T], room)
	for c := range o.All() {
		o.index(c)
	}
}

var seed = maphash.MakeSeed()

func at[T any](chains []chain[T], hash uint64) *chain[T] {
	return &chains[hash&uint64(len(chains)-1)]
}
