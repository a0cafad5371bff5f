package stats

import (
	"encoding/binary"

	"auditctl/pkg/sequence"
)

// A Sequence has what the numbers of events show: see package sequence.
type Sequence struct {
	Epochs     []sequence.Count `json:"epochs"` // in the order in which they begin
	Unnumbered int64            `json:"unnumbered"`
	Others     int64            `json:"others"` // events of epochs that are not in the list, because that is full
}

// numbers are those of events.
type numbers struct {
	tracker sequence.Tracker
	events  int64 // that have one
}

func (c *numbers) add(n sequence.Number) {
	c.events++
	c.tracker.Add(n.Epoch[:], n.Seq)
}

// report returns nil if none of the events has a number.
func (c *numbers) report(events int64) *Sequence {
	if c.events == 0 {
		return nil
	}
	return &Sequence{Epochs: c.tracker.Counts(), Unnumbered: events - c.events, Others: c.tracker.Others()}
}

// appendNumber appends a number to a note.
func appendNumber(dst []byte, n sequence.Number) []byte {
	return append(binary.AppendUvarint(dst, uint64(n.Seq)), n.Epoch[:]...)
}

// cutNumber returns the number that notes begin with and the rest.
func cutNumber(notes []byte) (n sequence.Number, rest []byte) {
	seq, size := binary.Uvarint(notes)
	n.Seq = int64(seq)
	return n, notes[size+copy(n.Epoch[:], notes[size:]):]
}
