package fanout_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/sequence"
)

// numbering returns options for numbering by the counter beside a file.
func numbering(said *buffer, file string) fanout.Options {
	opts := options(said)
	opts.Sequence = &fanout.Sequence{File: file}
	return opts
}

// newFiles returns an open Set of files and writers.
func newFiles(t *testing.T, opts fanout.Options, files []string, writers ...*buffer) (*fanout.Set, fanout.Group) {
	t.Helper()
	set := fanout.New(opts)
	all, err := set.Add(fanout.Role{}, files...)
	for i, w := range writers {
		to, addErr := set.AddWriter(fmt.Sprint("w", i+1), w)
		all, err = append(all, to...), errors.Join(err, addErr)
	}
	if err := errors.Join(err, set.Open(t.Context())); err != nil {
		t.Fatal(err)
	}
	return set, all
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var seqs = regexp.MustCompile(`"seq": (\d+)`)

// numbersIn returns the numbers of lines in their order, followed by a space each.
func numbersIn(lines string) string {
	var all strings.Builder
	for _, match := range seqs.FindAllStringSubmatch(lines, -1) {
		all.WriteString(match[1] + " ")
	}
	return all.String()
}

func upTo(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprint(&all, i+1, " ")
	}
	return all.String()
}

// However many write to a file at once, its lines are in the order of their numbers, which
// are all there, also where it is rotated.
func TestSequenceTogether(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1000} {
		dir := t.TempDir()
		file := filepath.Join(dir, "a")
		var said buffer
		var writers sync.WaitGroup
		for range 20 {
			opts := numbering(&said, file)
			opts.Files.Rotate.Size = size
			set, all := newFiles(t, opts, []string{file})
			writers.Go(func() {
				defer set.Close()
				for range 5 {
					if err := send(set, all, line+line1+line2); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		text := readFile(t, file)
		for n := 1; ; n++ {
			older, err := os.ReadFile(fmt.Sprintf("%s.%d", file, n))
			if err != nil {
				if size > 0 && n < 10 {
					t.Errorf("it was rotated %d times", n-1)
				}
				break
			}
			text = string(older) + text
		}
		if got := numbersIn(text); got != upTo(300) {
			t.Errorf("the numbers are %s", got)
		}
		if said.String() != "" {
			t.Errorf("said %q", &said)
		}
	}
}

// All destinations get the same lines, and those that get some of them get these.
func TestSequenceDeliveries(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a")
	var said, all, some buffer
	set, to := newFiles(t, numbering(&said, file), []string{file}, &all, &some)
	err := set.Send([]fanout.Delivery{
		{To: to[:2], Lines: []byte(line1 + line2 + line1 + line + line2)},
		{To: to[2:], Lines: []byte(line2 + line + line2)},
	})
	set.Close()
	if err != nil || said.String() != "" {
		t.Errorf("%v, said %q", err, &said)
	}
	lines := strings.SplitAfter(all.String(), "\n")
	if text := readFile(t, file); numbersIn(text) != upTo(5) || text != all.String() {
		t.Errorf("%s; the other has %s", text, &all)
	}
	if some.String() != lines[1]+lines[3]+lines[4] {
		t.Errorf("the last has %s", &some)
	}
}

// A line in pieces stays as it is, and what looks like an event within it gets no number.
func TestSequencePieces(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a")
	var said, other buffer
	set, all := newFiles(t, numbering(&said, file), []string{file}, &other)
	err := errors.Join(beginLine(set, all, `{"a": `), send(set, all, `1, `), send(set, all, line), send(set, all, line1))
	set.Close()
	text := readFile(t, file)
	if err != nil || !strings.HasPrefix(text, `{"a": 1, `+line) || numbersIn(text) != "1 " || text != other.String() {
		t.Errorf("%v: %s; the other has %s", err, text, &other)
	}
}

// If the file fails, the others go on, and their numbers too: what the file lacks is a gap.
func TestSequenceWithoutItsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a")
	var said, other buffer
	set, all := newFiles(t, numbering(&said, file), []string{file}, &other)
	err := send(set, all, line1)
	if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
		t.Fatal(err)
	}
	err = errors.Join(err, send(set, all, line2), send(set, all, line))
	set.Close()
	if err != nil || numbersIn(other.String()) != "1 2 3 " || strings.Count(said.String(), "\n") != 1 {
		t.Errorf("%v: %s; said %q", err, &other, &said)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	set, all = newFiles(t, numbering(&said, file), []string{file})
	err = send(set, all, line)
	set.Close()
	if text := readFile(t, file); err != nil || numbersIn(text) != "4 " {
		t.Errorf("%v: %s", err, text)
	}
}

// If the counter fails, that is said once, and the lines are written without numbers.
func TestSequenceWithoutItsCounter(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a")
	var said, other buffer
	set, all := newFiles(t, numbering(&said, file), []string{file}, &other)
	err := send(set, all, line1)
	if err := errors.Join(os.Remove(sequence.CounterPath(file)), os.Mkdir(sequence.CounterPath(file), 0o700)); err != nil {
		t.Fatal(err)
	}
	err = errors.Join(err, send(set, all, line2), send(set, all, line))
	set.Close()
	text := readFile(t, file)
	if err != nil || numbersIn(text) != "1 " || !strings.HasSuffix(text, "\n"+line2+line) || text != other.String() {
		t.Errorf("%v: %s; the other has %s", err, text, &other)
	}
	if strings.Count(said.String(), "\n") != 1 || !strings.HasSuffix(said.String(), "; events get no numbers\n") {
		t.Errorf("said %q", &said)
	}
}

// Lines that are sent again because a destination does not have them keep their numbers.
func TestSequenceAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a")
	var said buffer
	w, routed := &faulty{}, &buffer{}
	opts := numbering(&said, file)
	opts.Retry = true
	set := fanout.New(opts)
	all, err1 := set.Add(fanout.Role{}, file)
	other, err2 := set.AddWriter("w", w)
	route, err3 := set.AddWriter("r", routed)
	err := errors.Join(err1, err2, err3, set.Open(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	sendAll := func(lines, chosen string) error {
		return set.Send([]fanout.Delivery{{To: append(all, other...), Lines: []byte(lines)}, {To: route, Lines: []byte(chosen)}})
	}
	err = sendAll(line1, "")
	w.err = errors.New("full")
	missed1, missed2 := sendAll(line1+line2, line2), sendAll(line1+line2, line2)
	w.err = nil
	err = errors.Join(err, sendAll(line1+line2, line2), sendAll(line1+line2, ""), sendAll(line1+line2, ""))
	set.Close()
	if err != nil || missed1 != fanout.ErrMissed || missed2 != fanout.ErrMissed {
		t.Errorf("%v, %v, %v", missed1, missed2, err)
	}
	if text := readFile(t, file); numbersIn(text) != "1 2 3 2 3 2 3 4 5 6 7 " || numbersIn(w.String()) != upTo(7) || numbersIn(routed.String()) != "3 3 3 " {
		t.Errorf("the numbers are %s, %s and %s", numbersIn(text), numbersIn(w.String()), numbersIn(routed.String()))
	}
}

// A counter that cannot be opened is opened again, if destinations are.
func TestSequenceCounterAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "later")
	file := filepath.Join(dir, "a")
	var said buffer
	opts := numbering(&said, file)
	opts.Retry = true
	set, all := newFiles(t, opts, []string{file})
	missed1, missed2 := send(set, all, line1), send(set, all, line1)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	err := errors.Join(send(set, all, line1), send(set, all, line2))
	set.Close()
	if text := readFile(t, file); err != nil || missed1 != fanout.ErrMissed || missed2 != fanout.ErrMissed || numbersIn(text) != upTo(2) {
		t.Errorf("%v, %v, %v: %s", missed1, missed2, err, text)
	}
	if got := said.String(); strings.Count(got, "events get no numbers\n") != 1 || strings.Count(got, "a.seq: it works again\n") != 1 {
		t.Errorf("said %q", got)
	}
}

// A counter that another process has locked is waited for as long as a destination.
func TestSequenceStalled(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a")
	other, err := sequence.OpenCounter(file, sequence.CounterOptions{})
	if err == nil {
		err = other.Lock()
	}
	if err != nil {
		t.Fatal(err)
	}
	var said, also buffer
	opts := numbering(&said, file)
	opts.Stall = time.Second
	over := make(chan time.Time, 1)
	opts.After = func(time.Duration) <-chan time.Time { return over }
	set, all := newFiles(t, opts, []string{file}, &also)
	over <- time.Time{}
	if err := send(set, all, line1); err != nil {
		t.Error(err)
	}
	if n := set.GivenUp(); n != 1 {
		t.Errorf("%d writes were given up", n)
	}
	set.Close()
	other.Close()
	if text := readFile(t, file); text != line1 || text != also.String() {
		t.Errorf("%s; the other has %s", text, &also)
	}
	if !strings.HasSuffix(said.String(), "/a.seq: took no data for 1s; events get no numbers\n") {
		t.Errorf("said %q", &said)
	}
	// Nobody keeps it locked.
	set, all = newFiles(t, numbering(&said, file), []string{file})
	if err := send(set, all, line2); err != nil {
		t.Error(err)
	}
	set.Close()
}
