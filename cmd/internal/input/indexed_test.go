package input_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
)

// An overview skips blocks whatever is in them.
type overview func(b *index.Block) bool

func (o overview) Skip(b *index.Block) (int64, bool) { return 0, o(b) }
func (o overview) Skipped(*index.Block)              {}

// numbered returns events with their numbers, each of which is a block of its own.
func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"event_type": "e%d"}`+"\n", i)
	}
	return b.String()
}

// newLog returns the path of a log with an index.
func newLog(t *testing.T, text string, blockSize int) (path string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("it has no change times that users cannot set")
	}
	path = filepath.Join(t.TempDir(), "log.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := index.Make(t.Context(), path, &index.Options{BlockSize: blockSize}); err != nil {
		t.Fatal(err)
	}
	return path
}

// readIndexed returns the lines that are read, and how many are skipped. Their numbers must be
// right.
func readIndexed(t *testing.T, in *input.Input, opts *input.Options) (lines string, skipped int64) {
	t.Helper()
	var all strings.Builder
	src := input.Sequence([]*input.Input{in}, opts)
	defer src.Close()
	for b := new(input.Block); src.Next(b); {
		if b.Err != nil {
			t.Fatal(b.Err)
		}
		n := int64(bytes.Count(b.Lines, []byte("\n")))
		if first, _, some := bytes.Cut(b.Lines, []byte("\n")); some {
			if want := fmt.Sprintf(`{"event_type": "e%d"}`, b.Line(1)-1); string(first) != want {
				t.Errorf("line %d is %s", b.Line(1), first)
			}
		}
		all.Write(b.Lines)
		skipped += b.Skipped.Lines
		b.Pass(n + b.Skipped.Lines)
	}
	return all.String(), skipped
}

// Only blocks that are not skipped are read, and what is in none.
func TestSequenceSkips(t *testing.T) {
	t.Parallel()
	path := newLog(t, numbered(0, 20_000), 1)
	text := numbered(0, 20_000)
	for name, skips := range map[string]func(at int64) bool{
		"none":            func(int64) bool { return false },
		"all":             func(int64) bool { return true },
		"every other":     func(at int64) bool { return at%2 == 0 },
		"the first":       func(at int64) bool { return at < 300_000 },
		"the last":        func(at int64) bool { return at > 300_000 },
		"some in between": func(at int64) bool { return 100 < at && at < 400_000 },
		"but a few":       func(at int64) bool { return at < 200_000 || 200_100 < at },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want strings.Builder
			at, skipped := int64(0), int64(0)
			for line := range strings.Lines(text) {
				if skips(at) {
					skipped++
				} else {
					want.WriteString(line)
				}
				at += int64(len(line))
			}
			in := input.New([]string{path}, nil)[0]
			have, haveSkipped := readIndexed(t, in, &input.Options{MaxLine: 1000, Overview: overview(func(b *index.Block) bool { return skips(b.Start) })})
			if have != want.String() || haveSkipped != skipped {
				t.Errorf("%d bytes were read and %d lines skipped, want %d and %d", len(have), haveSkipped, want.Len(), skipped)
			}
			if in.BytesRead() != int64(len(text)) {
				t.Errorf("%d bytes of %d", in.BytesRead(), len(text))
			}
		})
	}
}

// Of a log that has grown nothing is skipped before all of it was compared, and of one that
// was changed nothing at all. What was added is read.
func TestSequenceComparesWhatHasGrown(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]bool{"grown": false, "changed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newLog(t, numbered(0, 100), 1)
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			added := numbered(100, 110)
			f.WriteAt([]byte(added), int64(len(numbered(0, 100))))
			if change {
				f.WriteAt([]byte("E"), int64(strings.Index(numbered(0, 100), "e50")))
			}
			var said bytes.Buffer
			opts := &input.Options{MaxLine: 1000, Overview: overview(func(*index.Block) bool { return true }), Reports: report.New("test", &said)}
			have, skipped := readIndexed(t, input.New([]string{path}, nil)[0], opts)
			switch {
			case change && (skipped != 0 || !strings.Contains(said.String(), path+".idx is not used")):
				t.Errorf("%d lines were skipped, and it said %q", skipped, said.String())
			case !change && (have != added || skipped != 100 || said.Len() > 0):
				t.Errorf("%d lines were skipped, and it said %q, of %s", skipped, said.String(), have)
			}
		})
	}
}

// The last events are read from within the last block on, with the line after it that has no
// line feed, and so is in none.
func TestLastGoesOnAfterTheLastBlock(t *testing.T) {
	t.Parallel()
	path := newLog(t, strings.TrimSuffix(numbered(0, 12), "\n"), 1<<20)
	wanted := func() selection.Predicate { return func(*events.Scanner) bool { return true } }
	opts := &input.Options{MaxLine: 1000, Last: &input.Last{N: 4, Wanted: wanted}, Overview: overview(func(*index.Block) bool { return false })}
	if have, _ := readIndexed(t, input.New([]string{path}, nil)[0], opts); have != numbered(8, 12) {
		t.Errorf("read %s", have)
	}
}

// Where the last events are is found without what is skipped.
func TestLastSkips(t *testing.T) {
	t.Parallel()
	path := newLog(t, numbered(0, 1000), 1)
	looked := 0
	wanted := func() selection.Predicate {
		return func(s *events.Scanner) bool {
			looked++
			return true
		}
	}
	opts := &input.Options{MaxLine: 1000, Last: &input.Last{N: 3, Wanted: wanted}, Overview: overview(func(b *index.Block) bool { return b.Lines > 0 && b.Start > 100 })}
	readIndexed(t, input.New([]string{path}, nil)[0], opts)
	if looked > 10 {
		t.Errorf("%d lines were looked at", looked)
	}
}
