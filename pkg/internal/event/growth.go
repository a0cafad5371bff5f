package event

import (
	"fmt"

	"auditctl/pkg/events"
)

// maxGrowth is how many times as large as a record its events may be, and maxSmall how
// large they may be in any case.
const (
	maxGrowth = 8
	maxSmall  = 4 << 20
)

// Room returns how many bytes the events of a record of some size may take. What programs
// write is far below: only a record with hundreds of thousands of entries that say next to
// nothing, or many entries below long ids that each event repeats, is not, and it could use
// up all memory.
func Room(record int) int { return maxGrowth*record + maxSmall }

// TooLarge returns the error of a record whose events take more than [Room].
func TooLarge() error {
	return &events.SyntaxError{Column: 1, Reason: fmt.Sprintf("its events would be more than %d times as large", maxGrowth)}
}
