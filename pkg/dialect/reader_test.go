package dialect_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// An echo makes an event of each record that has an id, and of one with "twice" two.
type echo struct{}

func (echo) Decode(dst []byte, r dialect.Record) ([]byte, error) {
	id := r.Lookup("id")
	if id == nil {
		return dst, dialect.Unknown("no id")
	}
	if id.Kind() == events.Object {
		return dst, &events.SyntaxError{Column: 7, Reason: "no such id"}
	}
	dst = fmt.Appendf(dst, "%d:%s\n", r.Line, id)
	if r.Lookup("twice") != nil {
		dst = fmt.Appendf(dst, "%d:%s again\n", r.Line, id)
	}
	return dst, nil
}

var plain, tagged = &dialect.Dialect{}, &dialect.Dialect{Tagged: true}

// read returns what r reads: for each origin the lines that became of it, with where it
// begins and what is wrong with it.
func read(t *testing.T, r *dialect.Reader) string {
	t.Helper()
	var have strings.Builder
	var b dialect.Block
	for {
		err := r.ReadBlock(&b)
		if err == io.EOF {
			return have.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, o := range b.Origins {
			fmt.Fprintf(&have, "%d:%d", o.Line, o.Column)
			for _, is := range []struct {
				it   bool
				name string
			}{{b.Piece, "piece"}, {b.Continues || o.Continues, "continues"}, {o.Unknown != nil, "unknown"}, {o.Err != nil, fmt.Sprint(o.Err)}} {
				if is.it {
					have.WriteString(" " + is.name)
				}
			}
			lines := string(b.Lines[at:o.End])
			if b.Piece {
				lines = fmt.Sprint(len(lines), "\n")
			}
			have.WriteString(" " + lines)
			at = o.End
		}
		if at != len(b.Lines) {
			t.Fatalf("lines without an origin: %q", b.Lines[at:])
		}
	}
}

func TestReader(t *testing.T) {
	for _, test := range []struct {
		name    string
		form    dialect.Form
		dialect *dialect.Dialect
		log     string
		want    string
	}{
		{"lines", dialect.Lines, plain,
			"{\"id\":1,\"twice\":true}\n\n \r\n{\"event_type\":\"a\"}\n{\"id\":2}",
			"1:1 1:1\n1:1 again\n4:1 {\"event_type\":\"a\"}\n5:1 5:2\n"},
		{"no event", dialect.Lines, plain,
			"{\"no\":1}\n\n{\"id\":{}}\n{\"id\" 1}\n{\"id\":3}\n",
			"1:1 unknown 1:1: no id {\"no\":1}\n" +
				"3:1 3:7: no such id {\"id\":{}}\n" +
				"4:1 4:7: '1' where ':' should be {\"id\" 1}\n" +
				"5:1 5:3\n"},
		{"tagged", dialect.Lines, tagged,
			"{\"event_type\":\"a\",\"id\":1}\n{\"event_type\":\"b\"}\n",
			"1:1 1:1\n2:1 unknown 2:1: no id {\"event_type\":\"b\"}\n"},
		{"no dialect", dialect.Lines, nil,
			"{\"event_type\":\"a\"}\n{\"id\":1}\n",
			"1:1 {\"event_type\":\"a\"}\n2:1 2:1: no event_type {\"id\":1}\n"},
		{"escapes and keys that come again", dialect.Lines, plain,
			"{\"id\":\"\\u0061\\/\"}\n{\"id\":1,\"i\\u0064\":2}\n",
			"1:1 1:a/\n2:1 2:2\n"},
		{"document", dialect.Document, plain,
			"[{\"id\":1},\n  {\"event_type\": \n    \"a\"}, {\"no\":1},\n{\"id\"\n:{}}]\n",
			"1:2 1:1\n2:3 {\"event_type\":\"a\"}\n3:11 unknown 3:11: no id {\"no\":1}\n4:1 5:1: no such id {\"id\"\n:{}}\n"},
		{"document that ends early", dialect.Document, plain,
			"[{\"id\":1},\n {\"id\":2,\n\"",
			"1:2 1:1\n2:2 3:2: unexpected end of the document {\"id\":2,\n\"\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, split := range map[string]func(io.Reader) io.Reader{
				"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
				"with its end": iotest.DataErrReader,
			} {
				var decoder dialect.Decoder
				if test.dialect != nil {
					decoder = echo{}
				}
				r := dialect.NewReader(split(strings.NewReader(test.log)), test.form, test.dialect, decoder, 1<<20)
				if have := read(t, r); have != test.want {
					t.Errorf("%s: have\n%s\nwant\n%s", name, have, test.want)
				}
			}
		})
	}
}

// A line that is too long is one, however many pieces it comes in, and a record too.
func TestReaderTooLong(t *testing.T) {
	const most = 1 << 10
	long := `{"id":"` + strings.Repeat("x", 1<<20) + `"}` + "\n"
	log := "{\"id\":1}\n" + long + "{\"id\":3}\n"
	for form, want := range map[dialect.Form]string{
		dialect.Lines:    "1:1 1:1\n2:1 piece \n3:1 3:3\n",
		dialect.Document: "1:1 1:1\n2:1 2:1: line longer than 1024 bytes\n3:1 3:3\n",
	} {
		have := read(t, dialect.NewReader(strings.NewReader(log), form, plain, echo{}, most))
		var short strings.Builder // without the long line and its further pieces
		for line := range strings.Lines(have) {
			if strings.Contains(line, " continues ") {
				if !strings.HasPrefix(line, "2:") {
					t.Errorf("form %d: a piece of line 2 is at %.20q", form, line)
				}
				continue
			}
			if piece, _, is := strings.Cut(line, "piece "); is {
				line = piece + "piece \n"
			} else if record, _, is := strings.Cut(line, " {"); is {
				line = record + "\n"
			}
			short.WriteString(line)
		}
		if short.String() != want {
			t.Errorf("form %d: have\n%.500s\nwant\n%s", form, short.String(), want)
		}
	}
}

// A record may be as long as the limit, and no longer.
func TestReaderLimit(t *testing.T) {
	const record = `{"id":12345}`
	for form := range dialect.Document + 1 {
		for most, want := range map[int]string{
			len(record):     "1:1 1:12345\n",
			len(record) - 1: "1:1 1:1: line longer than 11 bytes " + record + "\n",
		} {
			if have := read(t, dialect.NewReader(strings.NewReader(record+"\n"), form, plain, echo{}, most)); have != want {
				t.Errorf("form %d, limit %d: have %q, want %q", form, most, have, want)
			}
		}
	}
}

// What was read before an error comes before it, and the error then.
func TestReaderError(t *testing.T) {
	src := io.MultiReader(strings.NewReader("{\"id\":1}\n"), iotest.ErrReader(io.ErrClosedPipe))
	r := dialect.NewReader(src, dialect.Lines, plain, echo{}, 1<<20)
	var b dialect.Block
	var lines []byte
	err := r.ReadBlock(&b)
	for ; err == nil; err = r.ReadBlock(&b) {
		lines = append(lines, b.Lines...)
	}
	if err != io.ErrClosedPipe || string(lines) != "1:1\n" {
		t.Errorf("have %q and then %v", lines, err)
	}
}

func TestRecognize(t *testing.T) {
	const nothing, known, event = "{\"no\":1}\n", "{\"known\":1,\"id\":7}\n", "{\"event_type\":\"a\"}\n"
	for _, test := range []struct {
		name, log string
		decoded   int
	}{
		{"the first record", known + known, 2},
		{"the last one that is asked", strings.Repeat(nothing, dialect.MaxUnknown-1) + known + known, 2},
		{"too late", strings.Repeat(nothing, dialect.MaxUnknown) + known, 0},
		{"after an event", event + known, 0},
		{"after what is no JSON", "{\n" + known, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := dialect.NewReader(strings.NewReader(test.log), dialect.Lines, nil, nil, 1<<20)
			made := 0
			r.Recognize(func(s *events.Scanner) *dialect.Dialect {
				if s.Lookup("known") != nil {
					return plain
				}
				return nil
			}, func(d *dialect.Dialect) dialect.Decoder {
				if made++; d != plain {
					t.Error("a decoder of another dialect was asked for")
				}
				return echo{}
			})
			var b dialect.Block
			var lines []byte
			for r.ReadBlock(&b) == nil {
				lines = append(lines, b.Lines...)
			}
			if have := bytes.Count(lines, []byte(":7\n")); have != test.decoded || made != min(1, test.decoded) {
				t.Errorf("have %d events of %d decoders, want %d", have, made, test.decoded)
			}
			if have, want := bytes.Count(lines, []byte("\n")), strings.Count(test.log, "\n"); have != want {
				t.Errorf("have %d lines, want %d", have, want)
			}
		})
	}
}
