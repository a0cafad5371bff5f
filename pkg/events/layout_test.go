package events_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/marks"
)

// withEachSet calls check with each set of instructions of the machine in use.
func withEachSet(check func(marks.Set)) {
	for _, set := range marks.Sets() {
		restore := marks.Use(set)
		check(set)
		restore()
	}
}

var someKeys = []string{"a", "event_type", "missing", "b", "a"}

// members tells all that a Scanner found in a line.
func members(s *events.Scanner, line []byte) string { return found(s, s.Scan(line)) }

func found(s *events.Scanner, err error) string {
	if err != nil {
		return err.Error()
	}
	found := fmt.Sprintf("%d, plain: %v\n", s.Len(), s.Plain())
	for key, value := range s.Members() {
		found += fmt.Sprintf("%q %s %s\n", key, value, s.Lookup(string(key)))
	}
	values := make([]events.Value, len(someKeys))
	for range 2 {
		s.LookupAll(someKeys, values)
		for i, key := range someKeys {
			if want := s.Lookup(key); string(values[i]) != string(want) || (values[i] == nil) != (want == nil) {
				found += fmt.Sprintf("%s is %s together with others, %s alone\n", key, values[i], want)
			}
		}
		for i, key := range someKeys {
			if s.HasAny(someKeys[i:i+1]) != (s.Lookup(key) != nil) {
				found += key + " is there or not\n"
			}
		}
	}
	return found
}

// A Scanner that has seen other lines finds the same as a new one.
func FuzzLearnedLayouts(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"a": 1, "b": "x"}`, `{"a": 1, "b": "y"}`},
		{`{"a":1}`, `{"a": 1}`},        // white space after a shorter separator
		{`{"a":"x"}`, `{"a": "x"}`},    // the same before a string
		{`{"a":1,"b":2}`, `{"a":"x"}`}, // another kind of value
		{`{"a":1,"a":2}`, `{"a":1,"a":3}`},
		{`{"\u0061":1}`, `{"\u0061":"x","a":2}`},
		{`{"a":1,"b":2}`, `{"a":1,"b":}`},
		{`{"a":"x"}`, `{"a":"x`},
		{` { } `, ` {`},
		{`{"a":1,"b":2}`, `{"a":1}`},
		{"\ufeff{\"a\":1}", `{"a":1}`},
		{`{"a":"x"}`, "\ufeff{\"a\":\"x\"}"},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		withEachSet(func(set marks.Set) {
			var seasoned events.Scanner
			for range 2 {
				for _, line := range [][]byte{first, second} {
					got, want := members(&seasoned, line), members(new(events.Scanner), line)
					if got != want {
						t.Fatalf("%v: %q after %q:\n%s\nbut on its own:\n%s", set, line, first, got, want)
					}
				}
			}
		})
	})
}

// What comes after a line changes nothing: here the rest of one that the
// Scanner knows.
func TestLinesCutShort(t *testing.T) {
	whole := `{"a": "xyz\n\u00e9", "b": {}, "c": 12.5, "d": "", "e": false, "f": {}}` + strings.Repeat(" ", 32)
	withEachSet(func(set marks.Set) {
		var seasoned events.Scanner
		members(&seasoned, []byte(whole))
		for n := range whole {
			gotErr := seasoned.ScanFirst([]byte(whole[:n] + "\n" + whole[n:]))
			got, want := found(&seasoned, gotErr), members(new(events.Scanner), []byte(whole[:n]))
			if got != want || string(seasoned.Line()) != whole[:n] {
				t.Errorf("%v: %q: found %s\nbut on its own %s", set, whole[:n], got, want)
			}
			// The same where what comes after is no line, and where nothing is.
			for _, line := range [][]byte{[]byte(whole)[:n], []byte(whole)[:n:n]} {
				if got := members(&seasoned, line); got != want {
					t.Errorf("%v: %q: found %s\nbut on its own %s", set, line, got, want)
				}
			}
		}
	})
}

// oddValues are at the limits of what takes a shortcut in a line of a known layout, or beyond.
var oddValues = []string{
	`0`, `-0`, `00`, `01`, `-1`, `1.`, `.5`, `1.5`, `0.25`, `0.`, `1.5.5`, `1e5`, `1E5`, `1.5e5`, `1.5E+5`, `1e`, `0e0`, `9/`, `9:`, `9/5`, `9,5`,
	`12345678901234`, `123456789012345`, `1234567890123456`, `12345678901234567`, `1.2345678901234`, `12345678.90123456`, `1234567890123.56`,
	`true`, `tru`, `truE`, `false`, `fals`, `falsy`, `null`, `nul`, `nulls`, `{}`, `{ }`, `{"k": "}"}`, `{]`, `[]`, `["\\"]`, `{"\u006b": {}}`,
	`""`, `"`, `"\"`, `"\""`, `"\\"`, `"\\\"`, `"\b\f\n\r\t\\\""`, `"\/"`, `"\a"`, `"\u"`, `"\u00e9"`, `"\u00E9\uABCD\uefef"`, `"\u0041"`, `"\u007f"`,
	`"\u0080"`, `"\u0019"`, `"\u001F"`, `"\u0020"`, `"\u0031"`, `"\u00:0"`, `"\u00g0"`, `"\u00G0"`, "\"\\u00\x10\x11\"", `"\u00/0"`, `"\u00@0"`, "\"\\u00`0\"", `"\u12"`, `"\u123`, `"\u12é"`,
	`"é"`, "\"\xff\"", "\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\t\"", "\"\n\"",
}

// Values of all kinds, wherever their bytes are in a word of marks or of the machine.
func TestOddValues(t *testing.T) {
	seasoned := map[marks.Set]*events.Scanner{}
	check := func(line string) {
		text, rest, _ := strings.Cut(line, "\n")
		want := members(new(events.Scanner), []byte(text))
		if valid := json.Valid([]byte(text)) && utf8.ValidString(text); valid != strings.Contains(want, "plain:") {
			t.Fatalf("%s: found %s\nvalid: %v", text, want, valid)
		}
		withEachSet(func(set marks.Set) {
			s := seasoned[set]
			if s == nil {
				s = new(events.Scanner)
				seasoned[set] = s
			}
			err := s.ScanFirst([]byte(text + "\n" + rest + `", "b": 1.5e5, "c": "\u00e9"}`))
			if got := found(s, err); got != want {
				t.Fatalf("%v: %s: found %s\nbut on its own %s", set, text, got, want)
			}
		})
	}
	long := strings.Repeat("k", 40)
	for _, value := range append(oddValues, `"`+long+long+`"`, `"`+long+`\n`+long+long+`\u00e9"`) {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7, 40, 48, 52, 56, 57, 58, 60, 62} {
			start := `{"a": "` + strings.Repeat("~", n)
			check(start + `", "b": ` + value + `, "c": ` + value + `}`)
			check(start + `", "b":` + value + `}`)
			check(start + strings.TrimPrefix(value, `"`) + `, "b": {}}`)
		}
	}
	for n := 20; n < 40; n++ { // what is beyond the bytes that are compared at once
		for _, after := range []string{`": "": 1}`, `kkkk":123}`, `kkkx": 1}`} {
			clear(seasoned)
			check(`{"a": 1, "` + long[:n] + `kkkk": 1}` + "\n" + long)
			check(`{"a": 1, "` + long[:n] + after + "\n" + long)
		}
	}
	for i := range 4 {
		for c := range 256 {
			digits := []byte("00e9")
			digits[i] = byte(c)
			check(`{"a": "\u` + string(digits) + `"}`)
			check(`{"a": "\uabc` + string(digits[:i+1]) + `F123"}`)
		}
	}
}

// Strings that end, or break, where the window of marks does, in a line that
// looks like an earlier one.
func TestStringsAtTheWindowsEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("long, on one goroutine")
	}
	seasoned := map[marks.Set]*events.Scanner{}
	withEachSet(func(set marks.Set) { seasoned[set] = new(events.Scanner) })
	others := `", "c": {}, "d": 1.5, "e": true, "f": false, "g": null, "h": {}, "i": {}, "j": {}, "k": "x`
	for n := 4050; n < 4106; n++ {
		for _, end := range []string{`"}`, `", "b": "x"}`, "\x01\"}", `\"}`, `\n"}`, "\xff\"}", ``, others + `"}`, others + "\x01\"}"} {
			for _, fill := range []string{"~", "é"} {
				line := []byte(`{"a": "` + strings.Repeat(fill, n/len(fill)) + end)
				want := members(new(events.Scanner), line)
				if valid := json.Valid(line) && utf8.Valid(line); valid != strings.Contains(want, "plain:") {
					t.Fatalf("%q after %d bytes: found %.100s", end, n, want)
				}
				withEachSet(func(set marks.Set) {
					err := seasoned[set].ScanFirst(fmt.Appendf(nil, "%s\n%70s", line, "another line"))
					if got := found(seasoned[set], err); got != want {
						t.Fatalf("%v: %q after %d bytes: found %.100s\nbut on its own %.100s", set, end, n, got, want)
					}
				})
			}
		}
	}
}

// A log whose every line has another key costs no more memory for ever.
func TestLearnedLayoutsAreLimited(t *testing.T) {
	var s events.Scanner
	scan := func(n int) {
		line := fmt.Appendf(nil, `{"key%d": 1, "event_type": "x"}`, n)
		if got := members(&s, line); got != fmt.Sprintf("2, plain: true\n\"key%d\" 1 1\n\"event_type\" x x\n", n) {
			t.Fatalf("line %d: found %s", n, got)
		}
	}
	for n := range 5000 {
		scan(n)
	}
	line := []byte(`{"other": 1, "event_type": "x"}`)
	if allocs := testing.AllocsPerRun(100, func() { s.Scan(line); s.Lookup("event_type") }); allocs != 0 {
		t.Errorf("%v allocations a line", allocs)
	}
}
