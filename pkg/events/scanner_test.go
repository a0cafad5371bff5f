package events_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/marks"
)

func TestScannerAgreesWithJSONTestSuite(t *testing.T) {
	always := func([]byte) bool { return true }
	never := func([]byte) bool { return false }
	accepts := map[byte]func([]byte) bool{'y': always, 'n': never, 'i': valid}

	type suiteCase struct {
		Name    string `json:"name"`
		Content []byte `json:"base64"`
	}
	suite := []suiteCase{ // the two that are too large for a file
		{"n_structure_100000_opening_arrays.json", bytes.Repeat([]byte("["), 100_000)},
		{"n_structure_open_array_object.json", bytes.Repeat([]byte(`[{"":`), 50_000)},
	}
	for _, line := range testLines(t, "jsontestsuite.jsonl") {
		var c suiteCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		suite = append(suite, c)
	}

	var s events.Scanner
	for _, c := range suite {
		line := slices.Concat([]byte(`{"event_type":"x","k":`), c.Content, []byte(`}`))
		err := s.Scan(line)
		if got, want := err == nil, accepts[c.Name[0]](line); got != want {
			t.Errorf("%s: accepted: %t, want %t: %v", c.Name, got, want, err)
		}
	}
}

func TestScannerDepth(t *testing.T) {
	// nested returns a line whose value makes it nest so many levels deep.
	nested := func(levels int, opened, closed string) []byte {
		inner := (levels - 1) / strings.Count(opened+closed, "]")
		return []byte(`{"k":` + strings.Repeat(opened, inner) + strings.Repeat(closed, inner) + `}`)
	}
	for _, tc := range []struct {
		name   string
		line   []byte
		reason string
	}{
		{"arrays", nested(10_000, "[", "]"), ""},
		{"arrays, one too many", nested(10_001, "[", "]"), "column 10005: nested deeper than 10000 levels"},
		{"arrays, many too many", nested(1_000_000, "[", "]"), "column 10005: nested deeper than 10000 levels"},
		{"objects", []byte(strings.Repeat(`{"":`, 9_999) + `{}` + strings.Repeat(`}`, 9_999)), ""},
		{"objects, one too many", []byte(strings.Repeat(`{"":`, 10_000) + `{}` + strings.Repeat(`}`, 10_000)), "column 40001: nested deeper than 10000 levels"},
		{"many beside each other", []byte(`{"k":[` + strings.Repeat(`[],{},`, 20_000) + `0]}`), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s events.Scanner
			if got := reason(s.Scan(tc.line)); got != tc.reason {
				t.Errorf("Scan: %q, want %q", got, tc.reason)
			}
			if json.Valid(tc.line) != (tc.reason == "") {
				t.Errorf("encoding/json says otherwise: %t", json.Valid(tc.line))
			}
		})
	}
}

// reason returns the text of an error, or nothing where there is none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestScannerLookup(t *testing.T) {
	for _, tc := range []struct {
		name, line, key, want string
	}{
		{"the only one", `{"event_type":"a"}`, "event_type", `"a"`},
		{"absent", `{"event_type":"a"}`, "severity", ``},
		{"empty object", `{}`, "event_type", ``},
		{"the last of two", `{"event_type":"a","k":1,"event_type":"b"}`, "event_type", `"b"`},
		{"the last of two, of another kind", `{"event_type":"a","event_type":7}`, "event_type", `7`},
		{"escaped", `{"event\u005ftype":"a"}`, "event_type", `"a"`},
		{"escaped, upper case digits", `{"\u006B":1}`, "k", `1`},
		{"escaped after plain", `{"event_type":"a","event\u005ftype":"b"}`, "event_type", `"b"`},
		{"plain after escaped", `{"event\u005ftype":"a","event_type":"b"}`, "event_type", `"b"`},
		{"all escaped", `{"\u0065\u0076\u0065\u006e\u0074\u005f\u0074\u0079\u0070\u0065":"a"}`, "event_type", `"a"`},
		{"inside metadata", `{"event_type":"a","metadata":{"event_type":"b"}}`, "event_type", `"a"`},
		{"only inside metadata", `{"metadata":{"event_type":"b"}}`, "event_type", ``},
		{"only inside an array", `{"metadata":[{"event_type":"b"}]}`, "event_type", ``},
		{"inside a string", `{"event_type":"a","k":"\",\"event_type\":\"b\""}`, "event_type", `"a"`},
		{"a value, not a key", `{"k":"event_type","l":"b"}`, "event_type", ``},
		{"of another case", `{"Event_Type":"a"}`, "event_type", ``},
		{"a longer key", `{"event_type2":"a","xevent_type":"b"}`, "event_type", ``},
		{"with a NUL", `{"event_type\u0000":"a"}`, "event_type", ``},
		{"the empty key", `{"":"a"}`, "", `"a"`},
		{"a key of quotes", `{"\"":"a"}`, `"`, `"a"`},
		{"a key beyond ASCII", `{"日本":1}`, "日本", `1`},
		{"a key as surrogate pair", `{"\ud83d\ude00":1}`, "😀", `1`},
		{"a key with half a pair", `{"\ud83d":1}`, "\ufffd", `1`},
		{"white space all over", " \t\r\n{ \"k\" \t:\r\n[ 1 , 2 ]\n} \r", "k", `[ 1 , 2 ]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var s events.Scanner
			if err := s.Scan([]byte(tc.line)); err != nil {
				t.Fatal(err)
			}
			if string(s.Line()) != tc.line {
				t.Errorf("Line: %s", s.Line())
			}
			if got := s.Lookup(tc.key); string(got) != tc.want {
				t.Errorf("Lookup(%q) = %s, want %s", tc.key, got, tc.want)
			}
		})
	}
}

func TestScannerMembers(t *testing.T) {
	var s events.Scanner
	if err := s.Scan([]byte(`{"b":1,"\u0061":[2],"b":"\u0033"}`)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for key, v := range s.Members() {
		got = append(got, string(key)+"="+string(v)+"="+v.String())
	}
	if want := []string{"b=1=1", "a=[2]=[2]", `b="\u0033"=3`}; !slices.Equal(got, want) {
		t.Errorf("Members: %q, want %q", got, want)
	}
	if s.Len() != 3 {
		t.Errorf("Len: %d, want 3", s.Len())
	}
	for range s.Members() {
		break // a loop may end early
	}
}

// A line that breaks the grammar leaves nothing to be found, neither of itself
// nor of the line before it, and does not change what is found in the next.
func TestScannerAfterAnError(t *testing.T) {
	const whole = `{"event_type":"a","k":1}`
	for _, broken := range []string{
		``,
		`{`,
		`{"event_type":"b"`,
		`{"event_type":"b","k":`,
		`{"event_type":"b","k":2`,
		`{"event_type":"b","k":2,`,
		`{"event_type":"b","k":2}}`,
		`{"event_type":"b","k":2} x`,
		`{} x`,
	} {
		t.Run(broken, func(t *testing.T) {
			var s events.Scanner
			for range 2 {
				if err := s.Scan([]byte(broken)); err == nil {
					t.Fatal("accepted")
				}
				if v := s.Lookup("event_type"); v != nil {
					t.Errorf("after an error Lookup finds %s", v)
				}
				if e, err := s.Event(); err == nil {
					t.Errorf("after an error Event returns %s", e.Line())
				}
				for key := range s.Members() {
					t.Errorf("after an error Members yields %s", key)
				}
				if err := s.Scan([]byte(whole)); err != nil {
					t.Fatal(err)
				}
				if got := s.Lookup("event_type").String() + s.Lookup("k").String(); got != "a1" {
					t.Errorf("in the next line Lookup finds %q, want a1", got)
				}
			}
		})
	}
}

// The same where Lookup had found the key in a line that began in the same way.
func TestScannerLookupAfterAnError(t *testing.T) {
	var s events.Scanner
	for _, tc := range []struct{ line, want string }{
		{`{"event_type":"a","k":1}`, `"a"`},
		{`{"event_type":"b","k":2}}`, ``},
		{`{"event_type":"c"`, ``},
		{`{"event_type":"d","k":3}`, `"d"`},
	} {
		err := s.Scan([]byte(tc.line))
		if got := s.Lookup("event_type"); string(got) != tc.want {
			t.Errorf("%s: Lookup finds %s, want %s (Scan: %v)", tc.line, got, tc.want, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		// No object.
		{``, "column 1: not a JSON object"},
		{`  `, "column 3: not a JSON object"},
		{`[]`, "column 1: a JSON array, not an object"},
		{`null`, "column 1: not a JSON object"},
		{` "event_type"`, "column 2: not a JSON object"},
		{"\ufeff", "column 4: not a JSON object"},
		{"\ufeffx", "column 4: not a JSON object"},
		{"\ufeff[]", "column 4: a JSON array, not an object"},
		{"\ufeff{}", "column 1: no event_type"},
		{"\ufeff{\"event_type\":1}", "column 18: event_type is not a string"},
		{"{\ufeff}", "column 2: 0xef where a key should be"},
		{"{\"event_type\":\"a\"}\ufeff", "column 19: text after the end of the object"},
		{"\ufffe{}", "column 1: not a JSON object"},
		{"\xef\xbb", "column 1: not a JSON object"},
		{"Traceback (most recent call last):", "column 1: not a JSON object"},

		// Keys and what is between them.
		{`{`, "column 2: line ends where a key should be"},
		{`{"a":1,}`, "column 8: '}' where a key should be"},
		{`{"a":1,,}`, "column 8: ',' where a key should be"},
		{`{a:1}`, "column 2: 'a' where a key should be"},
		{`{1:1}`, "column 2: '1' where a key should be"},
		{`{'a':1}`, `column 2: '\'' where a key should be`},
		{"{\u00a0}", "column 2: 0xc2 where a key should be"},
		{`{"a"}`, "column 5: '}' where ':' should be"},
		{`{"a"`, "column 5: line ends where ':' should be"},
		{`{"a" 1}`, "column 6: '1' where ':' should be"},
		{`{"a":1 "b":2}`, `column 8: '"' where ',' or '}' should be`},
		{`{"a":1]`, "column 7: ']' where ',' or '}' should be"},
		{`{"a":1`, "column 7: line ends where ',' or '}' should be"},
		{`{"a":1}x`, "column 8: text after the end of the object"},
		{`{"a":1} {"b":2}`, "column 9: text after the end of the object"},
		{`{}}`, "column 3: text after the end of the object"},

		// Values.
		{`{"a":}`, "column 6: '}' where a value should be"},
		{`{"a":`, "column 6: line ends where a value should be"},
		{`{"a":True}`, "column 6: 'T' where a value should be"},
		{`{"a":NaN}`, "column 6: 'N' where a value should be"},
		{`{"a":Infinity}`, "column 6: 'I' where a value should be"},
		{`{"a":tru}`, "column 6: 't' where a value should be"},
		{`{"a":nul`, "column 6: 'n' where a value should be"},
		{`{"a":truex}`, "column 10: 'x' where ',' or '}' should be"},
		{`{"a":+1}`, "column 6: '+' where a value should be"},
		{`{"a":.5}`, "column 6: '.' where a value should be"},
		{"{\"a\":\x00}", `column 6: '\x00' where a value should be`},
		{`{"a":-}`, "column 6: invalid number"},
		{`{"a":-x}`, "column 6: invalid number"},
		{`{"a":1.}`, "column 6: invalid number"},
		{`{"a":1.e5}`, "column 6: invalid number"},
		{`{"a":1e}`, "column 6: invalid number"},
		{`{"a":1e+}`, "column 6: invalid number"},
		{`{"a":01}`, "column 6: invalid number: leading zero"},
		{`{"a":-01}`, "column 6: invalid number: leading zero"},
		{`{"a":0x10}`, "column 7: 'x' where ',' or '}' should be"},
		{`{"a":1-2}`, "column 7: '-' where ',' or '}' should be"},

		// Strings.
		{`{"a`, "column 2: unterminated string"},
		{`{"a":"b`, "column 6: unterminated string"},
		{`{"a":"b}`, "column 6: unterminated string"},
		{`{"a":"b\"}`, "column 6: unterminated string"},
		{"{\"a\":\"\t\"}", `column 7: control character '\t' in a string`},
		{"{\"a\":\"0123456789\x1f\"}", `column 17: control character '\x1f' in a string`},
		{"{\"a\x00\":1}", `column 4: control character '\x00' in a string`},
		{`{"a":"\x41"}`, "column 7: invalid escape in a string"},
		{`{"a":"b\u12"}`, "column 8: invalid escape in a string"},
		{`{"a":"b\u12G4"}`, "column 8: invalid escape in a string"},
		{`{"a":"b\U0041"}`, "column 8: invalid escape in a string"},
		{`{"a\'":1}`, "column 4: invalid escape in a string"},
		{"{\"a\":\"b\xff\"}", "column 8: invalid UTF-8"},
		{"{\"a\":\"日\xe6\x97\"}", "column 10: invalid UTF-8"},
		{"{\"a\":\"\xed\xa0\x80\"}", "column 7: invalid UTF-8"}, // a surrogate
		{"{\"a\":\"\xc0\x80\"}", "column 7: invalid UTF-8"},     // overlong
		{"{\"a\xff\":1}", "column 4: invalid UTF-8"},

		// Inside.
		{`{"a":[1,]}`, "column 9: ']' where a value should be"},
		{`{"a":[1 2]}`, "column 9: '2' where ',' or ']' should be"},
		{`{"a":[1}`, "column 8: '}' where ',' or ']' should be"},
		{`{"a":[`, "column 7: line ends where a value should be"},
		{`{"a":[[1]`, "column 10: line ends where ',' or ']' should be"},
		{`{"a":{"b"}}`, "column 10: '}' where ':' should be"},
		{`{"a":{"b":1,}}`, "column 13: '}' where a key should be"},
		{`{"a":{"b":1]}`, "column 12: ']' where ',' or '}' should be"},
		{`{"a":{b:1}}`, "column 7: 'b' where a key should be"},
		{`{"a":{"b":"\q"}}`, "column 12: invalid escape in a string"},

		// Objects that are no events.
		{`{}`, "column 1: no event_type"},
		{` {"a":1}`, "column 1: no event_type"},
		{`{"event_type":1}`, "column 15: event_type is not a string"},
		{`{"event_type":null}`, "column 15: event_type is not a string"},
		{`{"event_type" : ["a"]}`, "column 17: event_type is not a string"},
		{`{"event_type":"a","event_type":{}}`, "column 32: event_type is not a string"},
		{`{"event_type":"a","event\u005ftype":0}`, "column 37: event_type is not a string"},

		// More than a line.
		{"{\"event_type\":\n\"a\"}", "column 15: line feed inside a line"},
		{"{\"event_type\":\"a\"}\n\n", "column 19: line feed inside a line"},
	} {
		if _, err := events.Parse([]byte(tc.line)); reason(err) != tc.want {
			t.Errorf("Parse(%q): %q, want %q", tc.line, reason(err), tc.want)
		}
	}
}

func TestScannerAllocatesNothing(t *testing.T) {
	lines := testLines(t, "session.jsonl")
	lines = append(lines, []byte(`{"event\u005ftype":"a\tb","tool_name":"caf\u00e9"}`))
	keys := []string{"event_type", "timestamp", "tool_name", "metadata", "no such key"}
	var s events.Scanner
	size := 0
	allocs := testing.AllocsPerRun(100, func() {
		for _, line := range lines {
			if s.Scan(line) != nil {
				panic("not an event")
			}
			for _, key := range keys {
				size += len(s.Text(s.Lookup(key)))
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations in %d lines", allocs, len(lines))
	}
	if size == 0 {
		t.Error("no text found")
	}
}

func FuzzScanner(f *testing.F) {
	for _, line := range testLines(f, "session.jsonl") {
		f.Add(line)
	}
	for _, line := range []string{
		``, ` `, `{`, `{}`, `[]`, `{}{}`, "{\n}", "\ufeff{}",
		`{"event_type":"a","event\u005ftype":"b"}`,
		`{"":0,"":-0.0e-0,"\u0000":[{},[],[{}]]}`,
		`{"\ud800":1,"\udc00\ud800":2,"\ud83d\ude00":"\ud83d\ud83d\ude00"}`,
		`{"a":[1,{"b":[true,false,null,"\"\\\/\b\f\n\r\t\u0041"]}],"c":1e400}`,
		"{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"日本\":\"\u2028\x7f\"}",
		"{\"0123456\x1f\":1}", `{"a":01}`, `{"a":1.}`, `{"a":"\u12`, `{"a":"\`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		withEachSet(func(marks.Set) {
			var s events.Scanner
			for range 2 { // it has not, and then has, seen such a line before
				checkScan(t, &s, line)
			}
		})
	})
}

// checkScan compares what s says about line with what encoding/json says.
func checkScan(t *testing.T, s *events.Scanner, line []byte) {
	err := s.Scan(line)
	text := bytes.TrimLeft(line, " \t\r\n")
	for bytes.HasPrefix(text, []byte("\ufeff")) {
		text = bytes.TrimLeft(text[len("\ufeff"):], " \t\r\n")
	}
	if events.Blank(line) != (len(text) == 0) {
		t.Errorf("blank: %t", events.Blank(line))
	}
	want := len(text) > 0 && text[0] == '{' && valid(text)
	if (err == nil) != want {
		t.Fatalf("accepted: %t, want %t: %v", err == nil, want, err)
	}
	members := map[string]json.RawMessage{}
	for key, v := range s.Members() {
		members[string(key)] = json.RawMessage(v)
	}
	if err != nil {
		syntax := err.(*events.SyntaxError)
		if syntax.Column < 1 || syntax.Column > len(line)+1 || syntax.Line != 0 {
			t.Errorf("%v in a line of %d bytes", err, len(line))
		}
		if found := s.Lookup("event_type"); found != nil || len(members) != 0 {
			t.Errorf("found %s and %s in spite of %v", found, members, err)
		}
		return
	}

	var have map[string]json.RawMessage
	if err := json.Unmarshal(text, &have); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(members, have) {
		t.Errorf("Members are %s, want %s", members, have)
	}
	object := events.Value(bytes.TrimSpace(text))
	if e, err := s.Event(); err == nil && (!bytes.Equal(e.Line(), line) || !bytes.Equal(e.Value(), object)) {
		t.Errorf("the event is %q, its line %q", e.Value(), e.Line())
	}
	for key, want := range have {
		if got := s.Lookup(key); !bytes.Equal(got, want) {
			t.Errorf("Scanner.Lookup(%q) = %s, want %s", key, got, want)
		}
		if got := object.Lookup(key); !bytes.Equal(got, want) {
			t.Errorf("Value.Lookup(%q) = %s, want %s", key, got, want)
		}
	}
	if got := s.Lookup("no such key"); !bytes.Equal(got, have["no such key"]) {
		t.Errorf("Lookup finds %s where nothing is", got)
	}
}

func TestScannerPlain(t *testing.T) {
	var s events.Scanner
	for _, tc := range []struct {
		line string
		want bool
	}{
		{`{"a": "é\"\\\b\f\n\r\t\u0000\u001f\u0080\u00e9\u2028", "b": [{"c": "\n"}]}`, true},
		{`{"a": "\/"}`, false},
		{`{"a": [{"b": "12345678901234567890 \u0041"}]}`, false},
		{`{"a": "\u007F"}`, false},
		{`{"\n": 1}`, false},
		{`{"a": [{"b": {"\u00e9": 1}}]}`, false},
		{`{"a": 1}`, true}, // whatever came before
	} {
		for range 2 { // also of a layout that is known
			if err := s.Scan([]byte(tc.line)); err == nil && s.Plain() != tc.want {
				t.Errorf("%s is plain: %v", tc.line, !tc.want)
			}
		}
	}
}
