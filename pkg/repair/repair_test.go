package repair_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/repair"
)

const (
	a = `{"event_type": "a", "metadata": {"x": [1, "y"]}, "text": "caf\u00e9 é \"q\"", "n": 12.5, "ok": true}`
	b = `{"event_type":"b"}`
)

// told writes the parts as a test names them: events in [brackets].
func told(line string) (parts []string) {
	for _, p := range repair.Split([]byte(line)) {
		text := string(p.Text)
		if p.Event {
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	return parts
}

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		line string
		want []string
	}{
		{"", nil},
		{" \t\r", nil},
		{a, []string{"[" + a + "]"}},
		{" " + a + " \r", []string{"[" + a + "]"}},
		{a + b, []string{"[" + a + "]", "[" + b + "]"}},
		{a + " " + b + "\r", []string{"[" + a + "]", "[" + b + "]"}},
		{b + "{}" + b, []string{"[" + b + "]", "{}", "[" + b + "]"}},
		{"\x00\x00" + a + "\x00" + b + "\x00", []string{"[" + a + "]", "[" + b + "]"}},
		{`{"event_ty` + "\x00\x00" + b, []string{`{"event_ty`, "[" + b + "]"}},

		// Lines of an array.
		{"[" + b + "," + a + "]", []string{"[" + b + "]", "[" + a + "]"}},
		{" [ " + b + " , {} ] ", []string{"[" + b + "]", "{}"}},
		{"[" + b + ",\r", []string{"[" + b + "]"}},
		{b + ",", []string{"[" + b + "]"}},
		{"," + b, []string{"[" + b + "]"}},
		{", " + b + "]", []string{"[" + b + "]"}},
		{b + "," + b + "]", []string{"[" + b + "]", "[" + b + "]"}},
		{"[", nil},
		{"]", nil},
		{",", nil},
		{"[]", nil},
		{"[" + b + "," + b + `,{"event_ty`, []string{"[" + b + "]", "[" + b + "]", `{"event_ty`}},
		{"[" + b + "x," + b + "]", []string{"[" + b + "]", "x," + b + "]"}},
		{"[nonsense]", []string{"[nonsense]"}},
		{"[1," + b + "]", []string{"[1," + b + "]"}},
		// Not certain: they may be the end of an object around them.
		{b + "," + b + `],"x":1}`, []string{"[" + b + "]", "," + b + `],"x":1}`}},
		{"," + b + `],"x":1}`, []string{"," + b + `],"x":1}`}},
		{`{"event_ty` + "\x00," + b + "]", []string{`{"event_ty`, "," + b + "]"}},

		// Byte order marks.
		{"\ufeff" + a, []string{"[" + a + "]"}},
		{"\ufeff\ufeff", nil},
		{a + "\ufeff" + b, []string{"[" + a + "]", "[" + b + "]"}},
		{"\ufeff[" + a + ",", []string{"[" + a + "]"}},
		{"\ufeff" + `{"event_type": "a", "te` + "\ufeff" + b + "\ufeff" + b, []string{`{"event_type": "a", "te`, "[" + b + "]", "[" + b + "]"}},
		{`{"event_type": "a", "n": 1` + "\ufeff" + b, []string{`{"event_type": "a", "n": 1`, "[" + b + "]"}},

		// Cut off, with another right after it.
		{`{"event_type": "a", "te` + b, []string{`{"event_type": "a", "te`, "[" + b + "]"}},
		{`{"event_type": "a", "text": "caf` + a + b, []string{`{"event_type": "a", "text": "caf`, "[" + a + "]", "[" + b + "]"}},
		{`{"event_type": "a", "text"` + b, []string{`{"event_type": "a", "text"`, "[" + b + "]"}},
		{`{"event_type": "a", "n": 1` + b, []string{`{"event_type": "a", "n": 1`, "[" + b + "]"}},
		{`{"event_type": "a", "n": 1.` + b, []string{`{"event_type": "a", "n": 1.`, "[" + b + "]"}},
		{`{"event_type": "a", "ok": tr` + b, []string{`{"event_type": "a", "ok": tr`, "[" + b + "]"}},
		{`{"event_type": "a", "t": "\u00` + b, []string{`{"event_type": "a", "t": "\u00`, "[" + b + "]"}},
		{`{"event_type": "a", "t": "\` + b, []string{`{"event_type": "a", "t": "\`, "[" + b + "]"}},
		{`{"event_type": "a", "t": "` + "\xe5\xae" + b, []string{`{"event_type": "a", "t": "` + "\xe5\xae", "[" + b + "]"}},
		{`{"event_type": "a", "m": {"x": [1` + b, []string{`{"event_type": "a", "m": {"x": [1`, "[" + b + "]"}},
		{`{"x": "` + `{"y": "` + b, []string{`{"x": "` + `{"y": "` + b}},

		// Not certain: it may be a value.
		{`{"event_type": "a", "metadata": ` + b, []string{`{"event_type": "a", "metadata": ` + b}},
		{`{"event_type": "a", "metadata": [` + b, []string{`{"event_type": "a", "metadata": [` + b}},
		// Not certain: it may stand in a string of what is lost.
		{`lost"}` + b, []string{`lost"}` + b}},
		{b + `lost"}` + b, []string{"[" + b + "]", `lost"}` + b}},
		// Not certain: it may be a part of the object around it.
		{`{"event_type":"t","r":"{"event_type":"error"}","y":2}`, []string{`{"event_type":"t","r":"{"event_type":"error"}","y":2}`}},
		{`{"event_type":"t","x":1{"event_type":"n"},"y":2}`, []string{`{"event_type":"t","x":1{"event_type":"n"},"y":2}`}},
		{`{"event_type":"t","l":[{"event_type":"x"}{"event_type":"y"}]}`, []string{`{"event_type":"t","l":[{"event_type":"x"}{"event_type":"y"}]}`}},
		{`{"event_type":"t","x" {"event_type":"n"}}`, []string{`{"event_type":"t","x" {"event_type":"n"}}`}},
		{`{"event_type":"t","x":` + "\x00" + b + `}`, []string{`{"event_type":"t","x":`, b + `}`}},
		{`{"event_type":"t","x":"` + "\x00" + b + "\x00" + `"}`, []string{`{"event_type":"t","x":"`, b, `"}`}},
		{`{"event_ty` + "\x00" + b + "\x00 " + b, []string{`{"event_ty`, "[" + b + "]", "[" + b + "]"}},
		// Cut off, with what is not an event after it.
		{`{"event_type": "a", "te{"x":1}`, []string{`{"event_type": "a", "te{"x":1}`}},
		{a[:40], []string{a[:40]}},
	} {
		if got := told(test.line); !slices.Equal(got, test.want) {
			t.Errorf("%q is\n%q, want\n%q", test.line, got, test.want)
		}
	}
}

// Wherever an event is cut off and another one follows, that one is found, but
// where it may be a value.
func TestSplitEveryCut(t *testing.T) {
	for cut := 1; cut < len(a); cut++ {
		head := a[:cut]
		got := told(head + b)
		want := []string{strings.TrimRight(head, " "), "[" + b + "]"}
		if mayTakeValue := json.Valid([]byte(head + `{}` + closers(head))); mayTakeValue {
			want = []string{head + b}
		}
		if !slices.Equal(got, want) {
			t.Errorf("cut at %d: %q, want %q", cut, got, want)
		}
	}
}

// closers returns what closes the open containers of a text that does not end in
// a string.
func closers(text string) string {
	var open []byte
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{':
			open = append(open, '}')
		case c == '[':
			open = append(open, ']')
		case c == '}', c == ']':
			open = open[:len(open)-1]
		}
	}
	slices.Reverse(open)
	return string(open)
}

func TestSplitErrors(t *testing.T) {
	parts := repair.Split([]byte("\x00" + b + `{"x": tru` + b + "\x00{}" + "nonsense"))
	var columns []int
	for _, p := range parts {
		if (p.Err == nil) != p.Event {
			t.Errorf("%q: event %t, error %v", p.Text, p.Event, p.Err)
		}
		if p.Err != nil {
			columns = append(columns, p.Err.Column)
		}
	}
	if want := []int{1 + len(b) + len(`{"x": `) + 1, 1 + len(b) + len(`{"x": tru`) + len(b) + 2}; !slices.Equal(columns, want) {
		t.Errorf("columns %d, want %d", columns, want)
	}
}

// Whatever a line is: nothing of it is lost but NUL bytes, white space, byte order
// marks and what an array has around its elements; and what is called an event is one.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", a, a + b, a[:50] + b, "\x00" + a + "\x00\x00" + b, `{"x": "{"y": "` + b, "lost\"}" + b, "[" + a + "," + b + "]", "\ufeff" + a + "," + b} {
		f.Add([]byte(seed))
	}
	dense := func(text []byte) string {
		return strings.NewReplacer("\x00", "", " ", "", "\t", "", "\r", "", "\n", "", "\ufeff", "", "[", "", ",", "", "]", "").Replace(string(text))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var all []byte
		parts := repair.Split(line)
		for _, p := range parts {
			if _, err := events.Parse(p.Text); p.Event != (err == nil) && !(bytes.IndexByte(p.Text, '\n') >= 0) {
				t.Errorf("%q: event %t, but %v", p.Text, p.Event, err)
			}
			all = append(all, p.Text...)
		}
		if dense(all) != dense(line) {
			t.Errorf("%q became %q", line, all)
		}
		if _, err := events.Parse(bytes.TrimSpace(line)); err == nil && bytes.IndexByte(line, '\n') < 0 && (len(parts) != 1 || !parts[0].Event) {
			t.Errorf("%q is an event, but became %v", line, parts)
		}
	})
}
