package input

import (
	"bytes"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// ofStream returns a reader of the last events of src, which is not a file.
func (l *last) ofStream(in *Input, src *decompressor) blockReader {
	return &streamEnd{last: l, reader: in.reader(src, l.options), held: bounded.Ring[heldLine]{Most: l.n}}
}

// A streamEnd reads to the end and then returns the last wanted events. Before that
// it returns the other lines, about which there may be something to report, and a blank
// line in place of each wanted event, so that the line numbers are right; lines with
// origins have theirs anyway.
type streamEnd struct {
	*last
	reader  blockReader
	scanner events.Scanner
	held    bounded.Ring[heldLine]
	left    []heldLine       // at the end
	origins []dialect.Origin // for reuse
	ended   bool
}

// A heldLine is the line of a wanted event.
type heldLine struct {
	line   []byte
	origin dialect.Origin // without an End; zero if the line is as it is in the input
}

func (r *streamEnd) ReadBlock(b *dialect.Block) error {
	err := r.reader.ReadBlock(b)
	switch {
	case err == nil && !b.Piece:
		r.sift(b)
	case err != nil:
		if !r.ended {
			r.ended = true
			r.left, r.held = r.held.All(), bounded.Ring[heldLine]{}
		}
		if len(r.left) > 0 {
			r.fill(b)
			return nil
		}
	}
	return err
}

// fill fills b with some of the lines that are left.
func (r *streamEnd) fill(b *dialect.Block) {
	b.Lines, b.Origins = b.Lines[:0], b.Origins[:0]
	for len(r.left) > 0 && len(b.Lines) < events.BlockSize {
		held := &r.left[0]
		b.Lines = append(b.Lines, held.line...)
		if o := held.origin; o.Line > 0 {
			o.End = len(b.Lines)
			b.Origins = append(b.Origins, o)
		}
		*held = heldLine{}
		r.left = r.left[1:]
	}
}

// sift holds the wanted events of a block.
func (r *streamEnd) sift(b *dialect.Block) {
	left, origins := b.Lines[:0], r.origins[:0]
	w := lineScan{block: b}
	for w.next(&r.scanner) {
		selected := r.selected(&r.scanner, w.err)
		line := w.line
		if selected {
			held := heldLine{line: bytes.Clone(line)}
			if w.origin != nil {
				held.origin = r.kept(w.origin)
			}
			r.held.Add(held)
			line = []byte("\n")
		}
		switch {
		case w.origin == nil:
			left = append(left, line...)
		case !selected:
			left = append(left, line...)
			origin := *w.origin
			origin.End = len(left)
			origins = append(origins, origin)
		}
	}
	b.Lines, b.Origins, r.origins = left, append(b.Origins[:0], origins...), origins
}

// kept returns an origin that can be used after its block.
func (r *streamEnd) kept(o *dialect.Origin) dialect.Origin {
	kept := *o
	if kept.Text = nil; r.options.Originals {
		kept.Text = bytes.Clone(o.Text)
	}
	return kept
}
