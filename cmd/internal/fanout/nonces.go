package fanout

import (
	"bytes"
	"slices"

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

	became     became
	deliveries []Delivery
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
	if !n.became.begin(lines, s.GivenUp()) {
		n.became.lines = n.source.Append(n.became.lines, lines)
	}
	n.deliveries = replaceLines(n.deliveries[:0], deliveries, all, n.became.lines)
	err := s.sendNumbered(n.deliveries)
	if err == ErrMissed {
		n.became.missed = hashOf(lines)
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
