package otlp_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"auditctl/pkg/collector/otlp"
)

// The events of the reference writer become the records in testdata/records.jsonl, which
// were made from them in Python.
func TestReferenceEvents(t *testing.T) {
	var lines []string
	for _, text := range readLines(t, "../../../testdata/events.jsonl") {
		var event struct{ Line string }
		if err := json.Unmarshal([]byte(text), &event); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, event.Line)
	}
	want := readLines(t, "testdata/records.jsonl")
	for _, opts := range []otlp.Options{{}, {JSON: true}} {
		got := recordsOfLines(t, &opts, lines...)
		if len(got) != len(want) {
			t.Fatalf("%d records, want %d", len(got), len(want))
		}
		for i := range want {
			var wanted any
			if err := json.Unmarshal([]byte(want[i]), &wanted); err != nil {
				t.Fatal(err)
			}
			if have := plain(t, got[i]); !reflect.DeepEqual(have, wanted) {
				t.Errorf("JSON %t, event %d:\n%s\nwant\n%s", opts.JSON, i+1, asJSON(t, have), asJSON(t, wanted))
			}
		}
	}
}

// Events that the reference writer does not write.
func TestRecord(t *testing.T) {
	deep := strings.Repeat(`[`, 20) + strings.Repeat(`]`, 20)
	for _, test := range []struct{ name, keys, want string }{
		{"nothing", ``, ``},
		{"the last key counts", `, "session_id": 1, "session_id": "s", "metadata": 1, "metadata": {"a": 1, "b": 2, "a": 3}`,
			`trace=b5c1268cd855fe3067f476999d08fb07 session.id="s" auditctl.metadata.a=3 auditctl.metadata.b=2`},
		{"empty ids", `, "session_id": "", "turn_id": "", "agent_id": ""`, ``},
		{"a turn without a session", `, "turn_id": "t"`, `auditctl.turn.id="t"`},
		{"a session and a turn", `, "turn_id": "t", "session_id": "s"`,
			`trace=b5c1268cd855fe3067f476999d08fb07 span=f56208c8bfe2740d session.id="s" auditctl.turn.id="t"`},
		{"escapes do not count", `, "session_id": "\u0073"`, `trace=b5c1268cd855fe3067f476999d08fb07 session.id="s"`},
		{"ids of other kinds", `, "agent_id": 7, "turn_id": true`, `gen_ai.agent.id=7 auditctl.turn.id=true`},
		{"metadata of other kinds", `, "metadata": [1, "x"]`, `auditctl.metadata=[1 "x"]`},
		{"null in metadata", `, "metadata": {"a": null, "b": [null], "": 1}`, `auditctl.metadata.b=[null] auditctl.metadata.=1`},
		{"numbers", `, "metadata": {"a": -9223372036854775808, "b": 9223372036854775808, "c": 1.0, "d": 1e400, "e": -0}`,
			`auditctl.metadata.a=-9223372036854775808 auditctl.metadata.b=double(9.223372036854776e+18) auditctl.metadata.c=double(1) auditctl.metadata.d="1e400" auditctl.metadata.e=0`},
		{"deep", `, "metadata": {"a": {"b": {"c": 1}, "b": 2}, "d": ` + deep + `}`,
			`auditctl.metadata.a={b=2} auditctl.metadata.d=` + strings.Repeat(`[`, 15) + `"[[[[[]]]]]"` + strings.Repeat(`]`, 15)},
		{"half a pair", `, "agent_id": "\ud83d"`, `gen_ai.agent.id="` + "\uFFFD" + `"`},
		{"debug", `, "severity": "debug"`, `severity=5 debug`},
		{"critical", `, "severity": "critical"`, `severity=21 critical`},
		{"another word for critical", `, "severity": "FATAL"`, `severity=21 FATAL`},
		{"another severity", `, "severity": "loud"`, `severity=0 loud`},
		{"no severity", `, "severity": 3`, ``},
		{"with an offset", `, "timestamp": "1970-01-01T02:00:00.000000001+01:00"`, `time=3600000000001`},
		{"too early", `, "timestamp": "1969-12-31T23:59:59Z"`, ``},
		{"late", `, "timestamp": "2554-07-21T23:34:32Z"`, `time=18446744072000000000`},
		{"too late", `, "timestamp": "2554-07-21T23:34:34Z"`, ``},
		{"no timestamp", `, "timestamp": "yesterday"`, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			line := `{"event_type": "x"` + test.keys + `}`
			for _, opts := range []otlp.Options{{}, {JSON: true}} {
				r := recordsOfLines(t, &opts, line)[0]
				if r.GetEventName() != "x" || r.GetBody().GetStringValue() != line {
					t.Errorf("JSON %t: event %q, body %v", opts.JSON, r.GetEventName(), r.GetBody())
				}
				if got := summary(r); got != test.want {
					t.Errorf("JSON %t: %s\nwant\n%s", opts.JSON, got, test.want)
				}
			}
		})
	}
}

// recordsOfLines returns the records that a receiver gets for lines.
func recordsOfLines(t testing.TB, opts *otlp.Options, lines ...string) []*logspb.LogRecord {
	t.Helper()
	r := newReceiver(t)
	c := open(t, r.URL, opts)
	emitLines(t, c, strings.Join(lines, "\n")+"\n")
	flush(t, c)
	return r.records()
}

// plain returns a record in the form of testdata/records.jsonl.
func plain(t *testing.T, r *logspb.LogRecord) any {
	text := asJSON(t, map[string]any{
		"event_name":      r.GetEventName(),
		"time":            strconv.FormatUint(r.GetTimeUnixNano(), 10),
		"severity_number": r.GetSeverityNumber(),
		"severity_text":   r.GetSeverityText(),
		"trace_id":        hex.EncodeToString(r.GetTraceId()),
		"span_id":         hex.EncodeToString(r.GetSpanId()),
		"attributes":      plainMembers(r.GetAttributes()),
		"body":            plainValue(r.GetBody()),
	})
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func plainMembers(all []*commonpb.KeyValue) []any {
	members := []any{}
	for _, kv := range all {
		members = append(members, []any{kv.GetKey(), plainValue(kv.GetValue())})
	}
	return members
}

func plainValue(v *commonpb.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_BoolValue:
		return map[string]any{"bool": v.BoolValue}
	case *commonpb.AnyValue_IntValue:
		return map[string]any{"int": strconv.FormatInt(v.IntValue, 10)}
	case *commonpb.AnyValue_DoubleValue:
		return map[string]any{"double": v.DoubleValue}
	case *commonpb.AnyValue_StringValue:
		return map[string]any{"string": v.StringValue}
	case *commonpb.AnyValue_ArrayValue:
		list := []any{}
		for _, element := range v.ArrayValue.GetValues() {
			list = append(list, plainValue(element))
		}
		return map[string]any{"array": list}
	case *commonpb.AnyValue_KvlistValue:
		return map[string]any{"kvlist": plainMembers(v.KvlistValue.GetValues())}
	}
	return nil
}

// summary formats the fields of a record that are set, except name and body.
func summary(r *logspb.LogRecord) string {
	var parts []string
	add := func(set bool, format string, args ...any) {
		if set {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(r.GetTimeUnixNano() != 0, "time=%d", r.GetTimeUnixNano())
	add(r.GetSeverityText() != "" || r.GetSeverityNumber() != 0, "severity=%d %s", r.GetSeverityNumber(), r.GetSeverityText())
	add(r.GetTraceId() != nil, "trace=%x", r.GetTraceId())
	add(r.GetSpanId() != nil, "span=%x", r.GetSpanId())
	for _, kv := range r.GetAttributes() {
		add(true, "%s=%s", kv.GetKey(), short(kv.GetValue()))
	}
	return strings.Join(parts, " ")
}

func short(v *commonpb.AnyValue) string {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	case *commonpb.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *commonpb.AnyValue_DoubleValue:
		return fmt.Sprintf("double(%v)", v.DoubleValue)
	case *commonpb.AnyValue_StringValue:
		return `"` + v.StringValue + `"`
	case *commonpb.AnyValue_ArrayValue:
		var list []string
		for _, element := range v.ArrayValue.GetValues() {
			list = append(list, short(element))
		}
		return "[" + strings.Join(list, " ") + "]"
	case *commonpb.AnyValue_KvlistValue:
		var list []string
		for _, kv := range v.KvlistValue.GetValues() {
			list = append(list, kv.GetKey()+"="+short(kv.GetValue()))
		}
		return "{" + strings.Join(list, " ") + "}"
	}
	return "null"
}

func readLines(t testing.TB, path string) (lines []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
}

// A record preserves the bytes of any line, is the same in protobuf and in JSON, and is
// valid: its attributes have unique names, and its ids the right length.
func FuzzRecord(f *testing.F) {
	for _, line := range readLines(f, "../../../testdata/session.jsonl") {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"event_type": "x", "metadata": {"a": {"b": [1, 1.5, null, true]}, "a": "\ud83d"}, "session_id": "\u0000"}`))
	f.Add([]byte(`{"event_type": "", "metadata": {"": [], "a": {}, "b": [{"c": [true, -1, 1e9, {}]}, 1.5, null], "d": "", "e": false, "f": -0.0}}`))
	f.Add([]byte("{\"event_type\": \"\xff\"}"))
	f.Add([]byte("\xff"))
	server := &loopback{}
	f.Fuzz(func(t *testing.T, line []byte) {
		if strings.Contains(string(line), "\n") || strings.Trim(string(line), " \t\r") == "" {
			return
		}
		for _, asJSON := range []bool{false, true} {
			c := open(t, "http://loopback", &otlp.Options{Client: server.client(), Uncompressed: true, JSON: asJSON})
			emitLines(t, c, string(line)+"\n")
			flush(t, c)
		}
		records := server.take()
		if len(records) != 2 || bodyOf(records[0]) != string(line) {
			t.Fatalf("%d records of %q, want it in protobuf and in JSON", len(records), line)
		}
		r := records[0]
		records[1].ObservedTimeUnixNano = r.GetObservedTimeUnixNano()
		if !proto.Equal(r, records[1]) {
			t.Errorf("%q: %v, in JSON %v", line, r, records[1])
		}
		names := map[string]bool{}
		for _, kv := range r.GetAttributes() {
			if names[kv.GetKey()] {
				t.Errorf("duplicate attribute %s", kv.GetKey())
			}
			names[kv.GetKey()] = true
		}
		if n := len(r.GetTraceId()); n != 0 && n != 16 || n == 0 && len(r.GetSpanId()) > 0 {
			t.Errorf("trace id %x, span id %x", r.GetTraceId(), r.GetSpanId())
		}
	})
}
