package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
)

const (
	// BlockSize is how many bytes a Reader asks for at a time.
	BlockSize = 256 << 10

	// DefaultMaxLine is the longest line, in bytes without its line feed, that
	// a Reader takes for one unless told otherwise.
	DefaultMaxLine = 64 << 20
)

// A Block is some bytes of a log: whole lines, each ended by a line feed, or a
// piece of one line that is too long. The caller owns it; its memory is used
// again when it is passed to [Reader.ReadBlock] again.
type Block struct {
	// Lines holds the bytes. A last line without a line feed has got one. A
	// line above the Reader's limit that fits into a block is whole, and for
	// the caller to judge.
	Lines []byte

	// Piece reports that Lines is a piece of a line that is longer than the
	// limit and than a block, Continues that it is not the first one. The last
	// piece ends with the line feed.
	Piece, Continues bool

	buf []byte
}

// A Reader reads a log in blocks of whole lines, or event by event. It asks its
// source for more only when it is asked itself, and hands on what one Read
// returned without waiting for more, if a line ended in it. It is not safe for
// concurrent use.
type Reader struct {
	// MaxLine is the longest line in bytes, without its line feed. NewReader
	// sets it to DefaultMaxLine; it may be changed before the first call.
	MaxLine int

	src   io.Reader
	carry []byte // the start of a line whose end was not read yet
	piece bool   // in the middle of a line that is too long
	err   error

	// For Events: the block at hand, what is left of it, and the number of the
	// line before that.
	block   Block
	rest    []byte
	line    int64
	scanner Scanner
}

// NewReader returns a Reader that reads from src, lines of up to
// [DefaultMaxLine] bytes.
func NewReader(src io.Reader) *Reader {
	return &Reader{MaxLine: DefaultMaxLine, src: src}
}

// ReadBlock reads the next block into b. At the end it returns [io.EOF]; what
// was read before an error is returned before the error is. Once it returned
// an error it returns the same one again.
func (r *Reader) ReadBlock(b *Block) error {
	b.Lines, b.Piece, b.Continues = nil, false, r.piece
	buf := r.start(b)
	if i := bytes.LastIndexByte(buf, '\n'); i >= 0 {
		r.cut(b, buf, i+1) // lines that followed a piece
		return nil
	}
	for r.err == nil {
		if len(buf) == cap(buf) {
			// A line that fills the buffer: make room, or give it up.
			if len(buf) > r.MaxLine || r.piece {
				r.piece = true
				b.buf, b.Lines, b.Piece = buf, buf, true
				return nil
			}
			buf = append(make([]byte, 0, r.larger(cap(buf))), buf...)
		}
		n, err := r.read(buf[len(buf):cap(buf)])
		old := len(buf)
		buf = buf[:old+n]
		r.err = err
		if r.piece {
			if i := bytes.IndexByte(buf[old:], '\n'); i >= 0 {
				r.piece = false
				r.cut(b, buf, old+i+1)
				b.Piece = true
				return nil
			}
			continue
		}
		if i := bytes.LastIndexByte(buf[old:], '\n'); i >= 0 {
			r.cut(b, buf, old+i+1)
			return nil
		}
	}
	if len(buf) > 0 || r.piece {
		b.Piece = r.piece
		b.Lines = append(buf, '\n')
		b.buf = b.Lines
		r.carry, r.piece = r.carry[:0], false
		return nil
	}
	b.buf = buf
	return r.err
}

// larger returns the size of the buffer after one of some size, for a line that is
// longer. All buffers of a line together are about twice the limit, since the last is
// at least twice as large as the one before.
func (r *Reader) larger(size int) int {
	if size >= hugeBuffer {
		// Those of earlier lines, and the smaller ones of this, are rather collected
		// now than left until the heap has doubled.
		runtime.GC()
	}
	if limit := r.MaxLine + BlockSize + 1; limit > 0 && 4*size > r.MaxLine {
		return limit
	}
	return 2 * size
}

// hugeBuffer is how large a buffer is at least that is not left to the garbage
// collector's own pace.
const hugeBuffer = 16 << 20

// start returns a buffer that holds what is left from the last block.
func (r *Reader) start(b *Block) []byte {
	// A buffer that a long line made large is not kept for ever.
	if size := cap(b.buf); size < BlockSize || size > 4*BlockSize && len(r.carry) < BlockSize {
		b.buf = make([]byte, 0, BlockSize)
	}
	buf := append(b.buf[:0], r.carry...)
	r.carry = r.carry[:0]
	if cap(r.carry) > 4*BlockSize {
		r.carry = nil
	}
	return buf
}

// cut makes buf[:end] the block and keeps the rest for the next one.
func (r *Reader) cut(b *Block, buf []byte, end int) {
	r.carry = append(r.carry[:0], buf[end:]...)
	b.buf, b.Lines = buf, buf[:end]
}

// read reads once, or some times more if the source returns nothing and no
// error.
func (r *Reader) read(p []byte) (int, error) {
	for range 100 {
		n, err := r.src.Read(p)
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// Events yields the events of the log in order. An event may be used until the
// next step; [Event.Clone] keeps it. A line that is not an event yields a
// [*SyntaxError] with its line number, and the next line follows. Any other
// error is one of the source's and the last thing yielded. A loop that was left
// early can be taken up again.
func (r *Reader) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			e, err := r.next()
			if err == io.EOF {
				return
			}
			last := err != nil && !r.number(err)
			if !yield(e, err) || last {
				return
			}
		}
	}
}

// number puts the line's number into err and reports whether err is about the
// line.
func (r *Reader) number(err error) bool {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		return false
	}
	syntax.Line = r.line
	return true
}

// next returns the next event. The error is a [*SyntaxError] if the next line is
// none.
func (r *Reader) next() (Event, error) {
	for {
		if len(r.rest) == 0 {
			if err := r.ReadBlock(&r.block); err != nil {
				return Event{}, err
			}
			r.rest = r.block.Lines
		}
		r.line++
		if r.block.Piece {
			return Event{}, r.skipPieces()
		}
		err := r.scanner.ScanFirst(r.rest)
		line := r.scanner.Line()
		r.rest = r.rest[len(line)+1:]
		switch {
		case err != nil && Blank(line):
			continue
		case len(line) > r.MaxLine:
			return Event{}, &SyntaxError{Column: 1, Reason: TooLong(r.MaxLine)}
		case err != nil:
			return Event{}, err
		}
		return r.scanner.Event()
	}
}

// skipPieces passes over the rest of a line that is longer than a block.
func (r *Reader) skipPieces() error {
	for r.rest[len(r.rest)-1] != '\n' {
		if err := r.ReadBlock(&r.block); err != nil {
			return err
		}
		r.rest = r.block.Lines
	}
	r.rest = nil
	return &SyntaxError{Column: 1, Reason: TooLong(r.MaxLine)}
}

// TooLong is the reason given for a line that is longer than the limit.
func TooLong(maxLine int) string {
	return fmt.Sprintf("line longer than %d bytes", maxLine)
}
