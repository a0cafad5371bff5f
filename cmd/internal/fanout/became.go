package fanout

import (
	"hash/maphash"

	"auditctl/cmd/internal/bounded"
)

// A became is what became of the lines of the last deliveries, for lines that are sent again
// since a destination does not have them: they stay what they became.
type became struct {
	lines   []byte
	missed  uint64 // the hash of what they were, if a destination does not have them
	givenUp int    // how many writes were given up
}

// begin reports whether lines are sent again. Otherwise what becomes of them can be appended
// to b.lines, which is empty. So many writes were given up, which may still use what it was.
func (b *became) begin(lines []byte, givenUp int) (again bool) {
	again = b.missed != 0 && b.missed == hashOf(lines)
	b.missed = 0
	switch {
	case again:
	case givenUp > b.givenUp:
		b.givenUp, b.lines = givenUp, nil
	default:
		b.lines = bounded.Emptied(b.lines)
	}
	return again
}

var seed = maphash.MakeSeed()

func hashOf(lines []byte) uint64 { return maphash.Bytes(seed, lines) }
