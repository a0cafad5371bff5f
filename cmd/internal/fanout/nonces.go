package fanout

import (
	"bytes"
	"slices"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/nonce"
)

// Nonces says which events get nonces.
type Nonces struct {
	MaxLine int // how long a line may be that gets one; 0 is no limit
}

// A noncer gives events nonces on their way to all destinations. With [Options].Retry,
// lines that are sent again because a destination does not have them keep their nonces.
type noncer struct {
	source nonce.Source
	within bool // the last lines end within a line

	lines      []byte // those of the last deliveries, with nonces
	missed     uint64 // the hash of what they were, if a destination does not have them
	deliveries []Delivery
	givenUp    int // how many writes were given up
}

// sendWithNonces gives the events of deliveries nonces and sends them.
func (s *Set) sendWithNonces(deliveries []Delivery) error {
	n := s.noncer
	all := slices.IndexFunc(deliveries, func(d Delivery) bool { return !d.To.rejects() })
	if all < 0 {
		return s.sendNumbered(deliveries)
	}
	lines := deliveries[all].Lines
	within := n.within
	if n.within = !bytes.HasSuffix(lines, []byte{'\n'}); n.within || within {
		return s.sendNumbered(deliveries)
	}
	again := n.missed != 0 && n.missed == hashOf(lines)
	n.missed = 0
	switch givenUp := s.GivenUp(); {
	case again: // they have their nonces
	case givenUp > n.givenUp:
		n.givenUp = givenUp
		n.lines = n.source.Append(nil, lines) // a write may still use the others
	default:
		n.lines = n.source.Append(bounded.Emptied(n.lines), lines)
	}
	n.deliveries = replaceLines(n.deliveries[:0], deliveries, all, n.lines)
	err := s.sendNumbered(n.deliveries)
	if err == ErrMissed {
		n.missed = hashOf(lines)
	}
	return err
}

// replaceLines appends deliveries to dst with what became of their lines, which are all in
// one of them. Those of rejects stay.
func replaceLines(dst, deliveries []Delivery, all int, became []byte) []Delivery {
	lines := deliveries[all].Lines
	for i, d := range deliveries {
		switch {
		case i == all:
			d.Lines = became
		case !d.To.rejects():
			d.Lines = pick(nil, lines, became, d.Lines)
		}
		dst = append(dst, d)
	}
	return dst
}
