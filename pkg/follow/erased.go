package follow

import (
	"bufio"
	"bytes"
	"io"
	"slices"
)

// erasedEvent is what an event begins with that is in the place of an erased line, as
// package seal writes it.
const erasedEvent = `{"event_type": "erased", "timestamp": "`

// continues prepares to go on in the file that has taken the path of last where last was
// read to, if both are the same log, of which lines were erased. Of last nothing more is
// read then.
func (f *File) continues(last, now *opened, found []segment) bool {
	switch {
	case last == nil || last.file == nil || !last.regular || !now.regular || last.raw || last.pos != last.line:
		return false
	case slices.ContainsFunc(found, func(s segment) bool { return last.is(s.path, s.info) }):
		return false // it was rotated
	}
	start, ok := whereErased(last, now)
	if !ok {
		return false
	}
	now.pos, now.line = start, start
	now.trace.start(now.file, start)
	last.erased = true
	return true
}

// whereErased returns where in now the lines begin that were not read of last. It returns
// false unless now has all the lines of last, with an event in place of some.
func whereErased(last, now *opened) (start int64, ok bool) {
	st, err := last.file.Stat()
	if err != nil || st.Size() == 0 {
		return 0, false
	}
	was := newLineReader(io.NewSectionReader(last.file, 0, st.Size()))
	is := newLineReader(io.NewSectionReader(now.file, 0, 1<<62))
	erased, known := false, false
	for {
		if was.pos == last.pos {
			start, known = is.pos, true
		}
		if _, err := was.Peek(1); err == io.EOF {
			return start, erased && known
		}
		if head, _ := is.Peek(len(erasedEvent)); string(head) == erasedEvent {
			erased = true
			if was.skip() != nil || is.skip() != nil {
				return 0, false
			}
		} else if !was.sameLine(is) {
			return 0, false
		}
	}
}

// A lineReader knows where it is.
type lineReader struct {
	*bufio.Reader
	pos int64
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{Reader: bufio.NewReaderSize(r, 64<<10)}
}

// piece reads a line, or a piece of a long one. The last line may lack its line feed.
func (r *lineReader) piece() (piece []byte, more bool, err error) {
	piece, err = r.ReadSlice('\n')
	r.pos += int64(len(piece))
	if more = err == bufio.ErrBufferFull; more || err == io.EOF {
		err = nil
	}
	return piece, more, err
}

func (r *lineReader) skip() error {
	for {
		if _, more, err := r.piece(); !more {
			return err
		}
	}
}

// sameLine reads a line, and reports whether it is the next one of another reader. What is
// written to that later may have ended it there.
func (r *lineReader) sameLine(other *lineReader) bool {
	for {
		a, more, err := r.piece()
		b, _, otherErr := other.piece()
		switch {
		case err != nil || otherErr != nil || !bytes.HasPrefix(b, a):
			return false
		case !more:
			return true
		}
	}
}
