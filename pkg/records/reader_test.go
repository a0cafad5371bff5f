package records_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"auditctl/pkg/records"
)

// read returns the records of a document, each with its position, and after it what is
// wrong with it.
func read(t testing.TB, src io.Reader, maxLen int) (all []string) {
	t.Helper()
	r := records.NewReader(src)
	r.MaxLen = maxLen
	var b records.Block
	for {
		err := r.Read(&b)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Records) == 0 {
			t.Fatal("a block without records")
		}
		for _, record := range b.Records {
			switch line, column := record.Position(record.At); {
			case record.Continues && len(all) > 0:
				all[len(all)-1] += "+" + string(record.Text)
			case record.Reason != "":
				all = append(all, fmt.Sprintf("%d:%d %s|%d:%d %s", record.Line, record.Column, record.Text, line, column, record.Reason))
			default:
				all = append(all, fmt.Sprintf("%d:%d %s", record.Line, record.Column, record.Text))
			}
		}
	}
}

func TestReader(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"blanks", " \n\t\r\n\ufeff", nil},
		{"empty array", "[]", nil},
		{"array on a line", `[{"a":1},{"b":[{"c":"]}"}]}]`, []string{`1:2 {"a":1}`, `1:10 {"b":[{"c":"]}"}]}`}},
		{"array in lines", "[\n{\"a\":1},\n{\"b\":2}\n]\n", []string{`2:1 {"a":1}`, `3:1 {"b":2}`}},
		{"spread array", "[\n  {\n    \"a\": 1\n  },\n  {}\n]", []string{"2:3 {\n    \"a\": 1\n  }", "5:3 {}"}},
		{"objects", "{\n}\n{\n \"a\": [\n {}, {}]}{}", []string{"1:1 {\n}", "3:1 {\n \"a\": [\n {}, {}]}", "5:10 {}"}},
		{"in an object", "\ufeff{ \"Records\" :\n[ {\"a\":1} ] }\n{\"records\":[]}", []string{`2:3 {"a":1}`}},
		{"not quite", `{"Records":{}}{"Recordset":[]}{"x":1,"Records":[]}`, []string{`1:1 {"Records":{}}`, `1:15 {"Recordset":[]}`, `1:31 {"x":1,"Records":[]}`}},
		{"two arrays", "[{}]\n[{}]", []string{"1:2 {}", "2:2 {}"}},
		{"escapes", `[{"\\":"\"}{"}, {}]`, []string{`1:2 {"\\":"\"}{"}`, "1:17 {}"}},
		{"other elements", "[1,\n{}\n]", []string{"1:2 1|1:2 not an object+,\n{}\n]"}},
		{"other elements in lines", "[\n{},\n1,\n{}\n]", []string{"2:1 {}", "3:1 1|3:1 not an object+,", "4:1 {}"}},
		{"after the records", `{"Records":[{}],"x":1}`, []string{"1:13 {}", `1:16 ,|1:16 text after the records+"x":1}`}},
		{"no end", "[{\"a\":\n1", []string{"1:2 {\"a\":\n1|2:2 unexpected end of the document"}},
		{"no end of a name", `{"Rec`, []string{`1:1 {"Rec|1:6 unexpected end of the document`}},
		{"no end of a string", "[\n{\n\"a\": \"x\n},\n{}\n]\n[{}]", []string{"2:1 {\n\"a\": \"x|3:8 the string does not end on this line+\n},", "5:1 {}", "7:2 {}"}},
		{"no end of an object", "[\n  {\n    \"a\": 1,\n  {\n  }\n]", []string{"2:3 {\n    \"a\": 1,\n  |4:3 unexpected {", "4:3 {\n  }"}},
		{"a damaged first record", "[{\"a\":]},\n{},\n  {\n}]", []string{`1:2 {"a":|1:7 unexpected ]+]},`, "2:1 {}", "3:3 {\n}"}},
		{"brackets", "{\n]\n}\n{}", []string{"1:1 {\n|2:1 unexpected ]+]\n}", "4:1 {}"}},
		{"nested lines are no records", "[\n  {\"a\": \"\n    {\"b\": 1}\n  }\n]", []string{"2:3 {\"a\": \"|2:10 the string does not end on this line+\n    {\"b\": 1}\n  }"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, src := range map[string]io.Reader{
				"whole": strings.NewReader(test.text), "bytes": iotest.OneByteReader(strings.NewReader(test.text)),
			} {
				have := read(t, src, 1<<20)
				for i, text := range have {
					have[i] = strings.ReplaceAll(text, "+", "")
				}
				for i, text := range test.want {
					test.want[i] = strings.ReplaceAll(text, "+", "")
				}
				if fmt.Sprintf("%q", have) != fmt.Sprintf("%q", test.want) {
					t.Errorf("%s:\nhave %q\nwant %q", name, have, test.want)
				}
			}
		})
	}
}

// A record that is too long comes in pieces, and those after it are whole.
func TestTooLong(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 3<<20) + `"}`
	have := read(t, strings.NewReader("["+long+",\n{}]"), 1<<20)
	if len(have) != 2 || have[1] != "2:1 {}" {
		t.Fatalf("%d records, the last is %.50s", len(have), have[len(have)-1])
	}
	if text := strings.ReplaceAll(have[0], "+", ""); !strings.Contains(text, "|1:2 line longer than 1048576 bytes") || strings.Count(text, "x") != 3<<20 {
		t.Errorf("a record of %d bytes: %.50s", len(text), text)
	}
}

// Errors of the source come after what was read.
func TestError(t *testing.T) {
	r := records.NewReader(io.MultiReader(strings.NewReader("[{}, {"), iotest.ErrReader(io.ErrClosedPipe)))
	var b records.Block
	for _, want := range []error{nil, nil, io.ErrClosedPipe, io.ErrClosedPipe} {
		if err := r.Read(&b); err != want {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// Any way to spread objects over lines and containers gives the same records, and they
// are those of encoding/json. Whatever else the text is, no byte that is no white space or
// punctuation is lost.
func FuzzReader(f *testing.F) {
	for _, text := range []string{`{"a":1}`, "[{\n}]", `{"Records":[{"a":"\u007d"}]}`, "{\"a\":\"\n{}", "[1,\n{}\n]", "{}\n[{}]"} {
		f.Add([]byte(text), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, n int) {
		have := read(t, bytes.NewReader(text), 1<<20)
		if again := read(t, iotest.OneByteReader(bytes.NewReader(text)), 1<<20); fmt.Sprint(joined(have)) != fmt.Sprint(joined(again)) {
			t.Fatalf("byte by byte %q, else %q", again, have)
		}
		if !json.Valid(text) || bytes.TrimSpace(text)[0] != '{' || bytes.Contains(bytes.ToLower(text), []byte("records")) {
			return
		}
		var indented bytes.Buffer
		if json.Indent(&indented, bytes.TrimSpace(text), "  ", "  ") != nil {
			return
		}
		array := "[\n  " + strings.Repeat(indented.String()+",\n  ", 1+n&3) + indented.String() + "\n]"
		all := read(t, strings.NewReader(array), 1<<20)
		if len(all) != 2+n&3 {
			t.Fatalf("%d records of %s", len(all), array)
		}
		for _, record := range all {
			if _, record, _ = strings.Cut(record, " "); record != indented.String() {
				t.Errorf("%q, want %q", record, indented.String())
			}
		}
	})
}

// joined returns records without the marks between their pieces.
func joined(all []string) []string {
	for i, text := range all {
		all[i] = strings.ReplaceAll(text, "+", "")
	}
	return all
}
