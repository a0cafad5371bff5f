package fanout_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/cmd/internal/fanout"
)

const (
	line1 = `{"event_type": "a", "n": 1}` + "\n"
	line2 = `{"event_type": "a", "n": 2}` + "\n"
)

// A faulty writer fails if it has an error, after it took a few bytes.
type faulty struct {
	buffer
	takes int
	err   error
}

func (w *faulty) Write(p []byte) (int, error) {
	if w.err == nil {
		return w.buffer.Write(p)
	}
	n, _ := w.buffer.Write(p[:min(w.takes, len(p))])
	return n, w.err
}

func retrying(said io.Writer) fanout.Options {
	opts := options(said)
	opts.Retry = true
	return opts
}

// A destination that fails gets what is sent to it once it works again, from the start of
// a line, and that is said.
func TestRetry(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	for name, test := range map[string]struct {
		takes int
		have  string
	}{
		"nothing":        {0, line + line2},
		"part of a line": {5, line + line1[:5] + "\n" + line2},
		"a line":         {len(line1), line + line1 + line2},
	} {
		var said, other buffer
		w := &faulty{takes: test.takes}
		set, all := newSet(t, t.Context(), retrying(&said), w, &other)
		err := send(set, all, line)
		w.err = full
		missed1 := send(set, all, line1)
		w.takes = 0
		missed2 := send(set, all, line1)
		w.err = nil
		err = errors.Join(err, send(set, all, line2))
		set.Close()
		if err != nil || missed1 != fanout.ErrMissed || missed2 != fanout.ErrMissed {
			t.Errorf("%s: Send = %v, %v, then %v", name, missed1, missed2, err)
		}
		if w.String() != test.have {
			t.Errorf("%s: it has %q", name, w)
		}
		if other.String() != line+line1+line1+line2 {
			t.Errorf("%s: the other has %q", name, &other)
		}
		if want := "test: write w1: full; it is tried again\ntest: write w1: it works again\n"; said.String() != want {
			t.Errorf("%s: said %q", name, &said)
		}
	}
}

// A destination that fails once the command is interrupted is not tried again, but it does
// not have what is sent from then on.
func TestRetryInterrupted(t *testing.T) {
	t.Parallel()
	var said, other buffer
	w := &faulty{}
	ctx, interrupt := context.WithCancel(t.Context())
	set, all := newSet(t, ctx, retrying(&said), w, &other)
	interrupt()
	err := send(set, all, line)
	w.err = errors.New("full")
	missed1, missed2 := send(set, all, line1), send(set, all, line2)
	set.Close()
	if err != nil || missed1 != fanout.ErrMissed || missed2 != fanout.ErrMissed {
		t.Errorf("Send = %v, then %v, %v", err, missed1, missed2)
	}
	if other.String() != line+line1+line2 {
		t.Errorf("the other has %q", &other)
	}
}

// A write that does not end is given up. While it goes on, the destination gets nothing
// else, and nobody waits for it; then it goes on with whole lines.
func TestRetryStalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		var said, other buffer
		set, all := newSet(t, t.Context(), retrying(&said), w, &other)
		for _, want := range []time.Duration{5 * time.Second, 0, 0} {
			start := time.Now()
			if err := send(set, all, line1); err != fanout.ErrMissed {
				t.Errorf("Send = %v", err)
			}
			if took := time.Since(start); took != want {
				t.Errorf("it took %v, want %v", took, want)
			}
		}
		if n := set.GivenUp(); n != 1 {
			t.Errorf("%d writes were given up", n)
		}
		have := make(chan string)
		go func() {
			text, _ := io.ReadAll(r)
			have <- string(text)
		}()
		synctest.Wait()
		if err := send(set, all, line2); err != nil {
			t.Error(err)
		}
		set.Close()
		w.Close()
		if text := <-have; text != line1+line2 || other.String() != strings.Repeat(line1, 3)+line2 {
			t.Errorf("it has %q; the other %q", text, &other)
		}
		const want = "test: write w1: took no data for 5s; it is tried again\ntest: write w1: it works again\n"
		if said.String() != want {
			t.Errorf("said %q", &said)
		}
	})
}

// A destination that failed within a line that comes in pieces gets no more of it.
func TestRetryPieces(t *testing.T) {
	t.Parallel()
	var said, other buffer
	w := &faulty{}
	set, all := newSet(t, t.Context(), retrying(&said), w, &other)
	var errs []error
	errs = append(errs, beginLine(set, all, line1[:5]))
	w.err = errors.New("full")
	errs = append(errs, send(set, all, line1[5:10]))
	w.err = nil
	errs = append(errs, send(set, all, line1[10:]), send(set, all, line2))
	set.Close()
	if want := []error{nil, fanout.ErrMissed, fanout.ErrMissed, nil}; !equal(errs, want) {
		t.Errorf("Send = %v", errs)
	}
	if w.String() != line1[:5]+"\n"+line2 || other.String() != line1+line2 {
		t.Errorf("it has %q, the other %q", w, &other)
	}
}

func equal(a, b []error) bool {
	for i := range b {
		if len(a) != len(b) || a[i] != b[i] {
			return false
		}
	}
	return true
}

// A file that cannot be opened is opened once it can be, and is emptied only once.
func TestRetryFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dir")
	path := filepath.Join(dir, "a.jsonl")
	var said buffer
	opts := retrying(&said)
	opts.Files.Truncate = true
	set := fanout.New(opts)
	all, err := set.Add(fanout.Role{}, path)
	if err := errors.Join(err, set.Open(t.Context())); err != nil {
		t.Fatal(err)
	}
	away := func() error { return os.Rename(dir, dir+".away") }
	back := func() error { return os.Rename(dir+".away", dir) }
	for i, step := range []struct {
		do   func() error
		want error
	}{
		{func() error { return nil }, fanout.ErrMissed},
		{func() error { os.Mkdir(dir, 0o700); return os.WriteFile(path, []byte("old\n"), 0o600) }, nil},
		{away, fanout.ErrMissed},
		{back, nil},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if err := send(set, all, line); err != step.want {
			t.Errorf("%d: Send = %v", i, err)
		}
	}
	set.Close()
	if have, _ := os.ReadFile(path); string(have) != line+line {
		t.Errorf("it has %q; said %q", have, &said)
	}
	if n := strings.Count(said.String(), "\n"); n != 4 {
		t.Errorf("said %q", &said)
	}
}

// What ends for good although others would be tried again.
func TestRetryNoMore(t *testing.T) {
	t.Parallel()
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		err  error
		stop bool
		want error
	}{
		"a pipe that nobody reads": {t.Context(), syscall.EPIPE, false, nil},
		"on-error stop":            {t.Context(), syscall.EIO, true, fanout.ErrEnough},
		"interrupted":              {interrupted, syscall.EIO, false, fanout.ErrMissed},
	} {
		var said, other buffer
		w := &faulty{err: test.err}
		opts := retrying(&said)
		opts.StopOnError = test.stop
		set, all := newSet(t, test.ctx, opts, w, &other)
		if err := send(set, all, line); err != test.want {
			t.Errorf("%s: Send = %v", name, err)
		}
		set.Close()
		if strings.Contains(said.String(), "again") {
			t.Errorf("%s: said %q", name, &said)
		}
	}
}
