//go:build unix

package fanout_test

import (
	"bufio"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"auditctl/cmd/internal/fanout"
)

// Lines of several that write to a FIFO at once do not mix, though a pipe does not take them
// at once, whether or not they may stall or wait in a spool.
func TestFIFOTogether(t *testing.T) {
	t.Parallel()
	fifo := makeFIFO(t)
	r := openFIFO(t, fifo)
	const each = 3
	var said buffer
	var writers sync.WaitGroup
	want := map[string]int{}
	for i := range 9 {
		opts := options(&said)
		opts.After = func(time.Duration) <-chan time.Time { return nil }
		switch i % 3 {
		case 1:
			opts.Stall = time.Hour
		case 2:
			opts.Spool, opts.SpoolAfter = t.TempDir(), time.Hour
		}
		line := fmt.Sprintf(`{"event_type": "%s"}`, strings.Repeat(fmt.Sprint(i), 100_000))
		want[line] = each
		set := fanout.New(opts)
		all, err := set.Add(fanout.Role{}, fifo)
		if err == nil {
			err = set.Open(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		writers.Go(func() {
			defer set.Close()
			for range each {
				if err := send(set, all, line+"\n"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	lines := bufio.NewReader(r)
	for range each * len(want) {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		want[strings.TrimSuffix(line, "\n")]--
	}
	writers.Wait()
	for line, n := range want {
		if n != 0 {
			t.Errorf("%d bytes %.30s: %d are missing", len(line), line, n)
		}
	}
	if said.String() != "" {
		t.Errorf("said %q", &said)
	}
}
