package cmd

import (
	"fmt"
	"strings"
)

// A repairReport says what became of the damaged lines of each input.
type repairReport struct {
	reports *reporter
	silent  bool // somebody else says it

	damaged int64 // lines of the current input that are not events
	events  int64 // that were told apart on them
	left    int64 // parts that are left
}

// add counts what became of a batch, and says it at the end of an input.
func (r *repairReport) add(b *batch) {
	r.damaged += b.damaged
	r.events += b.told
	r.left += b.bad
	if b.last && !r.silent {
		r.reports.printf("%s: %s", b.input.name, r)
		r.damaged, r.events, r.left = 0, 0, 0
	}
}

func (r *repairReport) String() string {
	if r.damaged == 0 {
		return "nothing to repair"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s told apart on %s", count(r.events, "event"), count(r.damaged, "damaged line"))
	if r.left > 0 {
		fmt.Fprintf(&b, ", %s left", count(r.left, "part"))
	}
	return b.String()
}

// count puts a number before a noun.
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
