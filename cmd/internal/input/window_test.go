package input_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/cmd/internal/input"
)

const window = 10 * time.Second

// event returns an event of a time in milliseconds.
func event(at int, more string) string {
	t := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC).Add(time.Duration(at) * time.Millisecond)
	return fmt.Sprintf(`{"event_type": "e", "timestamp": "%s", "more": "%s"}`+"\n", t.Format(time.RFC3339Nano), more)
}

// disorders returns what a source says about the order of its lines.
func disorders(src input.Source) (lines string, said []string) {
	defer src.Close()
	var all strings.Builder
	for b := new(input.Block); src.Next(b); {
		all.Write(b.Lines)
		if b.Disorder != "" {
			said = append(said, b.Disorder)
		}
	}
	return all.String(), said
}

// Lines that are late by less than the window are in the order of a stable sort, however
// the files are read, and lines without a time stay where they are.
func TestMergeWindow(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	type line struct {
		at   int
		text string
	}
	var all []line
	var paths []string
	dir := t.TempDir()
	for file := range 4 {
		var text strings.Builder
		last := line{at: -1}
		for n, now := 0, 0; n < 1000; n++ {
			now += random.IntN(20)
			last.at = max(now-random.IntN(int(window.Milliseconds())), 0)
			id := fmt.Sprint(file, " ", n, " ", strings.Repeat("x", random.IntN(2000)))
			switch random.IntN(20) {
			case 0:
				if n > 0 {
					last = line{all[len(all)-1].at, `{"event_type": "untimed", "more": "` + id + "\"}\n"}
					break
				}
				fallthrough
			default:
				last.text = event(last.at, id)
			}
			text.WriteString(last.text)
			all = append(all, last)
		}
		paths = append(paths, filepath.Join(dir, fmt.Sprint(file)))
		if err := os.WriteFile(paths[file], []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.at - b.at })
	var want strings.Builder
	for _, l := range all {
		want.WriteString(l.text)
	}
	for _, most := range []int{0, 2} {
		for _, name := range []string{"", "-"} {
			inputs := input.New(paths, nil)
			if name == "-" { // which is read as what may pause
				first, err := os.ReadFile(paths[0])
				if err != nil {
					t.Fatal(err)
				}
				inputs = append(input.New([]string{"-"}, bytes.NewReader(first)), inputs[1:]...)
			}
			have, said := disorders(input.Merge(inputs, &input.Options{MaxLine: 1 << 20, MostOpen: most, Window: window}))
			if have != want.String() || said != nil {
				t.Errorf("%d files open, first input %q: not in order, %q", most, name, said)
			}
		}
	}
}

// Of lines that are too many to wait, the earliest is passed on, and what is late after that
// is said to be.
func TestMergeWindowIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	paths := append(slices.Repeat([]string{os.DevNull}, 63), path) // each may take 1 MiB
	var text strings.Builder
	for text.Len() < 3<<19 {
		text.WriteString(event(2, strings.Repeat("x", 1000)))
	}
	in := text.String()
	for _, test := range []struct {
		first, last int
		want        []string
	}{
		{first: 1, last: 2},
		{first: 3, last: 2}, // which it still waited for
		{first: 1, last: 1, want: []string{path + ":%d: 1ms earlier than an event before it, which was passed on because too many events waited"}},
	} {
		first, last := event(test.first, "first"), event(test.last, "last")
		if err := os.WriteFile(path, []byte(first+in+last), 0o600); err != nil {
			t.Fatal(err)
		}
		for i := range test.want {
			test.want[i] = fmt.Sprintf(test.want[i], strings.Count(in, "\n")+2)
		}
		have, said := disorders(input.Merge(input.New(paths, nil), &input.Options{MaxLine: 1 << 20, Window: window}))
		if !slices.Equal(said, test.want) {
			t.Errorf("%q, want %q", said, test.want)
		}
		if len(have) != len(first+in+last) || strings.Count(have, first) != 1 || strings.Count(have, last) != 1 {
			t.Error("lines are lost, or twice")
		}
	}
}

// A line that is too long for memory does not overtake the lines before it.
func TestMergeWindowPieces(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	long := strings.Repeat("x", 1<<20) + "\n"
	text := event(5, "") + event(3, "") + long + event(1, "") + event(7, "")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	other := path + "2"
	if err := os.WriteFile(other, []byte(event(4, "other")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{0, 1} {
		have, said := disorders(input.Merge(input.New([]string{path, other}, nil), &input.Options{MaxLine: 1000, MostOpen: most, Window: window}))
		want := event(3, "") + event(4, "other") + event(5, "") + long + event(1, "") + event(7, "")
		if have != want || len(said) != 1 || !strings.HasPrefix(said[0], path+":4: 4ms earlier") {
			t.Errorf("%d files open: %q, %d bytes", most, said, len(have))
		}
	}
}

// Merging allocates nothing for each line, late or not.
func TestMergeAllocations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	allocs := func(n int) float64 {
		var text strings.Builder
		for i := range n {
			text.WriteString(event(100*i-i%2*1000, ""))
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		b := new(input.Block)
		return testing.AllocsPerRun(3, func() {
			src := input.Merge(input.New([]string{path}, nil), &input.Options{MaxLine: 1000, Window: window})
			for src.Next(b) {
			}
		})
	}
	if few, many := allocs(5_000), allocs(50_000); many-few > 450 {
		t.Errorf("%v allocations for 5,000 lines, %v for 50,000", few, many)
	}
}

// A feed is a pipe to which lines are written without waiting.
type feed chan string

func (f feed) Read(p []byte) (int, error) {
	text, ok := <-f
	if !ok {
		return 0, io.EOF
	}
	return copy(p, text), nil
}

func (f feed) write(lines ...string) { f <- strings.Join(lines, "") }

// A merged is what was merged so far.
type merged struct {
	t     *testing.T
	mu    sync.Mutex
	lines string
	said  []string
}

// merging merges pipes in the background.
func merging(t *testing.T, n int) (*merged, []feed) {
	var inputs []*input.Input
	var feeds []feed
	for i := range n {
		feeds = append(feeds, make(feed, 10))
		inputs = append(inputs, input.New([]string{"-"}, feeds[i])...)
	}
	m := &merged{t: t}
	go func() {
		src := input.Merge(inputs, &input.Options{MaxLine: 1000, Window: window})
		defer src.Close()
		for b := new(input.Block); src.Next(b); {
			m.mu.Lock()
			m.lines += string(b.Lines)
			if b.Disorder != "" {
				m.said = append(m.said, b.Disorder)
			}
			m.mu.Unlock()
		}
	}()
	return m, feeds
}

// want checks what was merged since the last time.
func (m *merged) want(lines ...string) {
	m.t.Helper()
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	if want := strings.Join(lines, ""); m.lines != want {
		m.t.Errorf("merged:\n%swant:\n%s", m.lines, want)
	}
	m.lines = ""
}

// Lines of a pipe wait as long as others come, but not while it pauses.
func TestMergePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, feeds := merging(t, 1)
		feeds[0].write(event(5000, ""))
		m.want()
		time.Sleep(time.Second / 3)
		feeds[0].write(event(1000, ""))
		time.Sleep(time.Second / 3)
		m.want()
		time.Sleep(time.Second)
		m.want(event(1000, ""), event(5000, ""))

		feeds[0].write(event(7000, ""), event(6000, ""), event(17000, ""))
		m.want(event(6000, ""), event(7000, "")) // nothing earlier can follow
		if m.said != nil {
			t.Errorf("%q", m.said)
		}
		time.Sleep(time.Second)
		m.want(event(17000, ""))
		feeds[0].write(event(16000, ""))
		time.Sleep(time.Second)
		m.want(event(16000, ""))
		if want := "stdin:6: 1s earlier than an event before it, which was passed on when the input paused"; !slices.Equal(m.said, []string{want}) {
			t.Errorf("%q, want %q", m.said, want)
		}
		feeds[0].write(event(18000, ""), event(17500, ""))
		close(feeds[0])
		m.want(event(17500, ""), event(18000, ""))
	})
}

// While one of several pipes is waited for, the others go on.
func TestMergePauseOfSeveral(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, feeds := merging(t, 3)
		for i, feed := range feeds {
			feed.write(event(5000+i, ""))
		}
		m.want()
		time.Sleep(time.Second) // for all of them, not for one after the other
		m.want(event(5000, ""))
		feeds[1].write(event(1000, ""), event(6000, "")) // before anything later was passed on of it
		time.Sleep(time.Second)
		m.want()
		feeds[0].write(event(9000, ""))
		time.Sleep(time.Second)
		m.want(event(1000, ""), event(5001, ""), event(5002, ""))
		close(feeds[2])
		m.want(event(6000, ""))
		close(feeds[0])
		m.want()
		close(feeds[1])
		m.want(event(9000, ""))
		if len(m.said) != 1 || !strings.Contains(m.said[0], "stdin:2: 4.001s earlier") {
			t.Errorf("%q", m.said)
		}
	})
}

// A pipe pauses although others do not.
func TestMergePauseOfOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, feeds := merging(t, 2)
		feeds[1].write(event(1000, ""))
		for i := range 10 {
			feeds[0].write(event(20_000+i, "")) // which wait for later ones
			time.Sleep(time.Second / 10)
		}
		m.want()
		feeds[0].write(event(40_000, ""))
		m.want(event(1000, ""))
		close(feeds[0])
		close(feeds[1])
		synctest.Wait()
	})
}
