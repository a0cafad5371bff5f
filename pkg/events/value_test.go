package events_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/quick"

	"auditctl/pkg/events"
)

func TestValueKind(t *testing.T) {
	for _, tc := range []struct {
		value string
		want  events.Kind
	}{
		{``, events.Absent},
		{`null`, events.Null},
		{`true`, events.Bool},
		{`false`, events.Bool},
		{`0`, events.Number},
		{`-1.5e+7`, events.Number},
		{`""`, events.String},
		{`"null"`, events.String},
		{`[]`, events.Array},
		{`{}`, events.Object},
	} {
		if got := events.Value(tc.value).Kind(); got != tc.want {
			t.Errorf("%s is of kind %d, want %d", tc.value, got, tc.want)
		}
	}
}

func TestValueText(t *testing.T) {
	for _, tc := range []struct{ value, want string }{
		{``, ""},
		{`null`, "null"},
		{`-0.50E1`, "-0.50E1"},
		{`{"a": "\u0041"}`, `{"a": "\u0041"}`},
		{`[1, "\n"]`, `[1, "\n"]`},
		{`""`, ""},
		{`"plain"`, "plain"},
		{`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t"},
		{`"\\n"`, `\n`},
		{`"\\\""`, `\"`},
		{`"\u0000"`, "\x00"},
		{`"\u00e9\u00E9é"`, "ééé"},
		{`"\uFFFF\uffff"`, "\uffff\uffff"},
		{`"日本\t語"`, "日本\t語"},
		{`"\ud83d\ude00"`, "😀"},
		{`"\uD83D\uDE00!"`, "😀!"},
		{`"\udbff\udfff"`, "\U0010ffff"},
		{`"\ud83d"`, "\ufffd"},
		{`"\ude00"`, "\ufffd"},
		{`"\ude00\ud83d"`, "\ufffd\ufffd"},
		{`"\ud83d\ud83d\ude00"`, "\ufffd😀"},
		{`"\ud83dx"`, "\ufffdx"},
		{`"\ud83d\n"`, "\ufffd\n"},
		{`"\ud83d\u0041"`, "\ufffdA"},
		{`"\ud83d\\ude00"`, "\ufffd\\ude00"},
		{`"\ud83d😀"`, "\ufffd😀"},
	} {
		if got := events.Value(tc.value).String(); got != tc.want {
			t.Errorf("the text of %s is %q, want %q", tc.value, got, tc.want)
		}
		if got := events.Value(tc.value).AppendText([]byte("before ")); string(got) != "before "+tc.want {
			t.Errorf("AppendText of %s: %q", tc.value, got)
		}
	}
}

// Any two escapes one after the other mean what encoding/json takes them for.
func TestValueTextAgreesWithEncodingJSON(t *testing.T) {
	agree := func(first, second uint16) bool {
		for _, high := range []uint16{0, 0xd800, 0xdc00} {
			quoted := `"` + escape(high|first&0x3ff) + escape(0xdc00|second&0x3ff) + escape(second) + `"`
			var want string
			if err := json.Unmarshal([]byte(quoted), &want); err != nil || events.Value(quoted).String() != want {
				return false
			}
		}
		return true
	}
	if err := quick.Check(agree, nil); err != nil {
		t.Error(err)
	}
}

func escape(unit uint16) string {
	hex := strconv.FormatUint(0x10000|uint64(unit), 16)
	return `\u` + hex[1:]
}

func TestValueMembers(t *testing.T) {
	for _, tc := range []struct {
		value string
		want  []string
	}{
		{`{}`, nil},
		{`{ }`, nil},
		{`{"a":1}`, []string{"a", "1"}},
		{"{ \"a\" :\t[1,\r\n{}] , \"b\":{\"c\":[]} }", []string{"a", "[1,\r\n{}]", "b", `{"c":[]}`}},
		{`{"b":1,"a":2,"b":3}`, []string{"b", "1", "a", "2", "b", "3"}},
		{`{"\u0061\"":"}","":"\\\""}`, []string{`a"`, `"}"`, ``, `"\\\""`}},
		{`{"a":"é\"","b":-1.5e3,"c":true,"d":null}`, []string{"a", `"é\""`, "b", "-1.5e3", "c", "true", "d", "null"}},
		{`[1]`, nil},
		{`"{}"`, nil},
		{``, nil},
	} {
		var got []string
		for key, v := range events.Value(tc.value).Members() {
			got = append(got, string(key), string(v))
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("Members of %s: %q, want %q", tc.value, got, tc.want)
		}
	}
	for range events.Value(`{"a":1,"b":2}`).Members() {
		break // a loop may end early
	}
}

func TestValueElements(t *testing.T) {
	for _, tc := range []struct {
		value string
		want  []string
	}{
		{`[]`, nil},
		{`[ ]`, nil},
		{`[1]`, []string{"1"}},
		{"[ 1 ,\t\"a,]\" ,[2,[3]],{\"b\":[4]} , null,true ]", []string{"1", `"a,]"`, "[2,[3]]", `{"b":[4]}`, "null", "true"}},
		{`["\\","\"","é"]`, []string{`"\\"`, `"\""`, `"é"`}},
		{`{"a":1}`, nil},
		{`7`, nil},
		{``, nil},
	} {
		var got []string
		for v := range events.Value(tc.value).Elements() {
			got = append(got, string(v))
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("Elements of %s: %q, want %q", tc.value, got, tc.want)
		}
	}
	for range events.Value(`[1,2]`).Elements() {
		break
	}
}

func TestValueLookup(t *testing.T) {
	const value = `{"a":{"b":{"c":1}},"a\u002eb":2,"d":1,"d":[2],"n":null}`
	for _, tc := range []struct {
		path []string
		want string
	}{
		{nil, value},
		{[]string{"a", "b", "c"}, "1"},
		{[]string{"a.b"}, "2"},
		{[]string{"d"}, "[2]"},
		{[]string{"n"}, "null"},
		{[]string{"n", "x"}, ""},
		{[]string{"d", "0"}, ""},
		{[]string{"x", "y", "z"}, ""},
	} {
		got := events.Value(value)
		for _, key := range tc.path {
			got = got.Lookup(key)
		}
		if string(got) != tc.want {
			t.Errorf("%q: %s, want %s", tc.path, got, tc.want)
		}
	}
}

// Span is where the value of Lookup is.
func TestSpan(t *testing.T) {
	const line = ` { "a" :{"a":1, "\u0062" : "x\"" , "b": [2] } , "a": {} ,"c":{"d":null} }`
	var s events.Scanner
	if err := s.Scan([]byte(line)); err != nil {
		t.Fatal(err)
	}
	for _, of := range []events.Value{events.Value(line[1:]), s.Lookup("c"), events.Value(`{"a":1, "\u0062" : "x\"" , "b": [2] }`), events.Value(`[1]`), nil} {
		for _, key := range []string{"a", "b", "c", "d", "x"} {
			want := of.Lookup(key)
			if start, end, ok := of.Span(key); ok != (want != nil) || string(of[start:end]) != string(want) {
				t.Errorf("%s of %s: %d to %d, %t; want %s", key, of, start, end, ok, want)
			}
		}
	}
	for _, key := range []string{"a", "c", "x"} {
		if start, end, ok := s.Span(key); ok != (s.Lookup(key) != nil) || line[start:end] != s.Lookup(key).String() {
			t.Errorf("%s: %d to %d, %t", key, start, end, ok)
		}
	}
}

// Appending to a value must not write into the line after it.
func TestValuesAreCutOff(t *testing.T) {
	line := []byte(`{"event_type":"a","list":[1,2],"k":{"l":3}}`)
	e := must(events.Parse(line))
	var s events.Scanner
	if err := s.Scan(line); err != nil {
		t.Fatal(err)
	}
	values := []events.Value{s.Lookup("event_type"), e.Lookup("list"), e.Lookup("k").Lookup("l"), s.Text(s.Lookup("event_type"))}
	for v := range e.Lookup("list").Elements() {
		values = append(values, v)
	}
	before := string(line)
	for _, v := range values {
		_ = append(v, "XXX"...)
		if string(line) != before {
			t.Fatalf("appending to %s changed the line: %s", v, line)
		}
	}
}

func TestValueTimeAndFloat(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-03-09T08:14:02Z"`:      "2026-03-09 08:14:02 +0000 UTC true 0 false",
		`"\u0032026-03-09T08:14:02Z"`: "2026-03-09 08:14:02 +0000 UTC true 0 false",
		`"when?"`:                     "0001-01-01 00:00:00 +0000 UTC false 0 false",
		`1.5e3`:                       "0001-01-01 00:00:00 +0000 UTC false 1500 true",
		`1e400`:                       "0001-01-01 00:00:00 +0000 UTC false +Inf false",
		`null`:                        "0001-01-01 00:00:00 +0000 UTC false 0 false",
		``:                            "0001-01-01 00:00:00 +0000 UTC false 0 false",
	} {
		at, isTime := events.Value(text).Time()
		f, isFloat := events.Value(text).Float()
		if have := fmt.Sprint(at, isTime, f, isFloat); have != want {
			t.Errorf("%s: %s, want %s", text, have, want)
		}
	}
}
