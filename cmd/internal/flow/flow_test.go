package flow_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
)

// numbered returns events of so many types: 0, 1, 2.
func numbered(n int) (lines []string) {
	for i := range n {
		lines = append(lines, `{"event_type": "`+strconv.Itoa(i)+`"}`+"\n")
	}
	return lines
}

// A byLine is a reader that returns a line at a time, and then what end does.
type byLine struct {
	lines []string
	end   func() error
}

func (r *byLine) Read(p []byte) (int, error) {
	if len(r.lines) == 0 {
		return 0, r.end()
	}
	n := copy(p, r.lines[0])
	r.lines = r.lines[1:]
	return n, nil
}

// run runs a flow with two workers, of lines that take allows to be taken, and returns what
// came out.
func run(t *testing.T, ctx context.Context, in io.Reader, take func(number int)) (string, error) {
	t.Helper()
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("it takes two workers")
	}
	var out, said bytes.Buffer
	reports := report.New("test", &said)
	f := flow.New([]*input.Input{input.OfReader("stdin", in)}, reports)
	f.Jobs = 2
	f.Destinations = fanout.New(fanout.Options{Out: &out, Reports: reports})
	to, err := f.Destinations.Add(fanout.Role{}, "-")
	if err != nil {
		t.Fatal(err)
	}
	f.Outlets = []flow.Outlet{{To: to, Take: func(_ context.Context, dst []byte, e *flow.Event) ([]byte, bool, error) {
		number, _ := strconv.Atoi(string(e.Text(e.Lookup("event_type"))))
		take(number)
		return append(append(dst, e.Line()...), '\n'), true, nil
	}}}
	err = f.Run(ctx)
	if said.Len() > 0 {
		t.Errorf("messages: %s", &said)
	}
	return out.String(), err
}

// While the first block is checked others are, and wait for it.
func TestOrder(t *testing.T) {
	t.Parallel()
	lines := numbered(50)
	others := make(chan bool)
	have, err := run(t, t.Context(), &byLine{lines, func() error { return io.EOF }}, func(number int) {
		switch {
		case number == 0:
			<-others
			<-others
		case number < 3:
			others <- true
		}
	})
	if want := strings.Join(lines, ""); err != nil || have != want {
		t.Errorf("%v,\n%s, want\n%s", err, have, want)
	}
}

// What was read when a flow is interrupted is passed on, even if it was not checked yet.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	lines := numbered(3)
	interrupted := errors.New("interrupted")
	ctx, interrupt := context.WithCancelCause(t.Context())
	waits := func() error {
		interrupt(interrupted)
		<-t.Context().Done()
		return io.EOF
	}
	have, err := run(t, ctx, &byLine{lines, waits}, func(number int) {
		if number == 0 {
			<-ctx.Done()
		}
	})
	if want := strings.Join(lines, ""); err != interrupted || have != want {
		t.Errorf("%v,\n%s, want\n%s", err, have, want)
	}
}
