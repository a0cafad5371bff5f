package turns

import (
	"bytes"
	"hash/maphash"
	"iter"
)

// OpenCalls holds the attempts of tool calls that have not ended yet, with a value of
// type T for each. The zero OpenCalls is ready to use. It copies the names it is given
// and has no limit of its own: a caller that must bound memory drops the
// [OpenCalls.Oldest] before it begins another. It is not safe for concurrent use.
type OpenCalls[T any] struct {
	all    chain[T]
	count  int
	byCall []chain[T] // hash buckets; as many as in byID, a power of two, at least count
	byID   []chain[T]
	spare  chain[T] // for reuse by Begin
	spares int      // how many
}

// Of attempts that ended so many are kept, and of these none with more bytes of names.
const (
	maxSpare  = 1 << 10
	maxSpares = 1 << 10
)

// An OpenCall is an attempt that has not ended yet. Once it has ended or was dropped, it
// is valid only until the next Begin.
type OpenCall[T any] struct {
	Value T // as given to Begin; the caller may change it

	names    []byte // the call, then the id
	idAt     int
	callHash uint64
	idHash   uint64
	links    [3]links[T]
}

// Call returns the name of the call as Begin was given it. It must not be modified.
func (c *OpenCall[T]) Call() []byte { return c.names[:c.idAt:c.idAt] }

func (c *OpenCall[T]) id() []byte { return c.names[c.idAt:] }

// Begin adds an attempt. call identifies its tool, turn and session, id its call id and
// session; any encoding will do that never makes different things equal. id is empty if
// the attempt has no call id.
func (o *OpenCalls[T]) Begin(call, id []byte, value T) *OpenCall[T] {
	if o.count == len(o.byCall) {
		o.grow()
	}
	c := o.reused()
	c.Value = value
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

// Find returns the attempt that an event is about: if id is not empty, the latest one with
// that id, whatever its tool and turn; otherwise the oldest one of the call, with or without
// an id. It returns nil if there is none.
func (o *OpenCalls[T]) Find(call, id []byte) *OpenCall[T] {
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
	return c
}

// End removes and returns the attempt that Find returns, which an event ends.
func (o *OpenCalls[T]) End(call, id []byte) *OpenCall[T] {
	c := o.Find(call, id)
	if c != nil {
		o.Drop(c)
	}
	return c
}

// Drop removes an attempt, so that no event ends it any more.
func (o *OpenCalls[T]) Drop(c *OpenCall[T]) {
	o.all.remove(c, inAll)
	at(o.byCall, c.callHash).remove(c, inCall)
	if len(c.id()) > 0 {
		at(o.byID, c.idHash).remove(c, inID)
	}
	o.count--
	if o.spares < maxSpares && cap(c.names) <= maxSpare {
		o.spare.push(c, inAll)
		o.spares++
	}
}

// reused returns an attempt that ended, or a new one.
func (o *OpenCalls[T]) reused() *OpenCall[T] {
	c := o.spare.last
	if c == nil {
		return &OpenCall[T]{}
	}
	o.spare.remove(c, inAll)
	o.spares--
	return c
}

// Len returns the number of open attempts.
func (o *OpenCalls[T]) Len() int { return o.count }

// Oldest returns the open attempt that began first, nil if there is none.
func (o *OpenCalls[T]) Oldest() *OpenCall[T] { return o.all.first }

// All yields the open attempts, oldest first. None may begin or end meanwhile.
func (o *OpenCalls[T]) All() iter.Seq[*OpenCall[T]] {
	return func(yield func(*OpenCall[T]) bool) {
		for c := o.all.first; c != nil && yield(c); c = c.links[inAll].after {
		}
	}
}

// index adds an attempt to the buckets in which End looks for it.
func (o *OpenCalls[T]) index(c *OpenCall[T]) {
	at(o.byCall, c.callHash).push(c, inCall)
	if len(c.id()) > 0 {
		at(o.byID, c.idHash).push(c, inID)
	}
}

// grow doubles the number of buckets.
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
