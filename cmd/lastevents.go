package cmd

import (
	"bytes"
	"io"
	"os"
	"runtime/debug"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
	"auditctl/pkg/follow"
	"auditctl/pkg/selection"
)

// lastEvents are the last selected events of an input, with which its reading
// begins.
type lastEvents struct {
	n        int64
	wanted   selection.Predicate
	maxLine  int
	followed bool // its last line may not be finished

	skip int64 // how many bytes of what is compressed come before
	late bool  // there were events before, and none of them is looked at
}

// reader returns what reads the last events of an input that was opened.
func (l *lastEvents) reader(in *input, src *decompressor) (blockReader, error) {
	f, ok := src.origin.(*os.File)
	if ok {
		st, err := f.Stat()
		ok = err == nil && st.Mode().IsRegular()
	}
	if !ok {
		return l.ofStream(src), nil
	}
	start, err := l.start(in, f)
	if err == nil {
		_, err = f.Seek(start, io.SeekStart)
	}
	src.accept = nil // start has looked
	return newReader(l.skipping(src), l.maxLine), err
}

// start returns at which byte of a file, read from where it stands, its last
// events begin. What is compressed must be read as a whole, by skipping.
func (l *lastEvents) start(in *input, f *os.File) (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	base, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	file := io.NewSectionReader(f, base, st.Size()-base)
	head := &decompressor{src: file, accept: in.accept}
	_, err = head.Read(make([]byte, 1))
	head.Close()
	if err != nil && err != io.EOF {
		return 0, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	if head.isCompressed() {
		var lines int64
		l.skip, lines = l.within(&decompressor{src: file})
		debug.FreeOSMemory() // of a long line, since the second reading takes as much
		l.late = l.skip > 0
		in.skipped = &skippedLines{counted: lines}
		return base, nil
	}
	var s events.Scanner // which keeps the last line it scanned
	counts := func(line []byte) bool { return l.selected(&s, s.Scan(line)) }
	start, err := follow.LastLines(file, file.Size(), follow.Last{
		N: l.n, Counts: counts, MaxLine: l.maxLine, Torn: !l.followed,
	})
	if start > 0 {
		l.late = true
		in.skipped = newSkippedLines(in, f, base, start)
	}
	return base + start, err
}

// selected reports whether the line that s scanned, with an error or without,
// is a selected event.
func (l *lastEvents) selected(s *events.Scanner, err error) bool {
	if err != nil || len(s.Line()) > l.maxLine {
		return false
	}
	if _, err := s.Event(); err != nil {
		return false
	}
	return l.wanted(s)
}

// within returns how many bytes and lines of what is compressed come before its
// last events. What cannot be read is for who reads it then.
func (l *lastEvents) within(src *decompressor) (skip, lines int64) {
	defer src.Close()
	type place struct{ skip, lines int64 }
	last := bounded.Ring[place]{Most: l.n}
	var at place
	var s events.Scanner
	reader := newReader(src, l.maxLine)
	for block := new(events.Block); reader.ReadBlock(block) == nil; {
		for rest := block.Lines; len(rest) > 0; {
			end := len(rest)
			if !block.Piece {
				if l.selected(&s, s.ScanFirst(rest)) {
					last.Add(at)
				}
				end = len(s.Line()) + 1
			}
			if rest[end-1] == '\n' {
				at.lines++
			}
			at.skip += int64(end)
			rest = rest[end:]
		}
	}
	switch {
	case l.n == 0:
		return at.skip, at.lines
	case !last.Full():
		return 0, 0
	}
	first := last.Oldest()
	return first.skip, first.lines
}

// skipping returns what passes over what comes before the last events.
func (l *lastEvents) skipping(r io.Reader) io.Reader { return &skipping{r, l.skip} }

type skipping struct {
	r io.Reader
	n int64
}

func (s *skipping) Read(p []byte) (int, error) {
	if s.n > 0 {
		n, err := io.CopyN(io.Discard, s.r, s.n)
		s.n -= n
		if err != nil {
			return 0, err
		}
	}
	return s.r.Read(p)
}

// ofStream returns what reads the last events of a stream, at its end.
func (l *lastEvents) ofStream(src io.Reader) blockReader {
	return &streamEnd{lastEvents: l, reader: newReader(src, l.maxLine), held: bounded.Ring[[]byte]{Most: l.n}}
}

// A streamEnd reads a stream to its end and then hands on the last selected
// events. Before that it hands on what is not selected, of which there may be
// something to report, and an empty line for each event that is, so that lines
// have their numbers.
type streamEnd struct {
	*lastEvents
	reader  *events.Reader
	scanner events.Scanner
	held    bounded.Ring[[]byte]
	ended   bool
	last    [][]byte // once it ended, what was held
}

func (r *streamEnd) ReadBlock(b *events.Block) error {
	err := r.reader.ReadBlock(b)
	switch {
	case err == nil && !b.Piece:
		b.Lines = r.sift(b.Lines)
	case err != nil && !r.ended:
		r.ended, r.last, r.held = true, r.held.All(), bounded.Ring[[]byte]{}
	}
	if len(r.last) > 0 {
		b.Lines = r.some(b.Lines[:0])
		return nil
	}
	return err
}

// some appends some of the lines that are held, which are in order.
func (r *streamEnd) some(dst []byte) []byte {
	for len(r.last) > 0 && len(dst) < events.BlockSize {
		dst = append(dst, r.last[0]...)
		r.last[0] = nil
		r.last = r.last[1:]
	}
	return dst
}

// sift holds the selected events among lines and returns the lines without them.
func (r *streamEnd) sift(lines []byte) []byte {
	left := lines[:0]
	for rest := lines; len(rest) > 0; {
		selected := r.selected(&r.scanner, r.scanner.ScanFirst(rest))
		line := rest[:len(r.scanner.Line())+1]
		rest = rest[len(line):]
		if selected {
			r.held.Add(bytes.Clone(line))
			line = []byte("\n")
		}
		left = append(left, line...)
	}
	return left
}
