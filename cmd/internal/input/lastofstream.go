package input

import (
	"bytes"
	"io"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
)

// ofStream returns a reader of the last events of src, which is not a file.
func (l *last) ofStream(src io.Reader) blockReader {
	return &streamEnd{last: l, reader: newReader(src, l.options.MaxLine), held: bounded.Ring[[]byte]{Most: l.n}}
}

// A streamEnd reads to the end and then returns the last wanted events. Before that
// it returns the other lines, about which there may be something to report, and a blank
// line in place of each wanted event, so that the line numbers are right.
type streamEnd struct {
	*last
	reader  *events.Reader
	scanner events.Scanner
	held    bounded.Ring[[]byte]
	left    [][]byte // of the held lines, at the end
	ended   bool
}

func (r *streamEnd) ReadBlock(b *events.Block) error {
	err := r.reader.ReadBlock(b)
	switch {
	case err == nil && !b.Piece:
		b.Lines = r.sift(b.Lines)
	case err != nil:
		if !r.ended {
			r.ended = true
			r.left, r.held = r.held.All(), bounded.Ring[[]byte]{}
		}
		if len(r.left) > 0 {
			b.Lines = r.some(b.Lines[:0])
			return nil
		}
	}
	return err
}

// some appends some of the lines that are left.
func (r *streamEnd) some(dst []byte) []byte {
	for len(r.left) > 0 && len(dst) < events.BlockSize {
		dst = append(dst, r.left[0]...)
		r.left[0] = nil
		r.left = r.left[1:]
	}
	return dst
}

// sift holds the wanted events among lines, and returns the lines with blank ones in
// their place.
func (r *streamEnd) sift(lines []byte) []byte {
	left := lines[:0]
	for rest := lines; len(rest) > 0; {
		selected := r.selected(&r.scanner, r.scanner.ScanFirst(rest))
		line := rest[:len(r.scanner.Line())+1]
		rest = rest[len(line):]
		if selected {
			r.held.Add(bytes.Clone(line))
			line = []byte("\n")
		}
		left = append(left, line...)
	}
	return left
}
