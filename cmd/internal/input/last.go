package input

import (
	"io"
	"runtime/debug"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/follow"
	"auditctl/pkg/selection"
)

// Last makes the reading of each input begin with its last events.
type Last struct {
	N int64 // how many

	// Wanted returns a predicate of the events that count, for one goroutine.
	Wanted func() selection.Predicate
}

// last are the last events of an input, with which its reading begins.
type last struct {
	n        int64
	wanted   selection.Predicate
	options  *Options
	followed bool // the last line may be unfinished
	decoded  bool // the lines are not those of the input

	at    int64 // where the lines begin in the file, if that is read as it is
	skip  int64 // how many bytes of lines come before, in what is decompressed
	first place // where the lines begin in what is decoded
	late  bool  // there are lines before, which are not passed on
}

// beginLast makes inputs begin with their last events if opts say so.
func beginLast(inputs []*Input, opts *Options, followed bool) {
	if opts.Last == nil {
		return
	}
	for _, in := range inputs {
		in.last = &last{n: opts.Last.N, wanted: opts.Last.Wanted(), options: opts, followed: followed}
	}
}

// reader returns a reader of the last events of an input that was opened.
func (l *last) reader(in *Input, src *decompressor) (blockReader, error) {
	if !isRegular(src.origin) {
		return l.ofStream(in, src), nil
	}
	f := src.origin.(file)
	start, err := l.start(in, f)
	if err == nil {
		_, err = f.Seek(start, io.SeekStart)
	}
	src.accept = nil // start has checked
	return l.ofFile(in, src), err
}

// ofFile returns a reader of the last events of src, which reads a file from where start
// said.
func (l *last) ofFile(in *Input, src *decompressor) blockReader {
	if l.decoded {
		return &skippingReader{blockReader: in.reader(src, l.options), first: l.first}
	}
	src.from = nil // the lines are events, and perhaps the first ones are not
	return newReader(l.skipping(src), l.options.MaxLine)
}

// start returns the offset at which the last events of a file begin, which is read from
// its current offset. A file that is compressed or decoded must be read whole, by skipping.
func (l *last) start(in *Input, f file) (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	base, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	whole := io.NewSectionReader(f, base, st.Size()-base)
	head := &decompressor{src: whole, accept: in.accept(l.options), from: l.options.From}
	_, err = head.Read(make([]byte, 1))
	head.Close()
	l.decoded = !head.layout.isEvents()
	if in.canBeStray() && head.layout.stray {
		l.decoded = true
		return base, nil // it is left out where it is read
	}
	if err != nil && err != io.EOF {
		return 0, err
	}
	if _, err := whole.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	if l.decoded || head.isCompressed() {
		end := whole.Size()
		growing := l.followed && !head.isCompressed()
		if growing {
			end, err = follow.LastLines(whole, end, follow.Last{}) // the last line may be unfinished
		}
		begin := l.within(in, &decompressor{src: io.NewSectionReader(f, base, end), from: l.options.From}, growing)
		l.late = begin.bytes > 0
		if l.decoded {
			l.first = begin.place
		} else {
			l.skip, in.skipped = begin.bytes, &skippedLines{counted: begin.lines}
		}
		return base, err
	}
	var s events.Scanner // which keeps the last line it scanned
	counts := func(line []byte) bool { return l.selected(&s, s.Scan(line)) }
	unwanted := in.unwanted(f, l.options)
	defer unwanted.close()
	start, err := follow.LastLines(whole, whole.Size(), follow.Last{
		N: l.n, Counts: counts, MaxLine: l.options.MaxLine, Torn: !l.followed, Skip: unwanted.before,
	})
	if l.followed {
		start = unwanted.after(start)
	}
	if start > 0 {
		l.late = true
		in.skipped = newSkippedLines(in, f, base, start)
	}
	l.at = base + start
	return l.at, err
}

// selected reports whether the line that s scanned, with this error, is a wanted event.
func (l *last) selected(s *events.Scanner, err error) bool {
	if err != nil || len(s.Line()) > l.options.MaxLine {
		return false
	}
	if _, err := s.Event(); err != nil {
		return false
	}
	return l.wanted(s)
}

// A beginning is where an event is in what is decompressed and decoded.
type beginning struct {
	bytes, lines int64 // how many come before
	place        place // if it is decoded
}

// within returns where the last events of src begin. Errors are left to the reader that
// follows. If src grows, it may end in an unfinished record of a document.
func (l *last) within(in *Input, src *decompressor, grows bool) (at beginning) {
	defer src.Close()
	all := bounded.Ring[beginning]{Most: l.n}
	var s events.Scanner
	reader := in.reader(src, l.options.scratch())
	var err error // of the last line
	long := false
	for block := new(dialect.Block); reader.ReadBlock(block) == nil; {
		long = long || bounded.Outgrown(block.Lines)
		w := lineScan{block: block}
		for w.next(&s) {
			at.place, err = at.place.next(w.origin), w.err
			if !block.Piece && l.selected(&s, w.err) {
				all.Add(at)
			}
			if w.line[len(w.line)-1] == '\n' {
				at.lines++
			}
			at.bytes += int64(len(w.line))
		}
	}
	if long {
		debug.FreeOSMemory() // it took much, and will again when it is read
	}
	switch {
	case l.n == 0:
		if !grows || src.layout.form != dialect.Document || err == nil {
			at.place.nth++
		}
		return at
	case !all.Full():
		return beginning{}
	}
	return all.Oldest()
}

// skipping returns a reader that skips what comes before the last events.
func (l *last) skipping(r io.Reader) io.Reader { return &skipping{r, l.skip} }

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
