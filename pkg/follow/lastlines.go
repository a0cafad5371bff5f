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
	N       int64                  // how many; if there are fewer, all
	Counts  func(line []byte) bool // reports whether a line counts; it gets no line feed, and must not keep the line
	MaxLine int                    // longer lines do not count, in bytes
	Torn    bool                   // a last line without a line feed is a line, too

	// Skip, if not nil, returns where the last of the lines before an offset begin of which
	// none counts, or the offset itself if nothing is known of them.
	Skip func(before int64) int64
}

// LastLines returns the offset at which the last lines of a file of the given size begin:
// that of the N-th last line that counts. It reads the file backwards from its end, no
// further than it must, and never holds a line longer than MaxLine in memory. If the file
// has become shorter, it returns 0. The error is one of r.
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
			return 0, nil // the file has become shorter
		}
		if err != nil {
			return 0, err
		}
		start = at
		if last.Skip != nil && left > 0 {
			start = file.back(last.Skip(start))
		}
	}
	return start, nil
}

// backwards reads a file from its end.
type backwards struct {
	r     io.ReaderAt
	buf   []byte // for blocks
	from  int64  // where the current block begins
	block []byte // the current block, up to the end of the current line
	long  []byte // the last line that was not in one block
}

// back goes back to an offset, which it returns, unless that is in the current block.
func (b *backwards) back(to int64) int64 {
	if to <= b.from {
		b.from, b.block = max(0, to-1), nil
	}
	return to
}

// startOf returns where the line that ends at end begins. end must be in the current
// block.
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

// line returns the line from at, which startOf has just returned, to end.
func (b *backwards) line(at, end int64) ([]byte, error) {
	if line := b.block[at-b.from:]; int64(len(line)) == end-at {
		return line, nil
	}
	b.long = slices.Grow(b.long[:0], int(end-at))[:end-at]
	return b.long, b.fill(b.long, at)
}

// fill reads all of p. The error is io.EOF if the file ends before that.
func (b *backwards) fill(p []byte, at int64) error {
	if n, err := b.r.ReadAt(p, at); n < len(p) {
		return err
	}
	return nil
}
