package cmd

import (
	"fmt"
	"strings"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
)

// A repairReport says what became of the damaged lines of each input.
type repairReport struct {
	reports *report.Reporter
	silent  bool // somebody else says it

	damaged int64 // lines of the current input that are not events
	events  int64 // that were told apart on them
	left    int64 // parts that are left
	long    int64 // lines too long to look at, of all inputs
}

// Add counts what became of a block, and says it at the end of an input.
func (r *repairReport) Add(b *flow.Result) {
	r.damaged += b.Damaged
	r.events += b.Recovered
	r.left += b.Bad
	r.long += b.Long
	if !b.Block.Last || r.silent {
		return
	}
	if b.Block.Err == nil {
		r.reports.Printf("%s: %s", b.Block.Input.Name(), r)
	}
	r.damaged, r.events, r.left = 0, 0, 0
}

func (r *repairReport) End(bool) {}

func (r *repairReport) String() string {
	if r.damaged == 0 {
		return "nothing to repair"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s told apart on %s", report.Counted(r.events, "event"), report.Counted(r.damaged, "damaged line"))
	if r.left > 0 {
		fmt.Fprintf(&b, ", %s left", report.Counted(r.left, "part"))
	}
	return b.String()
}
