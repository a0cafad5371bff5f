package sequence

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"auditctl/pkg/events"
)

// The keys of a number, in the metadata of an event.
const (
	SeqKey   = "seq"
	EpochKey = "seq_epoch"
)

// An Epoch is the name of a count: 16 lower-case hexadecimal digits.
type Epoch [16]byte

// NewEpoch returns a random Epoch.
func NewEpoch() (e Epoch) {
	copy(e[:], fmt.Sprintf("%016x", rand.Uint64()))
	return e
}

func (e Epoch) String() string { return string(e[:]) }

// A Number is that of an event: the place in the count of its epoch, from 1.
type Number struct {
	Epoch Epoch
	Seq   int64
}

// maxSeq is the largest number that programs which take numbers for floats read exactly.
const maxSeq = 1<<53 - 1

// NumberOf returns the number of the event that s scanned, and false if it has none.
func NumberOf(s *events.Scanner) (Number, bool) {
	metadata := s.Lookup("metadata")
	return ParseNumber(metadata.Lookup(SeqKey), metadata.Lookup(EpochKey))
}

// ParseNumber returns the number that the values of [SeqKey] and [EpochKey] are, and false
// if they are none: other programs may have keys of these names.
func ParseNumber(seq, epoch events.Value) (n Number, ok bool) {
	if seq.Kind() != events.Number || epoch.Kind() != events.String || len(epoch) != len(n.Epoch)+2 {
		return n, false
	}
	copy(n.Epoch[:], epoch[1:])
	for _, c := range n.Epoch {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return n, false
		}
	}
	var err error
	n.Seq, err = strconv.ParseInt(string(seq), 10, 64)
	return n, err == nil && n.Seq > 0 && n.Seq <= maxSeq
}
