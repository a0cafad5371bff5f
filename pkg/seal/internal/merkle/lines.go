package merkle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"math"

	"filippo.io/torchwood"
)

// Lines reads the lines of a file. An incomplete last line does not count.
type Lines struct {
	src   io.Reader
	n     int64  // lines read
	bytes int64  // in these lines
	rest  []byte // read after them, and not scanned yet
	ended bool   // src is at its end
	long  bool   // the incomplete last line is longer than a block
}

// NewLines returns the lines of src.
func NewLines(src io.Reader) *Lines { return &Lines{src: src} }

// Size returns how many lines were read, and how many bytes they have.
func (l *Lines) Size() (lines, bytes int64) { return l.n, l.bytes }

// next returns the next block of at most limit lines, nil at the end. Blocks end where
// tiles end, if they are large enough for that. leaf is that of the next line.
func (l *Lines) next(leaf, limit int64) (*block, error) {
	limit = min(limit, torchwood.TileWidth*blockTiles)
	if over := leaf % torchwood.TileWidth; over > 0 {
		limit = min(limit, torchwood.TileWidth-over)
	}
	if limit == 0 {
		return nil, nil
	}
	buf := buffers.Get().(*buffer)[:]
	have := 1 + copy(buf[1:], l.rest)
	var count, tileEnd int64 // lines, and how many of them there are up to the last tile end
	scanned, end, cut := 1, 1, 1
	for {
		for count < limit {
			i := bytes.IndexByte(buf[scanned:have], '\n')
			if i < 0 {
				scanned = have
				break
			}
			scanned += i + 1
			end = scanned
			count++
			if (leaf+count)%torchwood.TileWidth == 0 {
				tileEnd, cut = count, end
			}
		}
		if count == limit || l.ended || have == len(buf) {
			break
		}
		n, err := l.src.Read(buf[have:min(have+readSize, len(buf))])
		have += n
		if err == io.EOF {
			l.ended = true
		} else if err != nil {
			return nil, err
		}
	}
	if tileEnd > 0 && count < limit && !l.ended {
		count, end = tileEnd, cut
	}
	if count == 0 {
		if have == len(buf) {
			return l.longLine(leaf, buf)
		}
		l.rest = append(l.rest[:0], buf[1:have]...)
		release(buf)
		return nil, nil
	}
	l.rest = append(l.rest[:0], buf[end:have]...)
	l.n += count
	l.bytes += int64(end - 1)
	return &block{first: leaf, lines: count, buf: buf[:end]}, nil
}

// longLine reads and hashes a line that is longer than a block and begins in buf.
func (l *Lines) longLine(leaf int64, buf []byte) (*block, error) {
	defer release(buf)
	hash := sha256.New()
	buf[0] = 0
	hash.Write(buf)
	size := int64(len(buf) - 1)
	for !l.ended {
		n, err := l.src.Read(buf)
		if err == io.EOF {
			l.ended = true
		} else if err != nil {
			return nil, err
		}
		end := bytes.IndexByte(buf[:n], '\n')
		if end < 0 {
			hash.Write(buf[:n])
			size += int64(n)
			continue
		}
		hash.Write(buf[:end])
		l.rest = append(l.rest[:0], buf[end+1:n]...)
		l.n++
		l.bytes += size + int64(end) + 1
		return &block{first: leaf, lines: 1, long: hash.Sum(nil)}, nil
	}
	l.rest, l.long = l.rest[:0], true
	return nil, nil
}

// Unended reports, once all lines were read, whether there is an incomplete last line.
func (l *Lines) Unended() bool { return len(l.rest) > 0 || l.long }

// CountRest counts the lines that are left, and reports whether there is an incomplete
// last line after them.
func (l *Lines) CountRest(ctx context.Context) (n int64, unended bool, err error) {
	before := l.n
	for ctx.Err() == nil {
		b, err := l.next(0, math.MaxInt64)
		if err != nil {
			return 0, false, err
		}
		if b == nil {
			return l.n - before, l.Unended(), nil
		}
		if b.buf != nil {
			release(b.buf)
		}
	}
	return 0, false, context.Cause(ctx)
}

// Leaves returns the hashes of at most most of the lines that are left. After an error it
// returns those before it.
func (l *Lines) Leaves(most int64) (hashes []byte, err error) {
	for n := int64(0); n < most; {
		b, err := l.next(0, most-n)
		if err != nil || b == nil {
			return hashes, err
		}
		hashes = b.leaves(hashes)
		n += b.lines
	}
	return hashes, nil
}
