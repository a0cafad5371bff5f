package sequence_test

import (
	"fmt"

	"auditctl/pkg/sequence"
)

func ExampleTracker() {
	var t sequence.Tracker
	for _, n := range []int64{1, 2, 3, 5, 4, 9, 9} {
		t.Add([]byte("session-1"), n)
	}
	for _, c := range t.Counts() {
		fmt.Println(c.Name, "from", c.First, "to", c.Last, "without", c.Gaps, "and twice", c.Doubles)
	}
	// Output: session-1 from 1 to 9 without [6-8] and twice [9]
}
