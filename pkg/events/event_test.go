package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"

	"auditctl/pkg/events"
)

func TestParseDoesNotChangeTheLine(t *testing.T) {
	for _, line := range []string{
		`{"event_type":"a"}`,
		" \t{ \"x\" : 1E5 , \"event_type\":\"\\u0061\" } \r",
		`{"event_type":"a","event_type":"b","é":"\/"}`,
	} {
		for _, end := range []string{"", "\n"} {
			given := []byte(line + end)
			e, err := events.Parse(given)
			if err != nil {
				t.Fatal(err)
			}
			if string(e.Line()) != line {
				t.Errorf("Line: %q, want %q", e.Line(), line)
			}
			if &e.Line()[0] != &given[0] {
				t.Error("the line was copied")
			}
		}
	}
}

func TestEventType(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{`{"event_type":"turn_start"}`, "turn_start"},
		{`{"event_type":""}`, ""},
		{`{"event_type":"caf\u00e9 \"q\" \ud83d\ude00 日"}`, `café "q" 😀 日`},
		{`{"event_type":"\ud83d"}`, "\ufffd"},
		{`{"event_type":"base","event_type":"error"}`, "error"},
		{`{"event_type":7,"event_type":"error"}`, "error"},
		{`{"event\u005ftype":"error","metadata":{"event_type":"base"}}`, "error"},
		{` { "metadata" : {"event_type":"base"}, "event_type" : "error" } `, "error"},
	} {
		e, err := events.Parse([]byte(tc.line))
		if err != nil {
			t.Errorf("%s: %v", tc.line, err)
			continue
		}
		if got := e.Type(); got != tc.want {
			t.Errorf("%s: type %q, want %q", tc.line, got, tc.want)
		}
		if got := e.Lookup("event_type").String(); got != tc.want {
			t.Errorf("%s: Lookup finds %q, want %q", tc.line, got, tc.want)
		}
		if got := e.Value().Kind(); got != events.Object {
			t.Errorf("%s: Value is of kind %d", tc.line, got)
		}
	}
}

func TestZeroEvent(t *testing.T) {
	var e events.Event
	if e.Line() != nil || e.Type() != "" || e.Lookup("event_type") != nil || e.Value().Kind() != events.Absent {
		t.Errorf("the zero event has line %q, type %q", e.Line(), e.Type())
	}
	if got := e.Clone(); got.Line() != nil {
		t.Errorf("its clone has line %q", got.Line())
	}
	if _, err := e.Envelope(); err == nil {
		t.Error("the zero event has an envelope")
	}
	if _, err := e.Record(); err == nil {
		t.Error("the zero event is a record")
	}
}

// Whoever prints, logs or marshals an event gets its line.
func TestEventAsText(t *testing.T) {
	const line = ` {"event_type": "x", "n": 1.50, "html": "<&>"} `
	e := must(events.Parse([]byte(line)))
	if got := fmt.Sprint(e); got != line {
		t.Errorf("printed: %s", got)
	}
	var logged, text bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("m", "event", e)
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "event", e)
	if want := `"event":{"event_type":"x","n":1.50,"html":"<&>"}}`; !strings.HasSuffix(strings.TrimSpace(logged.String()), want) {
		t.Errorf("logged as JSON: %s", &logged)
	}
	if want := `event="{\"event_type\": \"x\", \"n\": 1.50, \"html\": \"<&>\"}"`; !strings.HasSuffix(strings.TrimSpace(text.String()), want) {
		t.Errorf("logged as text: %s", &text)
	}
	logged.Reset()
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("m", "event", events.Event{})
	if want := `"event":null}`; !strings.HasSuffix(strings.TrimSpace(logged.String()), want) {
		t.Errorf("the zero event logged as JSON: %s", &logged)
	}
	if got := string(must(json.Marshal([]events.Event{e, {}}))); got != `[{"event_type":"x","n":1.50,"html":"\u003c\u0026\u003e"},null]` {
		t.Errorf("marshaled: %s", got)
	}
}

func TestEventFromJSON(t *testing.T) {
	var got struct{ A, B, C events.Event }
	data := []byte(`{"A": {"event_type": "x", "n": 1.50}, "B": {
		"event_type": "a b"
	}, "C": null}`)
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if got.A.String() != `{"event_type": "x", "n": 1.50}` || got.B.String() != `{"event_type":"a b"}` || got.C.Line() != nil {
		t.Errorf("read %s, %s and %s", got.A, got.B, got.C)
	}
	var invalid *events.SyntaxError
	if err := json.Unmarshal([]byte(`{"A": {"type": "x"}}`), &got); !errors.As(err, &invalid) {
		t.Errorf("what is no event: %v", err)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	const text = `{"event_type":"error","error_message":"m"}`
	line := []byte(text)
	kept := must(events.Parse(line)).Clone()
	for i := range line {
		line[i] = 'x'
	}
	if string(kept.Line()) != text || kept.Type() != "error" || kept.Lookup("error_message").String() != "m" {
		t.Errorf("the clone changed: %q", kept.Line())
	}
}

func TestEnvelope(t *testing.T) {
	full := events.Envelope{
		EventType: "x", Timestamp: fixedTime, AgentID: "a\n", TurnID: "t", SessionID: "s", Severity: "critical",
		Metadata: events.Metadata{{"k", true}},
	}
	for _, tc := range []struct {
		name, line string
		want       events.Envelope
	}{
		{"full", `{"event_type":"x","timestamp":"` + fixedText + `","agent_id":"a\n","turn_id":"t","session_id":"s","severity":"critical","metadata":{"k":true}}`, full},
		{"only a type", `{"event_type":"x"}`, events.Envelope{EventType: "x"}},
		{"nulls", `{"event_type":"x","timestamp":null,"agent_id":null,"turn_id":null,"session_id":null,"severity":null,"metadata":null}`, events.Envelope{EventType: "x"}},
		{"the last ones", `{"event_type":"x","agent_id":7,"agent_id":"a"}`, events.Envelope{EventType: "x", AgentID: "a"}},
		{"unknown severity", `{"event_type":"x","severity":"FATAL"}`, events.Envelope{EventType: "x", Severity: "FATAL"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := must(events.Parse([]byte(tc.line))).Envelope()
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("Envelope: %+v, %v, want %+v", got, err, tc.want)
			}
		})
	}
}

// Every value of the wrong kind is an error that names its key.
func TestDecodeErrors(t *testing.T) {
	for _, tc := range []struct{ line, key string }{
		{`{"event_type":"turn_start","timestamp":7}`, "timestamp"},
		{`{"event_type":"turn_start","timestamp":"2025-02-30T00:00:00Z"}`, "timestamp"},
		{`{"event_type":"turn_start","agent_id":7}`, "agent_id"},
		{`{"event_type":"turn_start","turn_id":{}}`, "turn_id"},
		{`{"event_type":"turn_start","session_id":true}`, "session_id"},
		{`{"event_type":"turn_start","severity":1}`, "severity"},
		{`{"event_type":"turn_start","metadata":[]}`, "metadata"},
		{`{"event_type":"turn_start","metadata":"{}"}`, "metadata"},
		{`{"event_type":"turn_start","prompt_preview":7}`, "prompt_preview"},
		{`{"event_type":"turn_start","prompt_preview":null}`, "prompt_preview"},
		{`{"event_type":"turn_end","function_calls_count":"1"}`, "function_calls_count"},
		{`{"event_type":"turn_end","function_calls_count":1.5}`, "function_calls_count"},
		{`{"event_type":"turn_end","function_calls_count":1e3}`, "function_calls_count"},
		{`{"event_type":"turn_end","function_calls_count":9223372036854775808}`, "function_calls_count"},
		{`{"event_type":"skill_used","duration_ms":"1"}`, "duration_ms"},
		{`{"event_type":"skill_used","duration_ms":1e999}`, "duration_ms"},
		{`{"event_type":"skill_used","triggered_automatically":1}`, "triggered_automatically"},
		{`{"event_type":"skill_authored","unique_tools":{}}`, "unique_tools"},
		{`{"event_type":"skill_authored","unique_tools":[null]}`, "unique_tools"},
	} {
		_, err := must(events.Parse([]byte(tc.line))).Record()
		if !strings.Contains(reason(err), tc.key+": ") {
			t.Errorf("%s: %q does not name %s", tc.line, reason(err), tc.key)
		}
	}
}

func TestDecodeKeepsWhatTheEventLacks(t *testing.T) {
	r := events.NewSkillUsed()
	r.SkillName, r.Version, r.AgentID = "name", "1", "agent"
	e := must(events.Parse([]byte(`{"event_type":"skill_used","version":"2","agent_id":null,"unknown":1}`)))
	if err := e.Decode(r); err != nil {
		t.Fatal(err)
	}
	want := events.NewSkillUsed()
	want.SkillName, want.Version, want.AgentID = "name", "2", "agent"
	if !reflect.DeepEqual(r, want) {
		t.Errorf("Decode: %+v, want %+v", r, want)
	}
}

func TestRecordOfUnknownType(t *testing.T) {
	_, err := must(events.Parse([]byte(`{"event_type":"deployment"}`))).Record()
	if !errors.Is(err, events.ErrUnknownType) || reason(err) != `unknown event type "deployment"` {
		t.Errorf("Record: %v", err)
	}
	if _, err := events.NewRecord(""); !errors.Is(err, events.ErrUnknownType) {
		t.Errorf("NewRecord: %v", err)
	}
	if keys := events.Keys("deployment"); keys != nil {
		t.Errorf("Keys: %v", keys)
	}
}

func TestRecordReadsEveryKind(t *testing.T) {
	line := `{"event_type":"skill_authored","metadata":{"n":1.50,"o":{"b":null,"a":[true,"\u00e9"]},"d":1,"d":2},"skill_name":"\ud83d\ude00","tool_count":-3,"unique_tools":["a","\u0062"],"confirmed_by_user":true}`
	r, err := must(events.Parse([]byte(line))).Record()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"n": 1.50, "o": {"b": null, "a": [true, "\u00e9"]}, "d": 2}, "skill_name": "\ud83d\ude00", "version": "", "source_path": "", "tool_count": -3, "unique_tools": ["a", "b"], "confirmed_by_user": true}`
	if got := string(must(events.New(r)).Line()); !strings.HasSuffix(got, want) {
		t.Errorf("read as %s, want %s", got, want)
	}
}

// Events are values: many goroutines may use one.
func TestEventsAreSafeForConcurrentUse(t *testing.T) {
	all := testLines(t, "session.jsonl")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, line := range all {
				e := must(events.Parse(line))
				r := must(e.Record())
				if got := must(events.New(r)); string(got.Line()) != string(line) {
					t.Errorf("made %s of %s", got.Line(), line)
				}
				if got := must(events.Complete(line)); got.Type() != e.Type() {
					t.Errorf("type %s of %s", got.Type(), line)
				}
			}
		})
	}
	wg.Wait()
}
