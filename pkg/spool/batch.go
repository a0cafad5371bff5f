package spool

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A batch is waiting lines of a segment, one after the other.
type batch struct {
	before  int64  // how many bytes before them do not wait
	damaged bool   // some of these have no mark
	records []byte // the lines with their marks
	lines   []byte // what is to be written
	partly  bool   // these begin with a line feed, since a part of the first line was written
}

// batchSize is about how many bytes are delivered at once.
const batchSize = 256 << 10

// read reads the next batch of a segment. It is empty at the end.
func (b *batch) read(in *bufio.Reader) error {
	*b = batch{records: b.records[:0], lines: b.lines[:0]}
	for len(b.records) < batchSize {
		next, err := in.Peek(1)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		mark := next[0]
		if len(b.records) > 0 && mark != waits {
			return nil // another batch begins
		}
		if mark != waits && mark != begun {
			n, err := discardLine(in)
			if err != nil {
				return err
			}
			b.before += n
			b.damaged = b.damaged || mark != delivered
			continue
		}
		start := len(b.records)
		if b.records, err = appendLine(b.records, in); err != nil {
			return err
		}
		if mark == begun {
			b.partly = true
			b.lines = append(b.lines, '\n')
		}
		b.lines = append(b.lines, b.records[start+1:]...)
	}
	return nil
}

// mark changes the marks of lines by how many bytes of what was to be written were taken.
func (b *batch) mark(taken int) {
	if b.partly {
		taken--
	}
	for rest := b.records; taken > 0 && len(rest) > 0; {
		line := bytes.IndexByte(rest, '\n') // without its mark, but with its line feed
		rest[0] = delivered
		if taken < line {
			rest[0] = begun
		}
		taken -= line
		rest = rest[line+1:]
	}
}

func appendLine(dst []byte, in *bufio.Reader) ([]byte, error) {
	for {
		piece, err := in.ReadSlice('\n')
		dst = append(dst, piece...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return dst, err
		}
	}
}

func discardLine(in *bufio.Reader) (n int64, err error) {
	for {
		piece, err := in.ReadSlice('\n')
		n += int64(len(piece))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return n, err
		}
	}
}
