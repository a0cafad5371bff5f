package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
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
	// Lines holds the bytes. A last line without a line feed has got one.
	Lines []byte

	// Piece reports that Lines is a piece of a line that is longer than the
	// limit. The last piece ends with the line feed.
	Piece bool

	buf []byte
}

// A Reader reads a log in blocks of whole lines, or event by event. It asks its
// source for more only when it is asked itself, and hands on what one Read
// returned without waiting for more, if a line ended in it.
type Reader struct {
	// MaxLine is the longest line in bytes, without its line feed. It may be
	// set before the first call.
	MaxLine int

	src   io.Reader
	carry []byte // the start of a line whose end was not read yet
	piece bool   // in the middle of a line that is too long
	err   error
	line  int64
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
	b.Lines, b.Piece = nil, false
	buf := r.start(b)
	if i := bytes.LastIndexByte(buf, '\n'); i >= 0 {
		return r.cut(b, buf, i+1, false) // lines that followed a piece
	}
	for r.err == nil {
		if len(buf) == cap(buf) {
			// A line that fills the buffer: make room, or give it up.
			if len(buf) > r.MaxLine || r.piece {
				r.piece = true
				b.buf, b.Lines, b.Piece = buf, buf, true
				return nil
			}
			buf = append(make([]byte, 0, min(2*cap(buf), r.MaxLine+1+BlockSize)), buf...)
		}
		n, err := r.read(buf[len(buf):cap(buf)])
		old := len(buf)
		buf = buf[:old+n]
		r.err = err
		if r.piece {
			if i := bytes.IndexByte(buf, '\n'); i >= 0 {
				r.piece = false
				return r.cut(b, buf, i+1, true)
			}
			continue
		}
		if i := bytes.LastIndexByte(buf[old:], '\n'); i >= 0 {
			return r.cut(b, buf, old+i+1, false)
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
func (r *Reader) cut(b *Block, buf []byte, end int, piece bool) error {
	r.carry = append(r.carry[:0], buf[end:]...)
	b.buf, b.Lines, b.Piece = buf, buf[:end], piece
	return nil
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
// error is one of the source's and the last thing yielded.
func (r *Reader) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var b Block
		var s Scanner
		for {
			if err := r.ReadBlock(&b); err != nil {
				if err != io.EOF {
					yield(Event{}, err)
				}
				return
			}
			if b.Piece {
				r.line++
				err := &SyntaxError{Line: r.line, Column: 1, Reason: TooLong(r.MaxLine)}
				for b.Lines[len(b.Lines)-1] != '\n' && r.ReadBlock(&b) == nil {
				}
				if !yield(Event{}, err) {
					return
				}
				continue
			}
			for line := range bytes.Lines(b.Lines) {
				r.line++
				line = line[:len(line)-1]
				if Blank(line) {
					continue
				}
				e, err := s.event(line, r.MaxLine)
				if syntax := (*SyntaxError)(nil); errors.As(err, &syntax) {
					syntax.Line = r.line
				}
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

func (s *Scanner) event(line []byte, maxLine int) (Event, error) {
	if len(line) > maxLine {
		return Event{}, &SyntaxError{Column: 1, Reason: TooLong(maxLine)}
	}
	if err := s.Scan(line); err != nil {
		return Event{}, err
	}
	return s.Event()
}

// TooLong is the reason given for a line that is longer than the limit.
func TooLong(maxLine int) string {
	return fmt.Sprintf("line longer than %d bytes", maxLine)
}
