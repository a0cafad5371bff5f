package terminal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"auditctl/cmd/internal/terminal"
)

// drives reports whether a character controls a terminal or is invisible.
func drives(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) ||
		unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' // which emoji and scripts need
}

// line is an event without anything to escape.
const line = `{"event_type": "base", "metadata": {"x": "\\u001b \\"y\\""}}` + "\n"

// harmless has marks, joiners and a selector where they belong.
const harmless = "{\"event_type\":\"完 é e\u0301 🛠\ufe0f 👩\u200d👩\u200d👧 می\u200cخواهم\"}"

// Lines are shown on a terminal as they are, except for what could control it.
func TestGuard(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":           "",
		line:         line,
		"\t{}\r\n\n": "\t{}\r\n\n",
		harmless:     harmless,

		// In strings these are legal, and keep their meaning.
		"{\"a\":\"\u009b31m \x7f \u202e \ufeff \u2028 \ufffd\"}": `{"a":"\u009b31m \u007f \u202e \ufeff \u2028 \ufffd"}`,
		"{\"\U000e0041\":\"ad\u200dmin\"}":                       `{"\udb40\udc41":"ad\u200dmin"}`,
		`{"a":"\\` + "\u009b" + `\"` + "\x7f" + `"}`:             `{"a":"\\\u009b\"\u007f"}`,

		// No event has these.
		"\x1b[31m \xff \xc2 \x7f \u009b \U000e0041\n": `\x1b[31m \xff \xc2 \x7f \u009b \U000e0041` + "\n",
		"{\"a\":\"\x1b[31m \xff\"}\n":                 `{"a":"\x1b[31m \xff"}` + "\n",
		"{\"a\":\"torn\n\x7f\"\x7f\"\n":               `{"a":"torn` + "\n" + `\x7f"\u007f"` + "\n",
		"\ufeff{}\rb\r\r\n":                           `\ufeff{}\rb\r` + "\r\n",
		"cut off \xe2\x80\n":                          `cut off \xe2\x80` + "\n",
	} {
		var out strings.Builder
		if n, err := terminal.NewGuard(&out).Write([]byte(in)); n != len(in) || err != nil {
			t.Errorf("%q: %d bytes, %v", in, n, err)
		}
		if out.String() != want {
			t.Errorf("%q is shown as %q, want %q", in, &out, want)
		}
	}
}

// Nothing that controls a terminal gets through, however the bytes are divided, and an
// event stays the same event.
func FuzzGuard(f *testing.F) {
	for _, text := range []string{
		line,
		"{\"a\":\"\u009b \x7f \u202e \U000e0041 \ufffd \\\\\u009b\\\"\u200d\", \"b\u2028\":[1.0, \"\\ud800\"]}\r\n",
		"\x1b[2J \"\xff\u009b\xc2\" \xe2\x80\n\ufeff{}\r\r\n", "a\u0301\u200d\ufe0f👩\u200d👧\U0001f3fb\ufe0f",
	} {
		f.Add([]byte(text), uint8(1))
		f.Add([]byte(text), uint8(7))
	}
	f.Fuzz(func(t *testing.T, text []byte, piece uint8) {
		text = append(text, '\n') // where nothing is held back
		var out, inPieces bytes.Buffer
		terminal.NewGuard(&out).Write(text)
		if _, err := io.CopyBuffer(terminal.NewGuard(&inPieces), struct{ io.Reader }{bytes.NewReader(text)}, make([]byte, max(1, piece))); err != nil {
			t.Fatal(err)
		}
		shown := out.String()
		if inPieces.String() != shown {
			t.Fatalf("%q in pieces of %d: %q, at once %q", text, piece, &inPieces, shown)
		}
		if !utf8.ValidString(shown) {
			t.Fatalf("%q: no UTF-8: %q", text, shown)
		}
		for _, r := range strings.NewReplacer("\r\n", "", "\n", "", "\t", "", "\ufe0e", "", "\ufe0f", "").Replace(shown) {
			if drives(r) {
				t.Fatalf("%q: sends %q", text, r)
			}
		}
		lines := strings.SplitAfter(shown, "\n")
		for i, line := range bytes.SplitAfter(text, []byte("\n")) {
			plain := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			var was, is any
			if bytes.ContainsRune(plain, '\r') || !utf8.Valid(plain) || json.Unmarshal(plain, &was) != nil {
				continue
			}
			if err := json.Unmarshal([]byte(lines[i]), &is); err != nil || !reflect.DeepEqual(was, is) {
				t.Fatalf("%q is another value as %q, %v", line, lines[i], err)
			}
		}
	})
}

// A largestWrite is the size of the largest write.
type largestWrite int

func (l *largestWrite) Write(p []byte) (int, error) {
	*l = max(*l, largestWrite(len(p)))
	return len(p), nil
}

// A line of any length is written in pieces, not collected.
func TestGuardHugeLine(t *testing.T) {
	t.Parallel()
	var largest largestWrite
	terminal.NewGuard(&largest).Write([]byte(strings.Repeat("\u009b", 1<<18)))
	if largest > 128<<10 {
		t.Errorf("%d bytes are written at once", largest)
	}
}

// A failingWriter accepts some bytes and then fails.
type failingWriter struct{ room int }

func (w *failingWriter) Write(p []byte) (int, error) {
	n := min(w.room, len(p))
	w.room -= n
	if n < len(p) {
		return n, errors.New("the terminal is gone")
	}
	return n, nil
}

// A failure is reported, with no more bytes than were written.
func TestGuardFails(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	n, err := terminal.NewGuard(&failingWriter{50_000}).Write([]byte(long))
	if n > 50_000 || err == nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}
