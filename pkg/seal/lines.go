package seal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"math"
	"runtime"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"
)

const (
	// blockSize is how many bytes of lines are hashed by one goroutine at a time.
	blockSize = 1 << 20

	// blockTiles is how many tiles of lines are, which bounds the memory for
	// hashes where lines are short.
	blockTiles = 64
)

// lines reads the lines of one file as blocks. A line that its end has not come of
// is none.
type lines struct {
	src   io.Reader
	n     int64  // of lines that were read
	bytes int64  // of those
	rest  []byte // what was read behind them, to be scanned yet
	ended bool   // src is
	long  bool   // within a line longer than a block, which is not the last
}

// A block is some lines, and what became of them.
type block struct {
	first int64  // the leaf that its first line is
	lines int64  // how many
	buf   []byte // a spare byte, then whole lines; nil once they are hashed

	hashes []byte      // of its leaves
	roots  []tlog.Hash // of the full tiles that they begin with
	err    error
	done   chan struct{} // closed when hashes, roots and err are there
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 1+blockSize); return &b }}

// next returns the next block of at most limit lines, nil at the end. Blocks end
// where tiles end, as far as they are large enough for that. leaf is the one that
// the next line is.
func (l *lines) next(leaf, limit int64) (*block, error) {
	limit = min(limit, torchwood.TileWidth*blockTiles)
	if over := leaf % torchwood.TileWidth; over > 0 {
		limit = min(limit, torchwood.TileWidth-over)
	}
	if limit == 0 {
		return nil, nil
	}
	buf := *buffers.Get().(*[]byte)
	have := 1 + copy(buf[1:], l.rest)
	var count, tileEnd int64 // lines, and those of them up to the last end of a tile
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
		n, err := l.src.Read(buf[have:])
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
	return &block{first: leaf, lines: count, buf: buf[:end], done: make(chan struct{})}, nil
}

// longLine hashes a line that is longer than a block, of which buf has the
// beginning, as it is read.
func (l *lines) longLine(leaf int64, buf []byte) (*block, error) {
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
		b := &block{first: leaf, lines: 1, hashes: hash.Sum(nil), done: make(chan struct{})}
		close(b.done)
		return b, nil
	}
	l.rest, l.long = l.rest[:0], true
	return nil, nil
}

// unended reports, once all lines were read, whether something stands behind the
// last of them.
func (l *lines) unended() bool { return len(l.rest) > 0 || l.long }

// countRest counts the lines that are left, and reports whether something stands
// behind the last of them.
func (l *lines) countRest(ctx context.Context) (n int64, unended bool, err error) {
	before := l.n
	for ctx.Err() == nil {
		b, err := l.next(0, math.MaxInt64)
		if err != nil {
			return 0, false, err
		}
		if b == nil {
			return l.n - before, l.unended(), nil
		}
		if b.buf != nil {
			release(b.buf)
		}
	}
	return 0, false, context.Cause(ctx)
}

func release(buf []byte) {
	buf = buf[:cap(buf)]
	buffers.Put(&buf)
}

// hash computes the hashes of a block and passes its full tiles on.
func (b *block) hash(full tileFunc) {
	defer close(b.done)
	b.hashes = appendLeaves(make([]byte, 0, fullTile), b.buf)
	release(b.buf)
	b.buf = nil
	if b.first%torchwood.TileWidth != 0 {
		return
	}
	for i := 0; i+fullTile <= len(b.hashes); i += fullTile {
		t := tlog.Tile{
			H: torchwood.TileHeight,
			N: b.first/torchwood.TileWidth + int64(len(b.roots)),
			W: torchwood.TileWidth,
		}
		root, err := tileRoot(t, b.hashes[i:i+fullTile])
		if err == nil {
			err = full.call(t, b.hashes[i:i+fullTile])
		}
		if err != nil {
			b.err = err
			return
		}
		b.roots = append(b.roots, root)
	}
}

// grow adds at most limit lines to the tree, hashed on all cores.
func (e *edge) grow(ctx context.Context, l *lines, limit int64) error {
	workers := runtime.GOMAXPROCS(0)
	inOrder := make(chan *block, 2*workers)
	toHash := make(chan *block, workers)
	g, ctx := errgroup.WithContext(ctx)
	leaf, last := e.n, e.n+limit
	g.Go(func() error {
		defer close(inOrder)
		defer close(toHash)
		for {
			b, err := l.next(leaf, last-leaf)
			if err != nil || b == nil {
				return err
			}
			leaf += b.lines
			if b.buf != nil {
				toHash <- b
			}
			select {
			case inOrder <- b:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	})
	for range workers {
		g.Go(func() error {
			for b := range toHash {
				b.hash(e.full)
			}
			return nil
		})
	}
	g.Go(func() error {
		for b := range inOrder {
			<-b.done
			if b.err != nil {
				return b.err
			}
			if err := e.addLeaves(b.hashes, b.roots); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}
