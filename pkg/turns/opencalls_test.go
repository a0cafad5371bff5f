package turns_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"auditctl/pkg/turns"
)

// OpenCalls finds the same attempts as a search of a plain list, however many are open.
func TestOpenCallsAgreeWithAList(t *testing.T) {
	type attempt struct {
		call, id string
		n        int
	}
	r := rand.New(rand.NewPCG(1, 2))
	var open turns.OpenCalls[int]
	var plain []attempt
	for n := range 20_000 {
		call, id := fmt.Sprint("call", r.IntN(50)), ""
		if r.IntN(2) == 0 {
			id = fmt.Sprint("id", r.IntN(50))
		}
		i, have := -1, (*turns.OpenCall[int])(nil)
		switch choice := r.IntN(20); {
		case choice < 8+n/2000%2*4: // sometimes few are open, sometimes many
			open.Begin([]byte(call), []byte(id), n)
			plain = append(plain, attempt{call, id, n})
			continue
		case choice == 19:
			if have = open.Oldest(); have != nil {
				i = 0
				open.Drop(have)
			}
		case id != "":
			have = open.End([]byte(call), []byte(id))
			for j, a := range plain {
				if a.id == id {
					i = j
				}
			}
		default:
			have = open.End([]byte(call), nil)
			i = slices.IndexFunc(plain, func(a attempt) bool { return a.call == call })
		}
		if (have == nil) != (i < 0) || have != nil && (have.Value != plain[i].n || string(have.Call()) != plain[i].call) {
			t.Fatalf("step %d: %v was removed, want index %d of %v", n, have, i, plain)
		}
		if i >= 0 {
			plain = slices.Delete(plain, i, i+1)
		}
		if open.Len() != len(plain) {
			t.Fatalf("step %d: %d are open, want %d", n, open.Len(), len(plain))
		}
	}
	i := 0
	for c := range open.All() {
		if c.Value != plain[i].n {
			t.Fatalf("the one at %d is %d, want %d", i, c.Value, plain[i].n)
		}
		i++
	}
}

// Calls that begin and end one at a time allocate nothing.
func TestOpenCallsAllocateNothing(t *testing.T) {
	var open turns.OpenCalls[int]
	call, id := []byte("call"), []byte("id")
	if n := testing.AllocsPerRun(100, func() {
		open.Begin(call, id, 1)
		open.End(call, id)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// Attempts with short names take little memory, also after one with long names ended.
func TestOpenCallsKeepNoLongNames(t *testing.T) {
	var open turns.OpenCalls[int]
	const rounds, long = 64, 1 << 20
	call, id := make([]byte, long), make([]byte, long)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := range rounds {
		open.Begin(call, id, n)
		open.End(call, id)
		open.Begin(call[:8], id[:8], n)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8*long {
		t.Errorf("%d attempts with names of 16 bytes take %d bytes", open.Len(), grown)
	}
}
