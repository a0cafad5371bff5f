package follow

import (
	"bytes"
	"io"
	"slices"
)

// lastBlock is how many bytes LastLines reads at a time.
const lastBlock = 64 << 10

// Last says which lines [LastLines] looks for.
type Last struct {
	N       int64                  // so many, or all if there are fewer
	Counts  func(line []byte) bool // which lines count; it gets them without line feed, and must not keep them
	MaxLine int                    // lines that are longer do not count
	Torn    bool                   // a last line without line feed is one, too
}

// LastLines returns where the last lines of a file of some size begin. It reads
// the file from its end, and no more of it than it must. A line longer than MaxLine
// is never held in memory.
func LastLines(r io.ReaderAt, size int64, last Last) (int64, error) {
	file := backwards{r: r, buf: make([]byte, min(lastBlock, size)), from: size}
	left, start := last.N, size
	for end := size; start > 0; end = start - 1 {
		at, err := file.startOf(end)
		switch whole := end < size; {
		case err != nil:
		case !whole && (!last.Torn || at == end): // not a line, or not yet
		case left == 0:
			return start, nil
		case end-at <= int64(last.MaxLine):
			var line []byte
			if line, err = file.line(at, end); err == nil && last.Counts(line) {
				left--
			}
			if left == 0 {
				return at, err
			}
		}
		if err == io.EOF {
			return 0, nil // it has become shorter
		}
		if err != nil {
			return 0, err
		}
		start = at
	}
	return start, nil
}

// backwards reads a file from its end.
type backwards struct {
	r     io.ReaderAt
	buf   []byte // for blocks
	from  int64  // where the block at hand begins
	block []byte // up to the end of the line that is looked for
	long  []byte // the last line that was not in one block
}

// startOf returns where the line begins that ends at end, before which nothing was
// looked at but the block at hand.
func (b *backwards) startOf(end int64) (int64, error) {
	b.block = b.block[:end-b.from]
	for {
		feed := bytes.LastIndexByte(b.block, '\n')
		if feed >= 0 || b.from == 0 {
			return b.from + int64(feed) + 1, nil
		}
		b.block = b.buf[:min(int64(len(b.buf)), b.from)]
		b.from -= int64(len(b.block))
		if err := b.fill(b.block, b.from); err != nil {
			return 0, err
		}
	}
}

// line returns the line between at and end, of which at was found last.
func (b *backwards) line(at, end int64) ([]byte, error) {
	if line := b.block[at-b.from:]; int64(len(line)) == end-at {
		return line, nil
	}
	b.long = slices.Grow(b.long[:0], int(end-at))[:end-at]
	return b.long, b.fill(b.long, at)
}

// fill reads all of p, which is io.EOF if the file ends before.
func (b *backwards) fill(p []byte, at int64) error {
	if n, err := b.r.ReadAt(p, at); n < len(p) {
		return err
	}
	return nil
}
