package input

import (
	"bytes"
	"cmp"

	"auditctl/pkg/dialect"
)

// A place is one of the lines that records became.
type place struct {
	line   int64 // where the record begins, from 1; 0 is before all records
	column int
	nth    int // which of its lines, from 0
}

// next returns the place of the line after that at p, which is from a record; p if lines
// are as they are in the input.
func (p place) next(record *dialect.Origin) place {
	switch {
	case record == nil:
		return p
	case record.Line == p.line && record.Column == p.column:
		p.nth++
		return p
	}
	return place{line: record.Line, column: record.Column}
}

func (p place) before(other place) bool {
	return cmp.Or(cmp.Compare(p.line, other.line), cmp.Compare(p.column, other.column), cmp.Compare(p.nth, other.nth)) < 0
}

// A skippingReader skips the lines before a place. It goes by records, not by bytes, since
// what becomes of a record may depend on other logs that were read before.
type skippingReader struct {
	blockReader
	first place
	at    place // of the last line
}

func (r *skippingReader) ReadBlock(b *dialect.Block) error {
	err := r.blockReader.ReadBlock(b)
	if err != nil || r.first == (place{}) {
		return err
	}
	n := r.skip(b)
	if b.Lines = b.Lines[n:]; len(b.Lines) == 0 {
		b.Untimed = 0
	}
	left := b.Origins[:0]
	for _, o := range b.Origins {
		if o.End > n {
			o.End -= n
			left = append(left, o)
		}
	}
	b.Origins = left
	return nil
}

// skip returns how many bytes of a block are to be skipped.
func (r *skippingReader) skip(b *dialect.Block) (n int) {
	for i := range b.Origins {
		for o := &b.Origins[i]; n < o.End; {
			if r.at = r.at.next(o); !r.at.before(r.first) {
				r.first = place{}
				return n
			}
			if o.Err != nil || o.Continues || b.Piece {
				n = o.End
			} else {
				n += bytes.IndexByte(b.Lines[n:], '\n') + 1
			}
		}
	}
	return n
}
