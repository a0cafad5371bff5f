package cmd

import (
	"fmt"
	"strings"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/report"
)

// A repairReport reports for each input how many events were recovered.
type repairReport struct {
	reports *report.Reporter
	silent  bool // the caller reports it

	damaged int64 // lines of the current input that are not events
	events  int64 // that were recovered from them
	left    int64 // parts that are left
	long    int64 // lines too long to be split, of all inputs
}

// Add counts the results of a block, and reports them at the end of an input.
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
	fmt.Fprintf(&b, "%s recovered from %s", report.Counted(r.events, "event"), report.Counted(r.damaged, "damaged line"))
	if r.left > 0 {
		fmt.Fprintf(&b, ", %s left", report.Counted(r.left, "part"))
	}
	return b.String()
}
