package seal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// A rewriter reads a file line by line, and copies what is not erased. At the end of the
// file a line may lack its line feed.
type rewriter struct {
	in    *bufio.Reader
	out   io.Writer // nil if nothing is written
	read  int64     // bytes
	wrote int64
	ended bool // the last line that was read had a line feed
}

func newRewriter(in io.Reader, out io.Writer) *rewriter {
	return &rewriter{in: bufio.NewReaderSize(in, 1<<20), out: out}
}

// copy copies n lines. The error is [io.ErrUnexpectedEOF] if there are fewer.
func (r *rewriter) copy(n int64) error {
	for n > 0 {
		if _, err := r.in.Peek(1); err != nil {
			if err == io.EOF && r.read > 0 && !r.ended && n == 1 {
				return nil
			}
			return unexpected(err)
		}
		data, _ := r.in.Peek(r.in.Buffered())
		end := 0
		for n > 0 && end < len(data) {
			piece := data[end:min(end+countAtOnce, len(data))]
			if count := int64(bytes.Count(piece, lineFeed)); count < n {
				n -= count
				end += len(piece)
				continue
			}
			for ; n > 0; n-- {
				end += bytes.IndexByte(data[end:], '\n') + 1
			}
		}
		data = data[:end]
		r.ended = data[len(data)-1] == '\n'
		if err := r.pass(data); err != nil {
			return err
		}
	}
	return nil
}

// countAtOnce is in how many bytes lines are counted at once: little enough that copying few
// lines looks at few bytes.
const countAtOnce = 4 << 10

var lineFeed = []byte{'\n'}

// pass writes what is buffered and goes on after it.
func (r *rewriter) pass(data []byte) error {
	if err := r.write(data); err != nil {
		return err
	}
	n, err := r.in.Discard(len(data))
	r.read += int64(n)
	return err
}

func (r *rewriter) write(data []byte) error {
	if r.out == nil {
		return nil
	}
	n, err := r.out.Write(data)
	r.wrote += int64(n)
	return err
}

// line reads a line without copying it. It calls do for the pieces of it, without the line
// feed.
func (r *rewriter) line(do func(piece []byte)) error {
	for begun := false; ; begun = true {
		piece, err := r.in.ReadSlice('\n')
		r.read += int64(len(piece))
		piece, r.ended = bytes.CutSuffix(piece, lineFeed)
		switch {
		case err == io.EOF && (begun || len(piece) > 0):
			err = nil
		case err == bufio.ErrBufferFull:
			do(piece)
			continue
		}
		if err == nil {
			do(piece)
		}
		return err
	}
}

// leaf reads a line without copying it, and returns its leaf.
func (r *rewriter) leaf() (leaf tlog.Hash, err error) {
	h := sha256.New()
	h.Write(leafPrefix)
	if err := r.line(func(piece []byte) { h.Write(piece) }); err != nil {
		return leaf, unexpected(err)
	}
	h.Sum(leaf[:0])
	return leaf, nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
