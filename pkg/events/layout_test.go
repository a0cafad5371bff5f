package events_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"auditctl/pkg/events"
)

var someKeys = []string{"a", "event_type", "missing", "b", "a"}

// members tells all that a Scanner found in a line.
func members(s *events.Scanner, line []byte) string { return found(s, s.Scan(line)) }

func found(s *events.Scanner, err error) string {
	if err != nil {
		return err.Error()
	}
	found := ""
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
		var seasoned events.Scanner
		for range 2 {
			for _, line := range [][]byte{first, second} {
				got, want := members(&seasoned, line), members(new(events.Scanner), line)
				if got != want {
					t.Fatalf("%q after %q:\n%s\nbut on its own:\n%s", line, first, got, want)
				}
			}
		}
	})
}

// What comes after a line changes nothing: here the rest of one that the
// Scanner knows.
func TestLinesCutShort(t *testing.T) {
	whole := `{"a": "xyz", "b": {}, "c": 1, "d": "", "e": {}}` + strings.Repeat(" ", 24)
	var seasoned events.Scanner
	members(&seasoned, []byte(whole))
	for n := range whole {
		gotErr := seasoned.ScanFirst([]byte(whole[:n] + "\n" + whole[n:]))
		got, want := found(&seasoned, gotErr), members(new(events.Scanner), []byte(whole[:n]))
		if got != want || string(seasoned.Line()) != whole[:n] {
			t.Errorf("%q: found %s\nbut on its own %s", whole[:n], got, want)
		}
	}
}

// Strings that end, or break, where the window of marks does, in a line that
// looks like an earlier one.
func TestStringsAtTheWindowsEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("long, on one goroutine")
	}
	var seasoned events.Scanner
	for n := 3900; n < 4200; n++ {
		for _, end := range []string{`"}`, `", "b": "x"}`, "\x01\"}", `\"}`, `\n"}`, "\xff\"}", ``} {
			for _, fill := range []string{"~", "é"} {
				line := []byte(`{"a": "` + strings.Repeat(fill, n/len(fill)) + end)
				line = append(line, strings.Repeat("~", 70)...)[:len(line)] // another line follows
				got, want := members(&seasoned, line), members(new(events.Scanner), line)
				if valid := json.Valid(line) && utf8.Valid(line); got != want || strings.HasPrefix(got, `"a"`) != valid {
					t.Fatalf("%q after %d bytes: found %.100s\nbut on its own %.100s", end, n, got, want)
				}
			}
		}
	}
}

// A log whose every line has another key costs no more memory for ever.
func TestLearnedLayoutsAreLimited(t *testing.T) {
	var s events.Scanner
	scan := func(n int) {
		line := fmt.Appendf(nil, `{"key%d": 1, "event_type": "x"}`, n)
		if got := members(&s, line); got != fmt.Sprintf("\"key%d\" 1 1\n\"event_type\" x x\n", n) {
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
