package sequence_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"auditctl/pkg/sequence"
)

func tracked(numbers ...int64) sequence.Count {
	var t sequence.Tracker
	for _, n := range numbers {
		t.Add([]byte("a"), n)
	}
	return t.Counts()[0]
}

func TestTracker(t *testing.T) {
	type ranges = []sequence.Range
	for _, test := range []struct {
		numbers []int64
		want    sequence.Count
	}{
		{[]int64{1, 2, 3}, sequence.Count{First: 1, Last: 3}},
		{[]int64{3, 1, 2}, sequence.Count{First: 1, Last: 3}},
		{[]int64{6, 7, 8, 2, 3, 4, 5}, sequence.Count{First: 2, Last: 8}},
		{[]int64{1, 2, 5, 7}, sequence.Count{First: 1, Last: 7, Missing: 3, Gaps: ranges{{3, 4}, {6, 6}}}},
		{[]int64{7, 5, 1, 2}, sequence.Count{First: 1, Last: 7, Missing: 3, Gaps: ranges{{3, 4}, {6, 6}}}},
		{[]int64{1, 2, 2, 3, 2}, sequence.Count{First: 1, Last: 3, Twice: 2, Doubles: ranges{{2, 2}}}},
		{[]int64{1, 2, 3, 1, 2, 3}, sequence.Count{First: 1, Last: 3, Twice: 3, Doubles: ranges{{1, 3}}}},
		{[]int64{0, math.MaxInt64}, sequence.Count{First: 0, Last: math.MaxInt64, Missing: math.MaxInt64 - 1, Gaps: ranges{{1, math.MaxInt64 - 1}}}},
	} {
		test.want.Name, test.want.Numbers = "a", int64(len(test.numbers))
		if test.want.Gaps == nil {
			test.want.Gaps = ranges{}
		}
		if test.want.Doubles == nil {
			test.want.Doubles = ranges{}
		}
		if got := tracked(test.numbers...); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: %+v, want %+v", test.numbers, got, test.want)
		}
	}
}

// Numbers that are a little out of order, of several counts at once, give the same as those
// in order.
func TestTrackerAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "c"}
	type number struct {
		name string
		n    int64
	}
	var all []number
	missing, twice := map[string]int64{}, map[string]int64{}
	for n := range int64(3000) {
		for _, name := range names {
			switch {
			case n > 0 && n < 2999 && r.IntN(20) == 0:
				missing[name]++
				continue
			case r.IntN(50) == 0:
				twice[name]++
				all = append(all, number{name, n + 1})
			}
			all = append(all, number{name, n + 1})
		}
	}
	for i := range all {
		j := min(i+r.IntN(200), len(all)-1)
		all[i], all[j] = all[j], all[i]
	}
	var tracker sequence.Tracker
	for _, n := range all {
		tracker.Add([]byte(n.name), n.n)
	}
	for _, c := range tracker.Counts() {
		if c.First != 1 || c.Last != 3000 || c.Missing != missing[c.Name] || c.Twice != twice[c.Name] || c.Late != 0 {
			t.Errorf("%+v: want %d missing, %d twice", c, missing[c.Name], twice[c.Name])
		}
		if int64(len(c.Gaps))+c.MoreGaps == 0 || len(c.Gaps) > sequence.MaxListed {
			t.Errorf("%s: %d gaps and %d more", c.Name, len(c.Gaps), c.MoreGaps)
		}
	}
}

// Memory does not grow with gaps and counts; what is then not known is said.
func TestTrackerIsBounded(t *testing.T) {
	var tracker sequence.Tracker
	const n = 100_000
	for i := range int64(n) {
		tracker.Add([]byte("every second"), 2*i+1)
	}
	tracker.Add([]byte("every second"), 2)
	tracker.Add([]byte("every second"), 2*n-2) // not settled yet
	got := tracker.Counts()[0]
	if got.First != 1 || got.Last != 2*n-1 || got.Numbers != n+2 || got.Missing != n-2 || got.Late != 1 || got.Twice != 0 {
		t.Errorf("first %d, last %d, %d numbers, %d missing, %d late, %d twice", got.First, got.Last, got.Numbers, got.Missing, got.Late, got.Twice)
	}
	if len(got.Gaps) != sequence.MaxListed || got.Gaps[0] != (sequence.Range{First: 2, Last: 2}) || got.MoreGaps != n-2-sequence.MaxListed {
		t.Errorf("%d gaps, the first %v, and %d more", len(got.Gaps), got.Gaps[0], got.MoreGaps)
	}
	for i := range sequence.MaxCounts + 10 {
		for n := range int64(20) {
			tracker.Add(fmt.Append(nil, "count", i), 2*n)
		}
	}
	tracker.Add(make([]byte, sequence.MaxName+1), 1)
	if len(tracker.Counts()) != sequence.MaxCounts || tracker.Others() != 11*20+1 {
		t.Errorf("%d counts, %d others", len(tracker.Counts()), tracker.Others())
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tracker = sequence.Tracker{}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(before.HeapAlloc) - int64(after.HeapAlloc); held > 16<<20 {
		t.Errorf("it held %d bytes", held)
	}
}

// Numbers in order cost no memory.
func TestTrackerAllocatesNothing(t *testing.T) {
	var tracker sequence.Tracker
	name, n := []byte("a"), int64(0)
	if allocs := testing.AllocsPerRun(1000, func() { n++; tracker.Add(name, n) }); allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
