package index

import (
	"bytes"
	"context"
	"io"
	"runtime"
)

// A builder makes blocks of a log, in parallel.
type builder struct {
	key      key
	log      io.ReaderAt
	end      int64         // where reading ends
	size     int           // of a block
	number   uint64        // of the next checksum
	progress func(n int64) // is called with how many bytes were read; may be nil

	free    chan *piece
	inOrder chan *piece
}

// A piece is some whole lines on their way to become a block.
type piece struct {
	buf   []byte
	lines []byte // of buf
	start int64
	chain chain
	block Block
	done  chan struct{}
}

// build calls add with the blocks of the log from start on, in order.
func (b *builder) build(ctx context.Context, start int64, add func(Block) error) error {
	workers := runtime.GOMAXPROCS(0)
	b.free, b.inOrder = make(chan *piece, workers+2), make(chan *piece, workers+2)
	for range cap(b.free) {
		b.free <- &piece{done: make(chan struct{}, 1)}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan *piece, cap(b.free))
	for range workers {
		go func() {
			var t Tally
			for p := range work {
				p.check(&t)
			}
		}()
	}
	go func() {
		defer close(b.inOrder)
		defer close(work)
		if err := b.cut(ctx, start, work); err != nil {
			cancel(err)
		}
	}()
	for p := range b.inOrder {
		<-p.done
		if err := add(p.block); err != nil {
			cancel(err)
		}
		if b.progress != nil {
			b.progress(p.block.End - p.block.Start)
		}
		b.free <- p
	}
	return context.Cause(ctx)
}

// check makes the block of a piece's lines.
func (p *piece) check(t *Tally) {
	t.Add(p.lines)
	p.chain.addAll(p.lines)
	p.block = t.Take(p.start, p.start+int64(len(p.lines)))
	p.block.checksum = p.chain.sum
	p.done <- struct{}{}
}

// cut cuts the log into pieces.
func (b *builder) cut(ctx context.Context, start int64, work chan<- *piece) error {
	for at := start; at < b.end && ctx.Err() == nil; {
		p := <-b.free
		n, err := b.fill(p, at)
		switch {
		case err != nil:
			return err
		case n == 0: // what is left has no line feed
			return nil
		case p.lines == nil:
			p.done <- struct{}{}
		default:
			b.begin(p, at)
			work <- p
		}
		b.inOrder <- p
		at += n
	}
	return nil
}

// begin prepares a piece that starts at some place for its checksum.
func (b *builder) begin(p *piece, at int64) {
	p.start = at
	p.chain = chain{key: b.key, sum: checksum{number: b.number}}
	b.number++
}

// fill reads the lines at some place into a piece and returns how long they are. Of a line
// that is too long for an event it makes a block itself, without lines.
func (b *builder) fill(p *piece, at int64) (n int64, err error) {
	if cap(p.buf) != b.size {
		p.buf = make([]byte, b.size)
	}
	have := 0
	for {
		want := int(min(int64(len(p.buf)), b.end-at))
		if err := readFull(b.log, p.buf[have:want], at+int64(have)); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(p.buf[have:want], '\n'); i >= 0 {
			p.lines = p.buf[:have+i+1]
			return int64(len(p.lines)), nil
		}
		have = want
		switch {
		case at+int64(have) == b.end:
			return 0, nil
		case have > maxLine:
			return b.huge(p, at)
		}
		p.buf = append(make([]byte, 0, 2*have), p.buf[:have]...)[:2*have]
	}
}

// huge makes the block of one line that is too long for an event, and returns how long it is
// with its line feed, 0 if it has none.
func (b *builder) huge(p *piece, at int64) (n int64, err error) {
	b.begin(p, at)
	p.lines, p.buf = nil, make([]byte, chunkSize)
	for end := at; end < b.end; {
		chunk := p.buf[:min(chunkSize, b.end-end)]
		if err := readFull(b.log, chunk, end); err != nil {
			return 0, err
		}
		i := bytes.IndexByte(chunk, '\n')
		if i >= 0 {
			chunk = chunk[:i+1]
		}
		p.chain.add(chunk)
		if end += int64(len(chunk)); i >= 0 {
			var t Tally
			t.addHuge(end - at - 1)
			p.block = t.Take(at, end)
			p.block.checksum = p.chain.sum
			return end - at, nil
		}
	}
	return 0, nil
}

// readFull reads all of buf. That the log has become shorter is errChanged.
func readFull(log io.ReaderAt, buf []byte, at int64) error {
	n, err := log.ReadAt(buf, at)
	switch {
	case n == len(buf):
		return nil
	case err == io.EOF:
		return errChanged
	}
	return err
}
