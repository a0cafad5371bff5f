package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/events"
)

func TestCompleteWritesWhatTheReferenceWrites(t *testing.T) {
	for i, c := range referenceEvents(t) {
		t.Run(fmt.Sprintf("%d %s", i+1, c.EventType), func(t *testing.T) {
			e, err := events.Complete(c.object())
			if err != nil {
				t.Fatal(err)
			}
			if string(e.Line()) != c.Line {
				t.Errorf("Complete:\n%s, want\n%s", e.Line(), c.Line)
			}
			checkMade(t, e)
		})
	}
}

func TestCompleteKeepsWhatIsComplete(t *testing.T) {
	for i, line := range testLines(t, "session.jsonl") {
		e, err := events.Complete(line)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if string(e.Line()) != string(line) {
			t.Errorf("line %d:\n%s, want\n%s", i+1, e.Line(), line)
		}
	}
}

func TestComplete(t *testing.T) {
	// What follows the timestamp in an event with nothing but its type.
	const ids, metadata = `, "agent_id": null, "turn_id": null, "session_id": null`, `, "severity": "info", "metadata": {}`
	for _, tc := range []struct{ name, given, want string }{
		{"other type", `"event_type":"x"`, `"x", ` + ids + metadata},
		{"order", `"tool_name":"t","metadata":{"b":1,"a":2},"severity":"debug","session_id":"s","turn_id":"u","agent_id":"a","event_type":"tool_call_attempt"`,
			`"tool_call_attempt", , "agent_id": "a", "turn_id": "u", "session_id": "s", "severity": "debug", "metadata": {"b": 1, "a": 2}, "tool_name": "t", "arguments_preview": ""`},
		{"unknown keys follow in their order", `"zoo":1E5,"event_type":"turn_start","prompt_preview":"p","ant":[1.50,-0,{"b":1,"a":2}]`,
			`"turn_start", ` + ids + metadata + `, "prompt_preview": "p", "zoo": 1E5, "ant": [1.50, -0, {"b": 1, "a": 2}]`},
		{"the last of two counts", `"event_type":"error","agent_id":"a","agent_id":"b","event_type":"base"`,
			`"base", , "agent_id": "b", "turn_id": null, "session_id": null` + metadata},
		{"a severity in other words", `"event_type":"x","severity":"\u0057arn"`, `"x", ` + ids + `, "severity": "warning", "metadata": {}`},
		{"the last severity", `"event_type":"x","severity":7,"severity":"error"`, `"x", ` + ids + `, "severity": "error", "metadata": {}`},
		{"escaped keys", `"event\u005ftype":"turn_start","prompt\u005fpreview":"p"`, `"turn_start", ` + ids + metadata + `, "prompt_preview": "p"`},
		{"escapes", `"event_type":"turn_start","prompt_preview":"\u0041\/\u00E9é\uD83D\uDE00😀` + "\x7f" + `\u000a"`,
			`"turn_start", ` + ids + metadata + `, "prompt_preview": "A/\u00e9\u00e9\ud83d\ude00\ud83d\ude00\u007f\n"`},
		{"half surrogate pairs", `"event_type":"x\ud800","k":"\udc00\ud800!\ud800é"`, `"x\ud800", ` + ids + metadata + `, "k": "\udc00\ud800!\ud800\u00e9"`},
		{"half surrogate pairs in keys", `"event_type":"x","\ud800":1,"\udc00":2,"metadata":{"\udfff":3}`,
			`"x", ` + ids + `, "severity": "info", "metadata": {"\udfff": 3}, "\ud800": 1, "\udc00": 2`},
		{"an integer for a float", `"event_type":"skill_used","duration_ms":5`,
			`"skill_used", ` + ids + metadata + `, "skill_name": "", "version": "", "outcome": "unknown", "duration_ms": 5.0, "triggered_automatically": true`},
		{"floats", `"event_type":"tool_call_complete","duration_ms":1E16`,
			`"tool_call_complete", ` + ids + metadata + `, "tool_name": "", "status": "success", "duration_ms": 1e+16, "result_preview": ""`},
		{"integers of any size", `"event_type":"turn_end","function_calls_count":123456789012345678901234567890`,
			`"turn_end", ` + ids + metadata + `, "content_preview": "", "function_calls_count": 123456789012345678901234567890`},
		{"minus zero", `"event_type":"turn_end","function_calls_count":-0`,
			`"turn_end", ` + ids + metadata + `, "content_preview": "", "function_calls_count": 0`},
		{"lists", `"event_type":"skill_authored","unique_tools":["b","\u0061"],"confirmed_by_user":true`,
			`"skill_authored", ` + ids + metadata + `, "skill_name": "", "version": "", "source_path": "", "tool_count": 0, "unique_tools": ["b", "a"], "confirmed_by_user": true`},
		{"null ids", `"event_type":"x","agent_id":null,"turn_id":null,"session_id":""`, `"x", , "agent_id": null, "turn_id": null, "session_id": ""` + metadata},
	} {
		t.Run(tc.name, func(t *testing.T) {
			const timestamp = `"timestamp": "` + fixedText + `"`
			want := `{"event_type": ` + strings.Replace(tc.want, ", ,", ", "+timestamp+",", 1) + `}`
			e, err := events.Complete([]byte(" {" + tc.given + " ,\t" + timestamp + "}\r\n"))
			if err != nil {
				t.Fatal(err)
			}
			if string(e.Line()) != want {
				t.Errorf("Complete:\n%s, want\n%s", e.Line(), want)
			}
			checkMade(t, e)
		})
	}
}

func TestCompleteTimestamp(t *testing.T) {
	for _, tc := range []struct{ given, want string }{
		{`2025-06-15T14:30:00.123456+00:00`, `2025-06-15T14:30:00.123456+00:00`},
		{`2025-06-15T14:30:00Z`, `2025-06-15T14:30:00+00:00`},
		{`2025-06-15t14:30:00z`, `2025-06-15T14:30:00+00:00`},
		{`2025-06-15 14:30:00`, `2025-06-15T14:30:00+00:00`},
		{`2025-06-15T14:30:00.5Z`, `2025-06-15T14:30:00.500000+00:00`},
		{`2025-06-15T14:30:00.0000009Z`, `2025-06-15T14:30:00+00:00`},
		{`2025-06-15T14:30:00.999999999999Z`, `2025-06-15T14:30:00.999999+00:00`},
		{`2025-06-15T00:30:00+02:00`, `2025-06-14T22:30:00+00:00`},
		{`2024-02-28T23:30:00-0100`, `2024-02-29T00:30:00+00:00`},
		{`2025\u002d06-15T14:30:00Z`, `2025-06-15T14:30:00+00:00`},
	} {
		e, err := events.Complete([]byte(`{"event_type":"x","timestamp":"` + tc.given + `"}`))
		if err != nil {
			t.Errorf("%s: %v", tc.given, err)
			continue
		}
		if got := e.Lookup("timestamp").String(); got != tc.want {
			t.Errorf("%s is written as %s, want %s", tc.given, got, tc.want)
		}
	}
}

func TestCompleteErrors(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{`oops`, "column 1: not a JSON object"},
		{`{"a":1}`, "column 1: no event_type"},
		{`{"event_type":7}`, "column 15: event_type is not a string"},
		{`{"event_type":"x","timestamp":null}`, "column 31: timestamp: want a date and time as RFC 3339 writes it, have null"},
		{`{"event_type":"x","timestamp":"yesterday"}`, `column 31: timestamp: want a date and time as RFC 3339 writes it, have "yesterday"`},
		{`{"event_type":"x","timestamp":"2025-02-30T00:00:00Z"}`, `column 31: timestamp: want a date and time as RFC 3339 writes it, have "2025-02-30T00:00:00Z"`},
		{`{"event_type":"x","timestamp":175000000}`, "column 31: timestamp: want a date and time as RFC 3339 writes it, have 175000000"},
		{`{"event_type":"x","agent_id":7}`, "column 30: agent_id: want a string or null, have 7"},
		{`{"event_type":"x","turn_id":[]}`, "column 29: turn_id: want a string or null, have []"},
		{`{"event_type":"x", "session_id": {}}`, "column 34: session_id: want a string or null, have {}"},
		{`{"event_type":"x","severity":"loud"}`, `column 30: severity: want debug, info, warning, error or critical, have "loud"`},
		{`{"event_type":"x","severity":"info "}`, `column 30: severity: want debug, info, warning, error or critical, have "info "`},
		{`{"event_type":"x","severity":null}`, "column 30: severity: want debug, info, warning, error or critical, have null"},
		{`{"event_type":"x","metadata":[]}`, "column 30: metadata: want an object, have []"},
		{`{"event_type":"x","metadata":null}`, "column 30: metadata: want an object, have null"},
		{`{"event_type":"turn_start","prompt_preview":null}`, "column 45: prompt_preview: want a string, have null"},
		{`{"event_type":"turn_end","function_calls_count":1.0}`, "column 49: function_calls_count: want an integer, have 1.0"},
		{`{"event_type":"turn_end","function_calls_count":1e2}`, "column 49: function_calls_count: want an integer, have 1e2"},
		{`{"event_type":"turn_end","function_calls_count":"1"}`, `column 49: function_calls_count: want an integer, have "1"`},
		{`{"event_type":"skill_used","duration_ms":"1"}`, `column 42: duration_ms: want a number, have "1"`},
		{`{"event_type":"skill_used","duration_ms":1e999}`, "column 42: duration_ms: 1e999 is out of range"},
		{`{"event_type":"skill_used","triggered_automatically":"yes"}`, `column 54: triggered_automatically: want true or false, have "yes"`},
		{`{"event_type":"skill_authored","unique_tools":"a"}`, `column 47: unique_tools: want a list of strings, have "a"`},
		{`{"event_type":"skill_authored","unique_tools":["a",1]}`, `column 47: unique_tools: want a list of strings, have ["a",1]`},
		{`{"event_type":"turn_start","prompt_preview":["0123456789 0123456789 0123456789 0123456789"]}`,
			`column 45: prompt_preview: want a string, have ["0123456789 0123456789 0123456789 01234…`},
		// Years that the reference writer cannot write.
		{`{"event_type":"x","timestamp":"0000-01-01T00:00:00+01:00"}`, `column 31: timestamp: want a date and time as RFC 3339 writes it, have "0000-01-01T00:00:00+01:00"`},
		{`{"event_type":"x","timestamp":"9999-12-31T23:59:59-01:00"}`, `column 31: timestamp: want a date and time as RFC 3339 writes it, have "9999-12-31T23:59:59-01:00"`},
	} {
		e, err := events.Complete([]byte(tc.line))
		if reason(err) != tc.want {
			t.Errorf("Complete(%s): %q, want %q", tc.line, reason(err), tc.want)
		}
		if err != nil && e.Line() != nil {
			t.Errorf("Complete(%s) returns an event beside the error: %s", tc.line, e.Line())
		}
	}
}

func TestAppendComplete(t *testing.T) {
	var s events.Scanner
	given := []byte(`{"event_type":"x","timestamp":"2025-06-15T14:30:00Z"}`)
	if err := s.Scan(given); err != nil {
		t.Fatal(err)
	}
	got, err := s.AppendComplete([]byte("before "))
	if err != nil {
		t.Fatal(err)
	}
	if want := "before " + string(must(events.Complete(given)).Line()); string(got) != want {
		t.Errorf("AppendComplete:\n%s, want\n%s", got, want)
	}

	// An error leaves what was there.
	if err := s.Scan([]byte(`{"event_type":"x","metadata":0}`)); err != nil {
		t.Fatal(err)
	}
	got, err = s.AppendComplete([]byte("before "))
	if err == nil || string(got) != "before " {
		t.Errorf("AppendComplete returns %q, %v", got, err)
	}
}

func FuzzComplete(f *testing.F) {
	for _, line := range testLines(f, "session.jsonl") {
		f.Add(line)
	}
	for _, c := range referenceEvents(f) {
		f.Add(c.object())
	}
	for _, line := range []string{
		`{"event_type":"x","\ud800":"\ud800","é\u00E9":1E5,"timestamp":"2025-06-15 14:30:00.1234567-0130"}`,
		`{"event_type":"turn_end","event_type":"skill_used","duration_ms":-0,"metadata":{"a":1,"a":2}}`,
		`{"event_type":"error","severity":"FATAL"}`,
		`{"event_type":"x","timestamp":"9999-12-31T23:59:59-23:59"}`,
		`{"event_type":"x","timestamp":"0000-01-01T00:00:00+23:59"}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := events.Complete(line)
		if err != nil {
			if _, ok := err.(*events.SyntaxError); !ok {
				t.Errorf("error of another type: %v", err)
			}
			return
		}
		checkMade(t, e)
		if _, err := e.Envelope(); err != nil {
			t.Errorf("made an envelope that cannot be read: %v: %s", err, e.Line())
		}
		again, err := events.Complete(e.Line())
		if err != nil || !bytes.Equal(again.Line(), e.Line()) {
			t.Errorf("completed again: %v\n%s, want\n%s", err, again.Line(), e.Line())
		}
		got, want := normalized(t, e.Line()), normalized(t, line)
		for key := range want {
			if !reflect.DeepEqual(got[key], want[key]) {
				t.Errorf("%q is %v in %s, want %v", key, got[key], e.Line(), want[key])
			}
		}
	})
}

// normalized returns the values of an event. Those that may be spelled in another way
// are numbers, times and severities.
func normalized(tb testing.TB, line []byte) map[string]any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var values map[string]any
	if err := d.Decode(&values); err != nil {
		tb.Fatal(err)
	}
	if text, ok := values["timestamp"].(string); ok {
		when, _ := events.ParseTimestamp([]byte(text))
		values["timestamp"] = when.Truncate(time.Microsecond)
	}
	if text, ok := values["severity"].(string); ok {
		if severity, ok := events.ParseSeverity(text); ok {
			values["severity"] = string(severity)
		}
	}
	numbers := slices.DeleteFunc(events.Keys(values["event_type"].(string)), func(k events.Key) bool {
		return k.Kind != events.FloatKey && k.Kind != events.IntKey
	})
	for _, k := range numbers {
		if number, ok := values[k.Name].(json.Number); ok {
			values[k.Name] = must(number.Float64())
		}
	}
	return values
}
