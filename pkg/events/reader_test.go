package events_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"auditctl/pkg/events"
)

// chunks is a source that returns so many bytes at a time, over and over.
type chunks struct {
	rest  []byte
	sizes []int
	reads int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	size := c.sizes[c.reads%len(c.sizes)]
	c.reads++
	n := copy(p[:min(size, len(p))], c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// inSplits returns sources that hand out the same input in different ways.
func inSplits(input []byte) map[string]io.Reader {
	r := rand.New(rand.NewPCG(1, 2))
	random := make([]int, 500)
	for i := range random {
		random[i] = 1 + r.IntN(1<<r.IntN(19))
	}
	whole := func() io.Reader { return bytes.NewReader(input) }
	return map[string]io.Reader{
		"whole":             whole(),
		"half":              iotest.HalfReader(whole()),
		"error with data":   iotest.DataErrReader(whole()),
		"byte by byte":      iotest.OneByteReader(whole()),
		"at random":         &chunks{rest: input, sizes: random},
		"a byte, then much": &chunks{rest: input, sizes: []int{1, events.BlockSize}},
		"a block at a time": &chunks{rest: input, sizes: []int{events.BlockSize}},
		"with empty reads":  &chunks{rest: input, sizes: []int{0, 0, 3000}},
	}
}

// yielded lists what Events yields: lines and errors.
func yielded(r *events.Reader) []string {
	var all []string
	for e, err := range r.Events() {
		all = append(all, shown(e, err))
	}
	return all
}

func shown(e events.Event, err error) string {
	if err != nil {
		return "error " + err.Error()
	}
	return "event " + e.Type() + " " + string(e.Line())
}

// expected is yielded for an input that is at hand as a whole.
func expected(input []byte, maxLine int) []string {
	var all []string
	for i, line := range bytes.Split(input, []byte("\n")) {
		e, err := events.Parse(line)
		if len(line) > maxLine {
			err = &events.SyntaxError{Column: 1, Reason: events.TooLong(maxLine)}
		}
		if syntax, ok := err.(*events.SyntaxError); ok {
			syntax.Line = int64(i + 1)
		}
		if !events.Blank(line) {
			all = append(all, shown(e, err))
		}
	}
	return all
}

// blocks reads all blocks and returns the bytes and the error that ended them.
func blocks(tb testing.TB, r *events.Reader) ([]byte, error) {
	var b events.Block
	var all []byte
	for {
		if err := r.ReadBlock(&b); err != nil {
			if b.Lines != nil {
				tb.Errorf("%d bytes beside %v", len(b.Lines), err)
			}
			return all, err
		}
		if len(b.Lines) == 0 || !b.Piece && b.Lines[len(b.Lines)-1] != '\n' {
			tb.Fatalf("no whole lines: %.100q", b.Lines)
		}
		if b.Piece && bytes.Contains(b.Lines[:len(b.Lines)-1], []byte("\n")) {
			tb.Fatalf("a piece of more than one line: %.100q", b.Lines)
		}
		all = append(all, b.Lines...)
	}
}

// ended returns input with a line feed after the last line.
func ended(input []byte) []byte {
	if len(input) == 0 || input[len(input)-1] == '\n' {
		return input
	}
	return append(slices.Clip(input), '\n')
}

// eventOf returns an event whose line has so many bytes, at least 17.
func eventOf(size int) string {
	return `{"event_type":"` + strings.Repeat("x", size-17) + `"}`
}

func lines(all ...string) []byte { return []byte(strings.Join(all, "\n") + "\n") }

func TestReaderInAnySplit(t *testing.T) {
	if testing.Short() {
		t.Skip("long, on one goroutine")
	}
	session := bytes.Join(testLines(t, "session.jsonl"), []byte("\n"))
	for _, tc := range []struct {
		name  string
		input []byte
	}{
		{"nothing", nil},
		{"a line feed", []byte("\n")},
		{"only line feeds", []byte("\n\n\n\n")},
		{"only white space", []byte(" \t\r")},
		{"one line", []byte(`{"event_type":"a"}` + "\n")},
		{"one line without line feed", []byte(`{"event_type":"a"}`)},
		{"no event", []byte("not an event")},
		{"blank and invalid lines", []byte("\n \t\r\n{}\n{\"event_type\":\"a\"}\n\noops\n[\n{\"event_type\":\"b\"} \n")},
		{"CR LF", []byte("{\"event_type\":\"a\"}\r\n\r\n{\"event_type\":\"b\"}\r\n")},
		{"NUL bytes", []byte("\x00\x00\x00\n{\"event_type\":\"a\"}\n\x00")},
		{"a log", append(slices.Clip(session), '\n')},
		{"a log without the last line feed", session},
		{"more than a block", bytes.Repeat(append(slices.Clip(session), '\n'), 50)},
		{"a line of a block", lines(eventOf(events.BlockSize-1), eventOf(events.BlockSize), eventOf(events.BlockSize+1), eventOf(17))},
		{"a line of many blocks", lines("", eventOf(3*events.BlockSize), "", eventOf(5*events.BlockSize+7), eventOf(17))},
	} {
		for name, src := range inSplits(tc.input) {
			t.Run(tc.name+"/"+name, func(t *testing.T) {
				want := expected(tc.input, events.DefaultMaxLine)
				if got := yielded(events.NewReader(src)); !slices.Equal(got, want) {
					t.Errorf("Events:\n%.500q, want\n%.500q", got, want)
				}
			})
		}
		for name, src := range inSplits(tc.input) {
			t.Run(tc.name+"/blocks/"+name, func(t *testing.T) {
				got, err := blocks(t, events.NewReader(src))
				if err != io.EOF || !bytes.Equal(got, ended(tc.input)) {
					t.Errorf("%d bytes, %v; want %d bytes", len(got), err, len(ended(tc.input)))
				}
			})
		}
	}
}

func TestReaderMaxLine(t *testing.T) {
	if testing.Short() {
		t.Skip("long, on one goroutine")
	}
	for _, limit := range []int{
		0, 10, 17, 100,
		events.BlockSize - 1, events.BlockSize, events.BlockSize + 1,
		2 * events.BlockSize, 600 << 10,
	} {
		for _, long := range []int{limit + 1, 1 << 20} {
			fits, over := eventOf(max(limit, 17)), eventOf(max(long, 17))
			input := lines(fits, over, fits, "", over, over, eventOf(17), "oops", over)
			whole := events.NewReader(bytes.NewReader(input))
			halves := events.NewReader(iotest.HalfReader(bytes.NewReader(input)))
			unended := events.NewReader(iotest.DataErrReader(bytes.NewReader(input[:len(input)-1])))
			pieces := events.NewReader(iotest.HalfReader(bytes.NewReader(input)))
			for _, r := range []*events.Reader{whole, halves, unended, pieces} {
				r.MaxLine = limit
			}
			t.Run(fmt.Sprintf("%d bytes where %d may be", len(over), limit), func(t *testing.T) {
				want := expected(input, limit)
				for _, r := range []*events.Reader{whole, halves, unended} {
					if got := yielded(r); !slices.Equal(got, want) {
						t.Errorf("Events:\n%.200q, want\n%.200q", got, want)
					}
				}
				got, err := blocks(t, pieces)
				if err != io.EOF || !bytes.Equal(got, input) {
					t.Errorf("blocks hold %d bytes of %d, then %v", len(got), len(input), err)
				}
			})
		}
	}
}

// The rest of a line that is too long may be anything, also blocks long.
func TestReaderReportsALongLineOnce(t *testing.T) {
	for _, tc := range []struct {
		name  string
		input []byte
	}{
		{"in the middle", lines("", strings.Repeat("[", 600_000), `{"event_type":"a"}`)},
		{"whole blocks", lines("", strings.Repeat("[", 2*events.BlockSize-1), `{"event_type":"a"}`)},
		{"one more", lines("", strings.Repeat("[", 2*events.BlockSize), `{"event_type":"a"}`)},
	} {
		for name, src := range inSplits(tc.input) {
			t.Run(tc.name+"/"+name, func(t *testing.T) {
				r := events.NewReader(src)
				r.MaxLine = 1000
				want := []string{"error 2:1: line longer than 1000 bytes", `event a {"event_type":"a"}`}
				if got := yielded(r); !slices.Equal(got, want) {
					t.Errorf("Events: %.300q, want %q", got, want)
				}
			})
		}
	}
}

func TestReaderWithoutLimit(t *testing.T) {
	input := lines(eventOf(3*events.BlockSize), eventOf(17))
	r := events.NewReader(bytes.NewReader(input))
	r.MaxLine = math.MaxInt
	if got, want := yielded(r), expected(input, math.MaxInt); !slices.Equal(got, want) {
		t.Errorf("Events: %.100q, want %.100q", got, want)
	}
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("input/output error")
	const a, b = `{"event_type":"a"}`, `{"event_type":"b"}`
	reader := func(text string) io.Reader { return strings.NewReader(text) }
	long := eventOf(2 * events.BlockSize)
	for _, tc := range []struct {
		name  string
		src   io.Reader
		input string
		err   error
	}{
		{"at once", iotest.ErrReader(broken), "", broken},
		{"between lines", io.MultiReader(reader(a+"\n"+b+"\n"), iotest.ErrReader(broken)), a + "\n" + b, broken},
		{"within a line", io.MultiReader(reader(a+"\n{\"event"), iotest.ErrReader(broken)), a + "\n{\"event", broken},
		{"after a line without line feed", io.MultiReader(reader(a+"\n"+b), iotest.ErrReader(broken)), a + "\n" + b, broken},
		{"beside data", iotest.DataErrReader(io.MultiReader(reader(a+"\n"+b), iotest.ErrReader(broken))), a + "\n" + b, broken},
		{"within a long line", io.MultiReader(reader(a+"\n"+long), iotest.ErrReader(broken)), a + "\n" + long, broken},
		{"for a time", iotest.TimeoutReader(&chunks{rest: lines(a, b), sizes: []int{len(a) + 1}}), a, iotest.ErrTimeout},
		{"unexpected end", io.MultiReader(reader(a+"\n"), iotest.ErrReader(io.ErrUnexpectedEOF)), a, io.ErrUnexpectedEOF},
		{"no progress", &chunks{rest: []byte(a), sizes: []int{0}}, "", io.ErrNoProgress},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := events.NewReader(tc.src)
			want := append(expected([]byte(tc.input), r.MaxLine), "error "+tc.err.Error())
			if got := yielded(r); !slices.Equal(got, want) {
				t.Errorf("Events:\n%.300q, want\n%.300q", got, want)
			}
			for range 2 { // and it stays so
				if err := r.ReadBlock(new(events.Block)); err != tc.err {
					t.Errorf("ReadBlock: %v, want %v", err, tc.err)
				}
			}
			if got, want := yielded(r), []string{"error " + tc.err.Error()}; !slices.Equal(got, want) {
				t.Errorf("Events again: %q, want %q", got, want)
			}
		})
	}
}

func TestReaderErrorInALineThatIsTooLong(t *testing.T) {
	broken := errors.New("input/output error")
	for _, size := range []int{events.BlockSize - 1, events.BlockSize, events.BlockSize + 1, 3*events.BlockSize + 7} {
		text := strings.Repeat("x", size)
		source := func() *events.Reader {
			r := events.NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
			r.MaxLine = 10
			return r
		}
		want := []string{"error 1:1: line longer than 10 bytes", "error input/output error"}
		if got := yielded(source()); !slices.Equal(got, want) {
			t.Errorf("Events: %.200q, want %q", got, want)
		}
		if got, err := blocks(t, source()); string(got) != text+"\n" || err != broken {
			t.Errorf("blocks hold %d bytes, then %v", len(got), err)
		}
	}
}

// prompt is a source that complains when it is read while a line it already
// returned has not been handed on.
type prompt struct {
	tb      testing.TB
	returns []string
	lines   int // returned so far
	seen    int // handed on so far
}

func (p *prompt) Read(b []byte) (int, error) {
	if p.seen != p.lines {
		p.tb.Errorf("reads on with %d of %d lines handed on", p.seen, p.lines)
	}
	if len(p.returns) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.returns[0])
	p.lines += strings.Count(p.returns[0], "\n")
	p.returns = p.returns[1:]
	return n, nil
}

func TestReaderHandsOnBeforeItReadsOn(t *testing.T) {
	const a = `{"event_type":"a"}`
	returns := []string{a + "\n", a + "\n" + a, "\n" + a + "\n" + a[:5], a[5:] + "\n", a[:1], a[1:], "\n", "oops\n" + a + "\n"}

	src := &prompt{tb: t, returns: returns}
	for range events.NewReader(src).Events() {
		src.seen++
	}
	if src.seen != 8 {
		t.Errorf("Events yields %d times, want 8", src.seen)
	}

	src = &prompt{tb: t, returns: returns}
	r, b := events.NewReader(src), new(events.Block)
	for r.ReadBlock(b) == nil {
		src.seen += bytes.Count(b.Lines, []byte("\n"))
	}
	if src.seen != 8 {
		t.Errorf("ReadBlock returns %d lines, want 8", src.seen)
	}
}

func TestReaderStopsWithItsLoop(t *testing.T) {
	for _, tc := range []struct {
		name, input string
	}{
		{"at an event", `{"event_type":"a"}`},
		{"at an invalid line", `oops`},
		{"at a line that is too long", eventOf(3 * events.BlockSize)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := events.NewReader(strings.NewReader(tc.input + "\n" + tc.input + "\n"))
			r.MaxLine = 1000
			steps := 0
			for range r.Events() {
				steps++
				break
			}
			if steps != 1 {
				t.Errorf("%d steps, want 1", steps)
			}
		})
	}
}

// A loop that ended early can be taken up again: no line is lost and the
// numbers go on.
func TestReaderEventsGoesOn(t *testing.T) {
	const a, b = `{"event_type":"a"}`, `{"event_type":"b"}`
	r := events.NewReader(bytes.NewReader(lines(a, b, "oops")))
	for range r.Events() {
		break
	}
	want := []string{"event b " + b, "error 3:1: not a JSON object"}
	if got := yielded(r); !slices.Equal(got, want) {
		t.Errorf("after the first: %q, want %q", got, want)
	}
}

// Blocks belong to the caller, one does not change under the next.
func TestReaderBlocksAreTheCallers(t *testing.T) {
	input := lines(eventOf(100_000), eventOf(200_000), eventOf(50_000), eventOf(300_000))
	r := events.NewReader(iotest.HalfReader(bytes.NewReader(input)))
	var all []byte
	var kept []events.Block
	for {
		var b events.Block
		if r.ReadBlock(&b) != nil {
			break
		}
		kept = append(kept, b)
	}
	for _, b := range kept {
		all = append(all, b.Lines...)
	}
	if !bytes.Equal(all, input) {
		t.Errorf("%d blocks do not add up to the input", len(kept))
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(""), byte(1), byte(1), uint16(20))
	f.Add([]byte("\n\n{\"event_type\":\"a\"}\r\noops\n{\"event_type\":\"b\"}"), byte(3), byte(0), uint16(1000))
	f.Add([]byte("{\"event_type\":\"a\"}\n{\"event_type\":\"abc\"}\n \n[]\n"), byte(7), byte(200), uint16(18))
	f.Fuzz(func(t *testing.T, input []byte, first, second byte, limit uint16) {
		maxLine := int(limit)
		sizes := []int{int(first), int(second), 1}
		r := events.NewReader(&chunks{rest: input, sizes: sizes})
		r.MaxLine = maxLine
		if got, err := blocks(t, r); err != io.EOF || !bytes.Equal(got, ended(input)) {
			t.Errorf("blocks: %q, %v", got, err)
		}

		r = events.NewReader(&chunks{rest: input, sizes: sizes})
		r.MaxLine = maxLine
		if got, want := yielded(r), expected(input, maxLine); !slices.Equal(got, want) {
			t.Errorf("Events: %q, want %q", got, want)
		}
	})
}

// A line without an end takes twice the limit, all buffers together.
func TestReaderMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("long, on one goroutine")
	}
	for _, limit := range []int{1 << 20, 5 << 20, 8 << 20, 15 << 20} {
		src := io.LimitReader(endless{}, 40<<20)
		r := events.NewReader(src)
		r.MaxLine = limit
		var block events.Block
		before := allocated()
		for r.ReadBlock(&block) == nil {
		}
		if took := allocated() - before; took > 2*uint64(limit)+8*events.BlockSize {
			t.Errorf("%d bytes for lines of up to %d", took, limit)
		}
	}
}

// endless is a line that does not end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// allocated is how many bytes were ever allocated.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}
