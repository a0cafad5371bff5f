package sequence

import (
	"strconv"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/metadata"
)

// A Numberer sets numbers in lines. Of a line it changes only the values of seq and
// seq_epoch in metadata, which it adds if they are not there. The zero Numberer is ready
// to use; it is for one goroutine.
type Numberer struct {
	// MaxLine is how long a line may be that gets a number, in bytes; 0 is no limit.
	MaxLine int

	scanner    events.Scanner
	seq, epoch []byte // the values of the last number
}

// Append appends lines, each of which ends with a line feed, to dst, and gives each event
// the number after that of the one before it, the first one the number after last. It
// returns the last number given. What is no event, or has metadata that is neither an
// object nor null, is appended as it is.
func (n *Numberer) Append(dst, lines []byte, last Number) ([]byte, Number) {
	for len(lines) > 0 {
		err := n.scanner.ScanFirst(lines)
		line := n.scanner.Line()
		end := min(len(line)+1, len(lines))
		next := Number{last.Epoch, last.Seq + 1}
		if err == nil && (n.MaxLine == 0 || len(line) <= n.MaxLine) {
			if numbered, ok := n.number(dst, next); ok {
				dst, last = append(numbered, lines[len(line):end]...), next
				lines = lines[end:]
				continue
			}
		}
		dst = append(dst, lines[:end]...)
		lines = lines[end:]
	}
	return dst, last
}

// number appends the line that was scanned with a number in it, if it is an event that can
// have one.
func (n *Numberer) number(dst []byte, number Number) ([]byte, bool) {
	n.seq = strconv.AppendInt(n.seq[:0], number.Seq, 10)
	n.epoch = append(append(append(n.epoch[:0], '"'), number.Epoch[:]...), '"')
	return metadata.Append(dst, &n.scanner, metadata.Member{Key: SeqKey, Value: n.seq}, metadata.Member{Key: EpochKey, Value: n.epoch})
}
