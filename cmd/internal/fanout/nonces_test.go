package fanout_test

import (
	"errors"
	"strings"
	"testing"

	"auditctl/cmd/internal/fanout"
)

// All destinations get the same lines, and those that get some of them get these. Lines that
// are sent again because a destination does not have them keep their nonces.
func TestNonces(t *testing.T) {
	t.Parallel()
	var said, all, some buffer
	opts := options(&said)
	opts.Nonces, opts.Retry = &fanout.Nonces{}, true
	set := fanout.New(opts)
	w := &faulty{}
	one, err1 := set.AddWriter("w", w)
	two, err2 := set.AddWriter("all", &all)
	three, err3 := set.AddWriter("some", &some)
	if err := errors.Join(err1, err2, err3, set.Open(t.Context())); err != nil {
		t.Fatal(err)
	}
	sendAll := func() error {
		return set.Send([]fanout.Delivery{{To: append(one, two...), Lines: []byte(line1 + line2 + line1)}, {To: three, Lines: []byte(line2)}})
	}
	w.err = errors.New("full")
	missed := sendAll()
	w.err = nil
	err := errors.Join(sendAll(), sendAll())
	set.Close()
	if err != nil || missed != fanout.ErrMissed {
		t.Errorf("%v, %v", missed, err)
	}
	lines := strings.SplitAfter(all.String(), "\n")
	if len(lines) != 10 || lines[0] == lines[2] || !strings.Contains(lines[0], `"nonce"`) {
		t.Fatalf("it has %q", lines)
	}
	first, second := strings.Join(lines[:3], ""), strings.Join(lines[6:9], "")
	if all.String() != first+first+second || first == second {
		t.Errorf("sent again: %s", &all)
	}
	if w.String() != first+second {
		t.Errorf("the one that failed has %s", w)
	}
	if some.String() != lines[1]+lines[4]+lines[7] {
		t.Errorf("the last has %s", &some)
	}
}

// A line in pieces stays as it is.
func TestNoncesPieces(t *testing.T) {
	t.Parallel()
	var said, w buffer
	opts := options(&said)
	opts.Nonces = &fanout.Nonces{}
	set, all := newSet(t, t.Context(), opts, &w)
	err := errors.Join(beginLine(set, all, `{"a": `), send(set, all, `1, `), send(set, all, line), send(set, all, line1))
	set.Close()
	if err != nil || !strings.HasPrefix(w.String(), `{"a": 1, `+line) || strings.Count(w.String(), `"nonce"`) != 1 {
		t.Errorf("%v: %s", err, &w)
	}
}
