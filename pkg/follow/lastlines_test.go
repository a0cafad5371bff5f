package follow_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"auditctl/pkg/follow"
)

// plainly is LastLines, reading everything from the start.
func plainly(text []byte, last follow.Last) int64 {
	starts := []int64{0}
	at := int64(0)
	for line := range bytes.Lines(text) {
		whole := bytes.HasSuffix(line, []byte("\n"))
		bare := bytes.TrimSuffix(line, []byte("\n"))
		if whole || last.Torn {
			if len(bare) <= last.MaxLine && last.Counts(bare) {
				starts = append(starts, at)
			}
			at += int64(len(line))
		}
	}
	switch {
	case last.N == 0:
		return at
	case last.N < int64(len(starts)):
		return starts[int64(len(starts))-last.N]
	}
	return 0
}

func counts(line []byte) bool { return len(line) > 0 && line[0] != '#' }

// skipping returns a function for Skip that knows of so many lines of a text at a time.
func skipping(text []byte, lines int) func(int64) int64 {
	return func(before int64) int64 {
		for range lines {
			at := bytes.LastIndexByte(text[:max(0, before-1)], '\n') + 1
			if counts(bytes.TrimSuffix(text[at:before], []byte("\n"))) {
				break
			}
			before = int64(at)
		}
		return before
	}
}

func TestLastLines(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for name, text := range map[string]string{
		"empty":        "",
		"one":          "one\n",
		"three":        "one\ntwo\nthree\n",
		"torn":         "one\ntwo\nthree",
		"torn alone":   "one",
		"blank":        "\n\n\n",
		"blank torn":   "\n\none",
		"not counted":  "one\n#\n#\ntwo\n#\n",
		"none counts":  "#\n#\n#",
		"long":         "one\n" + long + "\ntwo\n" + long + "y\n",
		"long, first":  long + long + "\ntwo\n",
		"long, torn":   "one\ntwo\n" + long,
		"too long":     "one\n" + long + long + "\ntwo\n#\n" + long + long,
		"whole blocks": strings.Repeat(strings.Repeat("x", 1<<10-1)+"\n", 200),
		"whole, skips": strings.Repeat(strings.Repeat("#", 1<<10-1)+"\n", 200) + strings.Repeat("#", 2<<10-1) + "\n",
		"many":         strings.Repeat("#\none\n\n", 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int64{0, 1, 2, 3, 100, 150, 10_001} {
				for _, torn := range []bool{false, true} {
					for _, lines := range []int{0, 1, 1000} {
						last := follow.Last{N: n, Counts: counts, MaxLine: 250_000, Torn: torn, Skip: skipping([]byte(text), lines)}
						have, err := follow.LastLines(strings.NewReader(text), int64(len(text)), last)
						if want := plainly([]byte(text), last); have != want || err != nil {
							t.Errorf("the last %d, torn %v, skipping %d: %d, %v; want %d of %d", n, torn, lines, have, err, want, len(text))
						}
					}
				}
			}
		})
	}
}

func FuzzLastLines(f *testing.F) {
	f.Add([]byte("one\n#two\n\nthree"), uint8(2), true, uint16(1), uint8(0))
	f.Add([]byte("one\n#two\n\nthree\n"), uint8(0), false, uint16(40_000), uint8(1))
	f.Add([]byte("one\nx\n#x\n#\n#\nx\n#"), uint8(3), false, uint16(30_000), uint8(9))
	f.Fuzz(func(t *testing.T, text []byte, n uint8, torn bool, stretch uint16, lines uint8) {
		// Some lines are longer than a block.
		text = bytes.ReplaceAll(text, []byte("x"), bytes.Repeat([]byte("x"), 1+int(stretch)))
		last := follow.Last{N: int64(n), Counts: counts, MaxLine: 100_000, Torn: torn, Skip: skipping(text, int(lines))}
		have, err := follow.LastLines(bytes.NewReader(text), int64(len(text)), last)
		if want := plainly(text, last); have != want || err != nil {
			t.Errorf("the last %d, torn %v, of %.200q: %d, %v; want %d", n, torn, text, have, err, want)
		}
	})
}

// A vast is a file of short lines that counts the bytes read.
type vast struct{ size, read int64 }

func (v *vast) ReadAt(p []byte, at int64) (int, error) {
	v.read += int64(len(p))
	for i := range p {
		if p[i] = 'x'; (at+int64(i))%100 == 99 {
			p[i] = '\n'
		}
	}
	return len(p), nil
}

// However large the file, only its end is read.
func TestLastLinesReadsLittle(t *testing.T) {
	file := &vast{size: math.MaxInt64 / 100 * 100}
	have, err := follow.LastLines(file, file.size, follow.Last{N: 1000, Counts: counts, MaxLine: 1000})
	if want := file.size - 100*1000; have != want || err != nil {
		t.Errorf("have %d, %v; want %d", have, err, want)
	}
	if file.read > 300_000 {
		t.Errorf("%d bytes were read for 100000", file.read)
	}
	file.read = 0
	_, err = follow.LastLines(file, file.size, follow.Last{N: 10, Counts: counts, MaxLine: 1000, Skip: func(before int64) int64 { return min(before, 2000) }})
	if file.read > 300_000 || err != nil {
		t.Errorf("%d bytes were read where most are skipped, %v", file.read, err)
	}
}

func TestLastLinesFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	last := follow.Last{N: 1, Counts: counts, MaxLine: 100}
	if _, err := follow.LastLines(readerAt{iotest.ErrReader(broken)}, 100, last); err != broken {
		t.Errorf("error %v", err)
	}
	// A file that has become shorter is read from its start.
	if start, err := follow.LastLines(strings.NewReader("one\ntwo\n"), 100, last); start != 0 || err != nil {
		t.Errorf("have %d, %v", start, err)
	}
}

type readerAt struct{ io.Reader }

func (r readerAt) ReadAt(p []byte, _ int64) (int, error) { return r.Read(p) }
