package events_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/events"
)

func TestNewWritesWhatTheReferenceWrites(t *testing.T) {
	for i, c := range referenceEvents(t) {
		t.Run(fmt.Sprintf("%d %s", i+1, c.EventType), func(t *testing.T) {
			given := must(events.Parse(c.object()))
			r := must(events.NewRecord(c.EventType))
			if err := given.Decode(r); err != nil {
				t.Fatal(err)
			}
			e, err := events.New(r)
			if err != nil {
				t.Fatal(err)
			}
			if string(e.Line()) != c.Line {
				t.Errorf("New:\n%s, want\n%s", e.Line(), c.Line)
			}
			checkMade(t, e)
		})
	}
}

func TestRecordSurvives(t *testing.T) {
	for i, line := range testLines(t, "session.jsonl") {
		r, err := must(events.Parse(line)).Record()
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		e, err := events.New(r)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if string(e.Line()) != string(line) {
			t.Errorf("line %d:\n%s, want\n%s", i+1, e.Line(), line)
		}
		checkMade(t, e)
	}
}

// The table of the event types, with the defaults of their keys.
var defaults = []struct {
	record                   events.Record
	eventType, severity, own string
}{
	{events.NewBase(), "base", "info", ``},
	{events.NewTurnStart(), "turn_start", "info", `, "prompt_preview": ""`},
	{events.NewTurnEnd(), "turn_end", "info", `, "content_preview": "", "function_calls_count": 0`},
	{events.NewToolCallAttempt(), "tool_call_attempt", "info", `, "tool_name": "", "arguments_preview": ""`},
	{events.NewToolCallComplete(), "tool_call_complete", "info", `, "tool_name": "", "status": "success", "duration_ms": 0.0, "result_preview": ""`},
	{events.NewToolCallFailure(), "tool_call_failure", "error", `, "tool_name": "", "error_type": "", "error_message": ""`},
	{events.NewToolPolicyDecision(), "tool_policy_decision", "info", `, "tool_name": "", "action": "", "policy_source": ""`},
	{events.NewSandboxDecision(), "sandbox_decision", "info", `, "tool_name": "", "context": "", "reason": "", "backend_type": ""`},
	{events.NewToolLoopWarning(), "tool_loop_warning", "warning", `, "tool_name": "", "pattern": "", "severity_level": "", "call_count": 0`},
	{events.NewToolLoopBlock(), "tool_loop_block", "error", `, "tool_name": "", "pattern": "", "call_count": 0`},
	{events.NewHookMutation(), "hook_mutation", "info", `, "hook_name": "", "tool_name": "", "mutated_field": ""`},
	{events.NewError(), "error", "error", `, "error_type": "", "error_message": "", "error_context": ""`},
	{events.NewSkillUsed(), "skill_used", "info", `, "skill_name": "", "version": "", "outcome": "unknown", "duration_ms": 0.0, "triggered_automatically": true`},
	{events.NewSkillAuthored(), "skill_authored", "info", `, "skill_name": "", "version": "", "source_path": "", "tool_count": 0, "unique_tools": [], "confirmed_by_user": false`},
	{events.NewSkillFeedback(), "skill_feedback", "info", `, "skill_name": "", "rating": "neutral", "reason": "", "source": "user"`},
	{events.NewAgentSwitch(), "agent_switch", "info", `, "from_agent": "", "to_agent": "", "reason": ""`},
}

func TestDefaults(t *testing.T) {
	for i, tc := range defaults {
		t.Run(tc.eventType, func(t *testing.T) {
			want := `{"event_type": "` + tc.eventType + `", "timestamp": "` + fixedText + `", "agent_id": null, "turn_id": null, "session_id": null, "severity": "` +
				tc.severity + `", "metadata": {}` + tc.own + `}`

			events.EnvelopeOf(tc.record).Timestamp = fixedTime
			if got := must(events.New(tc.record)); string(got.Line()) != want {
				t.Errorf("New:\n%s, want\n%s", got.Line(), want)
			}

			literal := reflect.New(reflect.TypeOf(tc.record).Elem()).Interface().(events.Record)
			events.EnvelopeOf(literal).Timestamp = fixedTime
			if got, common := must(events.New(literal)), len(want)-len(tc.own)-1; string(got.Line()[:common]) != want[:common] {
				t.Errorf("New of a literal:\n%s, want\n%s", got.Line(), want)
			}

			short := `{"timestamp":"` + fixedText + `","event_type":"` + tc.eventType + `"}`
			if got := must(events.Complete([]byte(short))); string(got.Line()) != want {
				t.Errorf("Complete:\n%s, want\n%s", got.Line(), want)
			}

			byName := must(events.NewRecord(tc.eventType))
			events.EnvelopeOf(byName).Timestamp = fixedTime
			if !reflect.DeepEqual(byName, tc.record) {
				t.Errorf("NewRecord: %+v, want %+v", byName, tc.record)
			}

			if got := events.Types()[i]; got != tc.eventType {
				t.Errorf("Types()[%d] = %s", i, got)
			}
			own := ""
			for _, k := range events.Keys(tc.eventType) {
				own += `, "` + k.Name + `": ` + string(k.Default)
			}
			if own != tc.own {
				t.Errorf("Keys: %s, want %s", own, tc.own)
			}
		})
	}
	if len(events.Types()) != len(defaults) {
		t.Errorf("Types: %q", events.Types())
	}
}

// What Python's repr prints for floats.
var floats = []struct {
	value float64
	want  string
}{
	{0, "0.0"},
	{math.Copysign(0, -1), "-0.0"},
	{1, "1.0"},
	{-1, "-1.0"},
	{0.1, "0.1"},
	{0.30000000000000004, "0.30000000000000004"},
	{100, "100.0"},
	{1234.5, "1234.5"},
	{1e-4, "0.0001"},
	{0.00012, "0.00012"},
	{1e-5, "1e-05"},
	{-1.5e-5, "-1.5e-05"},
	{0.000099, "9.9e-05"},
	{1e-100, "1e-100"},
	{1e15, "1000000000000000.0"},
	{9999999999999998, "9999999999999998.0"},
	{1e16, "1e+16"},
	{-1e16, "-1e+16"},
	{123456789012345680, "1.2345678901234568e+17"},
	{1e22, "1e+22"},
	{1e100, "1e+100"},
	{5e-324, "5e-324"},
	{2.2250738585072014e-308, "2.2250738585072014e-308"},
	{math.MaxFloat64, "1.7976931348623157e+308"},
}

func TestFloatsAsInPython(t *testing.T) {
	for _, tc := range floats {
		r := events.NewToolCallComplete()
		r.DurationMS = tc.value
		r.Metadata.Set("plain", tc.value)
		r.Metadata.Set("list", []any{tc.value})
		e := must(events.New(r))
		checkMade(t, e)
		metadata := e.Lookup("metadata")
		for name, got := range map[string]string{
			"field":    e.Lookup("duration_ms").String(),
			"metadata": metadata.Lookup("plain").String(),
			"list":     strings.Trim(metadata.Lookup("list").String(), "[]"),
		} {
			if got != tc.want {
				t.Errorf("%s: %g is written as %s, want %s", name, tc.value, got, tc.want)
			}
		}
	}
}

func TestFloat32AsInPython(t *testing.T) {
	type reading struct {
		events.Envelope
		Level float32 `json:"level"`
	}
	for _, tc := range []struct {
		value float32
		want  string
	}{
		{0, "0.0"}, {0.1, "0.1"}, {1e-4, "0.0001"}, {2e-4, "0.0002"}, {1e-5, "1e-05"}, {16777216, "16777216.0"}, {1e16, "1e+16"},
		{math.MaxFloat32, "3.4028235e+38"}, {math.SmallestNonzeroFloat32, "1e-45"},
	} {
		r := &reading{events.NewEnvelope("reading", events.SeverityInfo), tc.value}
		r.Metadata.Set("level", tc.value)
		e := must(events.New(r))
		if got := e.Lookup("level").String(); got != tc.want {
			t.Errorf("field: %g is written as %s, want %s", tc.value, got, tc.want)
		}
		if got := e.Lookup("metadata").Lookup("level").String(); got != tc.want {
			t.Errorf("metadata: %g is written as %s, want %s", tc.value, got, tc.want)
		}
	}
}

func TestNewTimestamp(t *testing.T) {
	for _, tc := range []struct {
		when time.Time
		want string
	}{
		{fixedTime, "2025-06-15T14:30:00.123456+00:00"},
		{time.Date(2025, 6, 15, 14, 30, 0, 0, time.UTC), "2025-06-15T14:30:00+00:00"},
		{time.Date(2025, 6, 15, 14, 30, 0, 1000, time.UTC), "2025-06-15T14:30:00.000001+00:00"},
		{time.Date(2025, 6, 15, 14, 30, 0, 500_000_000, time.UTC), "2025-06-15T14:30:00.500000+00:00"},
		{time.Date(2025, 6, 15, 14, 30, 0, 999, time.UTC), "2025-06-15T14:30:00+00:00"},
		{time.Date(2025, 6, 15, 14, 30, 0, 999_999_999, time.UTC), "2025-06-15T14:30:00.999999+00:00"},
		{time.Date(2025, 6, 15, 14, 30, 0, 0, time.FixedZone("", 2*3600)), "2025-06-15T12:30:00+00:00"},
		{time.Date(2025, 1, 1, 1, 0, 0, 0, time.FixedZone("", 5*3600+45*60)), "2024-12-31T19:15:00+00:00"},
		{time.Date(2024, 2, 28, 23, 0, 0, 0, time.FixedZone("", -3*3600)), "2024-02-29T02:00:00+00:00"},
		{time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC), "1969-12-31T23:59:59.999999+00:00"},
		{time.Date(999, 1, 1, 0, 0, 0, 0, time.UTC), "0999-01-01T00:00:00+00:00"},
	} {
		r := events.NewBase()
		r.Timestamp = tc.when
		e := must(events.New(r))
		if got := e.Lookup("timestamp").String(); got != tc.want {
			t.Errorf("%v is written as %s, want %s", tc.when, got, tc.want)
		}
		if back := must(e.Envelope()).Timestamp; !back.Equal(tc.when.Truncate(time.Microsecond)) {
			t.Errorf("%v is read back as %v", tc.when, back)
		}
	}
}

func TestNewTimestampIsNow(t *testing.T) {
	before := time.Now().Truncate(time.Microsecond)
	made := must(events.New(events.NewBase()))
	completed := must(events.Complete([]byte(`{"event_type":"base"}`)))
	after := time.Now()
	for _, e := range []events.Event{made, completed} {
		if got := must(e.Envelope()).Timestamp; got.Before(before) || got.After(after) {
			t.Errorf("timestamp %v, want %v to %v", got, before, after)
		}
	}
}

// What is written can be read: a year that a timestamp cannot hold is an error.
func TestNewTimestampOutOfRange(t *testing.T) {
	for _, year := range []int{-1, 10_000, 292_277_026_596} {
		r := events.NewBase()
		r.Timestamp = time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		if e, err := events.New(r); err == nil {
			t.Errorf("year %d is written as %s", year, e.Lookup("timestamp"))
		}
	}
}

func TestNewEnvelope(t *testing.T) {
	r := events.NewTurnStart()
	r.Timestamp = fixedTime
	r.AgentID, r.TurnID, r.SessionID = "a\"", "b\\", "日本 😀\x7f"
	r.Severity = ""
	r.PromptPreview = "\x00\b\f\n\r\t\x1f/<&>\u2028\xff\xed\xa0\x80é"
	r.Metadata.Set("z", json.Number("1.50E+2"))
	r.Metadata.Set("a", nil)
	r.Metadata.Set("z", json.Number("-0"))
	r.Metadata.Set("m", events.Metadata{{"y", true}, {"b", json.RawMessage(`{"q":1.0, "c":"\u00e9/\/"}`)}})
	r.Metadata.Set("map", map[string]any{"b": 1, "a": []any{int64(-1), "x"}})
	r.Metadata.Set("é", []string{"<", ">"})
	e := must(events.New(r))
	want := `{"event_type": "turn_start", "timestamp": "2025-06-15T14:30:00.123456+00:00", "agent_id": "a\"", "turn_id": "b\\", ` +
		`"session_id": "\u65e5\u672c \ud83d\ude00\u007f", "severity": "info", ` +
		`"metadata": {"z": -0, "a": null, "m": {"y": true, "b": {"q": 1.0, "c": "\u00e9//"}}, "map": {"a": [-1, "x"], "b": 1}, "\u00e9": ["<", ">"]}, ` +
		`"prompt_preview": "\u0000\b\f\n\r\t\u001f/<&>\u2028\ufffd\ufffd\ufffd\ufffd\u00e9"}`
	if string(e.Line()) != want {
		t.Errorf("New:\n%s, want\n%s", e.Line(), want)
	}
	checkMade(t, e)
}

// Values of other packages that cannot be written, each in its own way.
type (
	failing   struct{ Name string }
	panicking struct{ Name string }
	breaking  struct{ Name string }
	node      struct {
		Name string
		Next *node
	}
)

func (failing) MarshalJSON() ([]byte, error)   { return nil, errors.New("not today") }
func (panicking) MarshalJSON() ([]byte, error) { panic("not ever") }
func (breaking) MarshalJSON() ([]byte, error)  { return []byte(`{"half":`), nil }

func TestMetadataNeverLosesTheEvent(t *testing.T) {
	ring := &node{Name: "a"}
	ring.Next = ring
	loop := map[string]any{}
	loop["again"] = loop
	list := []any{nil}
	list[0] = list
	nested := events.Metadata{{"k", nil}}
	nested[0].Value = nested
	typed := map[string]*node{"a": ring}
	var nilNode *node
	var nilMarshaler *failing
	deep := func(levels int) json.RawMessage {
		return json.RawMessage(strings.Repeat("[", levels) + strings.Repeat("]", levels))
	}
	var deepAny any = "core"
	for range 20_000 {
		deepAny = []any{deepAny}
	}

	const text, anything = `^".+"$`, `.`
	for _, tc := range []struct {
		name  string
		value any
		want  string // matches how the value is written
	}{
		{"channel", make(chan int), `^"0x[0-9a-f]+"$`},
		{"function", func() {}, `^"0x[0-9a-f]+"$`},
		{"not a number", math.NaN(), `^"nan"$`},
		{"infinity", math.Inf(1), `^"inf"$`},
		{"minus infinity", math.Inf(-1), `^"-inf"$`},
		{"float32 infinity", float32(math.Inf(1)), `^"inf"$`},
		{"list of not a number", []float64{1, math.NaN()}, `^\[1\.0, "nan"\]$`},
		{"complex", complex(1, -2), `^"\(1-2i\)"$`},
		{"struct with a channel", struct{ C chan int }{}, `^"\{<nil>\}"$`},
		{"map with a channel", map[string]chan int{"a": nil}, `^\{"a": ".+"\}$`},
		{"map with keys of no text", map[[1]int]int{{1}: 2}, text},
		{"fails", failing{"x"}, `^"\{x\}"$`},
		{"panics", panicking{"x"}, text},
		{"pointer that panics", &panicking{"x"}, text},
		{"writes half a value", breaking{"x"}, text},
		{"invalid UTF-8", "a\xffb", `^"a\\ufffdb"$`},
		{"invalid UTF-8 in a key", map[string]any{"a\xffb": 1}, `^\{"a\\ufffdb": 1\}$`},
		{"invalid UTF-8 in raw JSON", json.RawMessage("\"a\xffb\""), text},
		{"half a surrogate pair in raw JSON", json.RawMessage(`"\uD83D"`), `^"\\ud83d"$`},
		{"raw text that is no JSON", json.RawMessage("{"), text},
		{"two lines of raw JSON", json.RawMessage("[1,\n2]"), `^\[1, 2\]$`},
		{"empty raw JSON", json.RawMessage{}, `^"?.*"?$`},
		{"number that is none", json.Number("one"), `^"one"$`},
		{"number with a line feed", json.Number("1\n"), text},
		{"nil pointer", nilNode, `^null$`},
		{"nil pointer that fails", nilMarshaler, `^null$`},
		{"bytes", []byte("abc"), `^"YWJj"$`},
		{"time", fixedTime, `^"2025-06-15T14:30:00.123456Z"$`},
		{"unsigned", uint64(math.MaxUint64), `^18446744073709551615$`},
		{"smallest integer", int64(math.MinInt64), `^-9223372036854775808$`},
		{"large number", new(big.Int).Lsh(big.NewInt(1), 100), `^1267650600228229401496703205376$`},
		{"structure", node{Name: "a", Next: &node{Name: "<b>"}}, `^\{"Name": "a", "Next": \{"Name": "<b>", "Next": null\}\}$`},
		{"ring", ring, text},
		{"map of a ring", typed, `^\{"a": ".+"\}$`},
		{"map that contains itself", loop, `^\{"again": .*"map\[string\]interface \{\}"\}+$`},
		{"list that contains itself", list, `"\[\]interface \{\}"\]+$`},
		{"metadata that contains itself", nested, `"events.Metadata"\}+$`},
		{"nested too deep", deepAny, anything},
		{"nested just so deep", deep(9_998), `^\[`},
		{"nested one too deep", deep(9_999), text},
		{"nested in raw JSON too deep", deep(20_000), text},
		{"nested together too deep", []any{[]any{deep(9_997)}}, `^\[\[".+"\]\]$`},
		{"nested together just so deep", []any{[]any{deep(9_996)}}, `^\[+\]+$`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := events.NewBase()
			r.Timestamp = fixedTime
			r.Metadata = events.Metadata{{"before", 1}, {"value", tc.value}, {"after", 2}}
			e, err := events.New(r)
			if err != nil {
				t.Fatal(err)
			}
			checkMade(t, e)
			metadata := e.Lookup("metadata")
			if got := metadata.Lookup("value"); !regexp.MustCompile(tc.want).Match(got) {
				t.Errorf("written as %.200s, want %s", got, tc.want)
			}
			if got := metadata.Lookup("before").String() + metadata.Lookup("after").String(); got != "12" {
				t.Errorf("the keys beside it are %q", got)
			}
		})
	}
}

// Values that encoding/json would write in a way that loses what they say, or
// otherwise than the reference writes the same value.
func TestMetadataValuesSayWhatTheyMean(t *testing.T) {
	for _, tc := range []struct {
		name  string
		value any
		want  string
	}{
		{"error", errors.New("disk full"), `"disk full"`},
		{"wrapped error", fmt.Errorf("write: %w", errors.New("disk full")), `"write: disk full"`},
		{"String method", hidden{3}, `"3 hidden"`},
		{"String method of a pointer", &strings.Builder{}, `""`},
		{"String method beside what JSON holds", open{N: 3}, `{"N": 3}`},
		{"String method in a list", []hidden{{1}, {2}}, `["1 hidden", "2 hidden"]`},
		{"String method in a map", map[string]any{"a": hidden{1}}, `{"a": "1 hidden"}`},
		{"nothing to say", struct{}{}, `{}`},
		{"another event", must(events.Parse([]byte(` {"b":1.50,"event_type":"x"} `))), `{"b": 1.50, "event_type": "x"}`},
		{"value of another event", events.Value(`{"b":1.50,"a":[]}`), `{"b": 1.50, "a": []}`},
		{"list of floats", []float64{1, 1e16, 1e-5}, `[1.0, 1e+16, 1e-05]`},
		{"map of floats", map[string]float64{"a": 0}, `{"a": 0.0}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := events.NewBase()
			r.Metadata.Set("value", tc.value)
			if got := must(events.New(r)).Lookup("metadata").Lookup("value"); string(got) != tc.want {
				t.Errorf("written as %s, want %s", got, tc.want)
			}
		})
	}
}

// hidden holds nothing that encoding/json sees, and open something.
type (
	hidden struct{ n int }
	open   struct{ N int }
)

func (h hidden) String() string { return fmt.Sprint(h.n, " hidden") }
func (o open) String() string   { return "open" }

// stopper ends the goroutine that writes it too often.
type stopper struct{ left *int }

func (s stopper) MarshalJSON() ([]byte, error) {
	if *s.left--; *s.left < 0 {
		runtime.Goexit()
	}
	return []byte("0"), nil
}

// A tree whose nodes name their parents contains itself more than once. It must
// not be written as often as there are ways through it.
func TestMetadataThatContainsItselfTwiceEnds(t *testing.T) {
	left := 100_000
	tree := map[string]any{"a": stopper{&left}}
	tree["b"], tree["c"] = tree, tree
	made := make(chan events.Event, 1)
	go func() {
		defer close(made)
		r := events.NewBase()
		r.Metadata.Set("tree", tree)
		made <- must(events.New(r))
	}()
	e, ok := <-made
	if !ok {
		t.Fatal("does not end")
	}
	checkMade(t, e)
}

func TestNewErrors(t *testing.T) {
	type odd struct {
		events.Envelope
		Value any `json:"value"`
	}
	oddly := func(v any) events.Record {
		return &odd{events.NewEnvelope("odd", events.SeverityInfo), v}
	}
	lasting := func(ms float64) events.Record {
		r := events.NewToolCallComplete()
		r.DurationMS = ms
		return r
	}
	for _, tc := range []struct {
		name   string
		record events.Record
		want   string
	}{
		{"no event type", &odd{}, "a record without an event type: set the EventType of *events_test.odd"},
		{"not a number", lasting(math.NaN()), "duration_ms: JSON cannot hold NaN"},
		{"infinity", lasting(math.Inf(1)), "duration_ms: JSON cannot hold +Inf"},
		{"minus infinity", lasting(math.Inf(-1)), "duration_ms: JSON cannot hold -Inf"},
		{"channel", oddly(make(chan int)), "value: json: unsupported type: chan int"},
		{"fails", oddly(failing{}), "value: json: error calling MarshalJSON for type events_test.failing: not today"},
		{"nested too deep", oddly(json.RawMessage(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000))), "value: nested deeper than 10000 levels"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e, err := events.New(tc.record)
			if reason(err) != tc.want {
				t.Errorf("New: %q, want %q", reason(err), tc.want)
			}
			if e.Line() != nil {
				t.Errorf("New returns an event beside the error: %.100s", e.Line())
			}
		})
	}
}

// deployment is a type of events that this package does not know.
type deployment struct {
	events.Envelope
	Service  string            `json:"service"`
	Replicas int               `json:"replicas"`
	Small    int8              `json:"small,omitempty"`
	Load     float64           `json:"load"`
	Canary   bool              `json:"canary"`
	Hosts    []string          `json:"hosts"`
	Labels   map[string]string `json:"labels"`
	Level    events.Severity   `json:"level"`
	Took     time.Duration     `json:"took"`
	Began    time.Time         `json:"began"`
	Parent   *string           `json:"parent"`
	Size     *big.Int          `json:"size"`
	Raw      json.RawMessage   `json:"raw"`
	Untagged string
	Skipped  string `json:"-"`
	private  string
}

func TestOwnType(t *testing.T) {
	r := &deployment{
		Envelope: events.NewEnvelope("deployment", events.SeverityWarning),
		Service:  "billing", Replicas: 3, Small: -8, Load: 2, Canary: true, Hosts: []string{"a", "<é>"},
		Labels: map[string]string{"b": "2", "a": "<1>"}, Level: events.SeverityDebug, Took: time.Microsecond,
		Began: fixedTime, Size: big.NewInt(7), Raw: json.RawMessage(`{"z":1.50,"a":[]}`), Untagged: "u", Skipped: "s", private: "p",
	}
	r.Timestamp = fixedTime
	e := must(events.New(r))
	want := `{"event_type": "deployment", "timestamp": "2025-06-15T14:30:00.123456+00:00", "agent_id": null, "turn_id": null, "session_id": null, ` +
		`"severity": "warning", "metadata": {}, "service": "billing", "replicas": 3, "small": -8, "load": 2.0, "canary": true, "hosts": ["a", "<\u00e9>"], ` +
		`"labels": {"a": "<1>", "b": "2"}, "level": "debug", "took": 1000, "began": "2025-06-15T14:30:00.123456Z", "parent": null, "size": 7, ` +
		`"raw": {"z": 1.50, "a": []}, "Untagged": "u"}`
	if string(e.Line()) != want {
		t.Errorf("New:\n%s, want\n%s", e.Line(), want)
	}
	checkMade(t, e)

	var back deployment
	if err := e.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if again := must(events.New(&back)); string(again.Line()) != want {
		t.Errorf("read and written again:\n%s, want\n%s", again.Line(), want)
	}
	if _, err := e.Record(); !errors.Is(err, events.ErrUnknownType) {
		t.Errorf("Record: %v, want ErrUnknownType", err)
	}
}

// Methods of a field's pointer say how it is written, as they do in
// encoding/json and in Decode.
func TestOwnTypeWithPointerMethods(t *testing.T) {
	type counted struct {
		events.Envelope
		Total big.Int `json:"total"`
	}
	r := &counted{Envelope: events.NewEnvelope("counted", events.SeverityInfo)}
	r.Total.SetInt64(42)
	e := must(events.New(r))
	if got := e.Lookup("total").String(); got != "42" {
		t.Errorf("total is written as %s, want 42", got)
	}
}

// Metadata is a JSON object wherever it is.
func TestOwnTypeWithMetadata(t *testing.T) {
	type configured struct {
		events.Envelope
		Config events.Metadata `json:"config"`
	}
	r := &configured{events.NewEnvelope("configured", events.SeverityInfo), events.Metadata{{"b", 1}, {"a", 0.5}}}
	r.Metadata.Set("list", []events.Metadata{r.Config})
	e := must(events.New(r))
	if got, want := e.Lookup("config").String(), `{"b": 1, "a": 0.5}`; got != want {
		t.Errorf("config is written as %s, want %s", got, want)
	}
	if got, want := e.Lookup("metadata").String(), `{"list": [{"b": 1, "a": 0.5}]}`; got != want {
		t.Errorf("metadata is written as %s, want %s", got, want)
	}
	var back configured
	if err := e.Decode(&back); err != nil {
		t.Error(err)
	}
}

// A field that names an envelope key again would show another event to whoever
// reads the line than to whoever made it.
func TestOwnTypeMustNotRepeatTheEnvelope(t *testing.T) {
	type forged struct {
		events.Envelope
		Type string `json:"event_type"`
	}
	e, err := events.New(&forged{events.NewEnvelope("base", events.SeverityInfo), "error"})
	if err == nil {
		checkMade(t, e)
		t.Errorf("made %s", e.Line())
	}
}

// The envelope alone is an event without keys of its own.
func TestNewOfAnEnvelope(t *testing.T) {
	envelope := events.NewEnvelope("heartbeat", events.SeverityDebug)
	envelope.Timestamp = fixedTime
	e := must(events.New(&envelope))
	want := `{"event_type": "heartbeat", "timestamp": "` + fixedText + `", "agent_id": null, "turn_id": null, "session_id": null, "severity": "debug", "metadata": {}}`
	if string(e.Line()) != want {
		t.Errorf("New:\n%s, want\n%s", e.Line(), want)
	}
}

// An envelope that is embedded by pointer is no part of the schema: it must not
// be written as a key.
func TestNewRefusesAnEnvelopeByPointer(t *testing.T) {
	type pointed struct {
		*events.Envelope
		Model string `json:"model"`
	}
	envelope := events.NewEnvelope("pointed", events.SeverityInfo)
	if e, err := events.New(&pointed{&envelope, "m"}); err == nil && e.Lookup("Envelope") != nil {
		t.Errorf("New: %s", e.Line())
	}
}

// Embedding a type of this package embeds its envelope and its keys.
func TestOwnTypeThatExtendsAnother(t *testing.T) {
	type promptedTurn struct {
		events.TurnStart
		Model string `json:"model"`
	}
	r := &promptedTurn{*events.NewTurnStart(), "m"}
	r.PromptPreview = "p"
	e := must(events.New(r))
	if got := e.Lookup("prompt_preview").String() + e.Lookup("model").String(); got != "pm" {
		t.Errorf("New: %s", e.Line())
	}
}

func FuzzEncoder(f *testing.F) {
	f.Add("agent", "grep", "success", "key", "value", 1.5, int64(3))
	f.Add("", "\x00\x1f\"\\\x7f", "\xff\xfe", "\ufffd", "日本😀\u2028", math.Copysign(0, -1), int64(math.MinInt64))
	f.Add("base", "event_type", "\xed\xa0\x80", "", "</script>", 1e16, int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, name, agent, status, key, value string, number float64, count int64) {
		type measured struct {
			events.Envelope
			Status string   `json:"status"`
			Number float64  `json:"number"`
			Count  int64    `json:"count"`
			List   []string `json:"list"`
		}
		r := &measured{events.NewEnvelope(name, events.SeverityInfo), status, number, count, []string{key, value}}
		r.AgentID = agent
		r.Metadata.Set(key, value)
		e, err := events.New(r)
		if fails := name == "" || math.IsNaN(number) || math.IsInf(number, 0); fails != (err != nil) {
			t.Fatalf("New: %v", err)
		}
		if err != nil {
			return
		}
		checkMade(t, e)
		if e.Type() != runes(name) {
			t.Errorf("type %q, want %q", e.Type(), name)
		}

		var got struct {
			AgentID  *string           `json:"agent_id"`
			Metadata map[string]string `json:"metadata"`
			Status   string            `json:"status"`
			Number   float64           `json:"number"`
			Count    int64             `json:"count"`
			List     []string          `json:"list"`
		}
		if err := json.Unmarshal(e.Line(), &got); err != nil {
			t.Fatal(err)
		}
		if (got.AgentID == nil) != (agent == "") || got.AgentID != nil && *got.AgentID != runes(agent) {
			t.Errorf("agent_id in %s, want %q", e.Line(), agent)
		}
		if got.Metadata[runes(key)] != runes(value) || len(got.Metadata) != 1 {
			t.Errorf("metadata %q, want %q of %q", got.Metadata, value, key)
		}
		if got.Status != runes(status) || got.List[0] != runes(key) || got.List[1] != runes(value) {
			t.Errorf("strings in %s, want %q, %q, %q", e.Line(), status, key, value)
		}
		if math.Float64bits(got.Number) != math.Float64bits(number) || got.Count != count {
			t.Errorf("numbers in %s, want %v, %d", e.Line(), number, count)
		}
		var back measured
		if err := e.Decode(&back); err != nil {
			t.Fatal(err)
		}
		if again := must(events.New(&back)); string(again.Line()) != string(e.Line()) {
			t.Errorf("read and written again:\n%s, want\n%s", again.Line(), e.Line())
		}
	})
}

// runes returns text with U+FFFD for every byte that is not UTF-8.
func runes(text string) string { return string([]rune(text)) }
