package dialects_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

// otlpRecord is a record with log records of a service.
func otlpRecord(service string, records ...string) string {
	return fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[%s]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":%q}}]}}]}`,
		strings.Join(records, ","), service) + "\n"
}

// otlpLog is a log record with attributes, given as name=value, all of them strings.
func otlpLog(name string, attributes ...string) string {
	var list []string
	for _, a := range append([]string{"event.name=" + name}, attributes...) {
		key, value, _ := strings.Cut(a, "=")
		list = append(list, fmt.Sprintf(`{"key":%q,"value":{"stringValue":%q}}`, key, value))
	}
	return `{"timeUnixNano":"1767600000000000000","attributes":[` + strings.Join(list, ",") + `]}`
}

func TestOTLPLogs(t *testing.T) {
	for name, test := range map[string]struct {
		log  string
		want string
	}{
		"names without a prefix": {
			otlpRecord("Claude-Code", otlpLog("tool_result", "tool_name=Bash", "success=true", "tool_use_id=t1")),
			"tool_call_complete Bash success call_id=t1",
		},
		"the prefix of another program than the service": {
			otlpRecord("gemini-cli", otlpLog("codex.sse_event", "event.kind=response.completed", "input_token_count=100", "cached_token_count=60")),
			"otlp.codex.sse_event input_tokens=40 cache_read_tokens=60",
		},
		"the program is in the body": {
			otlpRecord("mine", `{"attributes":[{"key":"event.name","value":{"stringValue":"api_request"}},{"key":"input_tokens","value":{"intValue":3}}],"body":{"stringValue":"claude_code.api_request"}}`),
			"otlp.claude_code.api_request input_tokens=3",
		},
		"the name is the body": {
			otlpRecord("mine", `{"body":{"stringValue":"codex.api_request"}}`),
			"otlp.codex.api_request",
		},
		"the name is eventName": {
			otlpRecord("mine", `{"eventName":"codex.tool_result","attributes":[{"key":"tool_name","value":{"stringValue":"sh"}},{"key":"success","value":{"boolValue":false}}]}`),
			"tool_call_failure sh",
		},
		"success is not known": {
			otlpRecord("codex", otlpLog("tool_result", "tool_name=sh", "success=maybe"), otlpLog("tool_result", "tool_name=sh")),
			"tool_call_complete sh ended\ntool_call_complete sh ended",
		},
		"an unknown program's tool": {
			otlpRecord("mine", otlpLog("tool_result", "tool_name=sh", "success=true"), otlpLog("tool_result", "input_tokens=5")),
			"tool_call_complete sh success\notlp.tool_result",
		},
		"a call that has ended": {
			otlpRecord("codex", otlpLog("tool_result", "conversation.id=1", "tool_name=sh", "call_id=c", "success=true"),
				otlpLog("tool_result", "conversation.id=1", "tool_name=sh", "call_id=c", "success=true"),
				otlpLog("tool_result", "conversation.id=2", "tool_name=sh", "call_id=c", "success=true")),
			"tool_call_complete sh success call_id=c\notlp.codex.tool_result call_id=c copied=true\ntool_call_complete sh success call_id=c",
		},
		"denied without ids": {
			otlpRecord("claude-code", otlpLog("tool_decision", "tool_name=Bash", "decision=reject", "source=hook"),
				otlpLog("tool_result", "tool_name=Bash", "success=false", "decision=reject", "source=hook"),
				otlpLog("tool_result", "tool_name=Bash", "success=false", "decision=reject", "source=hook")),
			"tool_policy_decision Bash deny decided_by=hook\notlp.claude_code.tool_result copied=true\ntool_policy_decision Bash deny decided_by=hook",
		},
		"words for decisions": {
			otlpRecord("codex", otlpLog("tool_decision", "tool_name=a", "decision=Approved_With_Amendment"), otlpLog("tool_decision", "tool_name=a", "decision=timed_out"),
				otlpLog("tool_decision", "tool_name=a", "decision=denied"), otlpLog("tool_decision", "tool_name=a", "decision=ask"), otlpLog("tool_decision", "tool_name=a")),
			"tool_policy_decision a allow\ntool_policy_decision a deny\ntool_policy_decision a deny\ntool_policy_decision a ask\ntool_policy_decision a",
		},
		"more from the cache than input": {
			otlpRecord("codex", otlpLog("sse_event", "event.kind=response.completed", "input_token_count=10", "cached_token_count=60")),
			"otlp.codex.sse_event input_tokens=10 cache_read_tokens=60",
		},
		"tokens are no whole numbers": {
			otlpRecord("claude-code", otlpLog("api_request", "input_tokens=-4", "output_tokens=12.0", "cache_read_tokens=1e400", "cache_creation_tokens=NaN")),
			"otlp.claude_code.api_request output_tokens=12",
		},
		"tokens of another's log do not count": {
			otlpRecord("mine", otlpLog("api_request", "input_tokens=4"), otlpLog("x", "output_tokens=3", "decided_by=me", "call_id=k")),
			"otlp.api_request\notlp.x call_id=k",
		},
		"the same span's tokens count once": {
			otlpRecord("mine", `{"eventName":"gen_ai.client.inference.operation.details","spanId":"a1","traceId":"B2","attributes":[{"key":"gen_ai.usage.output_tokens","value":{"intValue":"7"}}]}`,
				`{"eventName":"gen_ai.client.inference.operation.details","spanId":"a1","traceId":"b2","attributes":[{"key":"gen_ai.usage.output_tokens","value":{"intValue":"7"}}]}`),
			"otlp.gen_ai.client.inference.operation.details b2 output_tokens=7\notlp.gen_ai.client.inference.operation.details b2",
		},
		"severities": {
			otlpRecord("mine", `{"severityNumber":17}`, `{"severityNumber":"18"}`, `{"severityNumber":"SEVERITY_NUMBER_ERROR3"}`, `{"severityText":"Err"}`, `{"severityNumber":0,"severityText":"ERROR4"}`, `{"severityNumber":13,"severityText":"ERROR"}`),
			strings.Repeat("otlp.log (error)\n", 5) + "otlp.log",
		},
		"records of other kinds": {
			otlpRecord("mine", `1`, `null`, `{"attributes":{"a":1},"body":null}`, `{"attributes":[7,{"key":3,"value":"plain"},{}]}`),
			"otlp.log\notlp.log\notlp.log\notlp.log",
		},
		"nothing": {
			`{"resourceLogs":[]}` + "\n" + `{"resourceSpans":[{"scopeSpans":7}]}` + "\n" + `{"resourceLogs":{}}` + "\n",
			"refused\notlp.empty\notlp.empty",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if have := brief(t, "otlp", test.log); have != test.want {
				t.Errorf("have\n%s\nwant\n%s", have, test.want)
			}
		})
	}
}

// What is in both logs and traces counts once, in whatever order and file it is.
func TestOTLPLogsAndSpans(t *testing.T) {
	span := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"01","spanId":"02","startTimeUnixNano":1767600000000000000,"endTimeUnixNano":"1767600001500000000","attributes":[` +
		`{"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"}},{"key":"gen_ai.tool.name","value":{"stringValue":"sh"}},{"key":"gen_ai.tool.call.id","value":{"stringValue":"c"}}]}]}]}]}` + "\n"
	log := otlpRecord("mine", otlpLog("tool_result", "tool_name=sh", "call_id=c", "success=true"))
	if have, want := brief(t, "otlp", span, log), "tool_call_attempt 01 sh call_id=c\ntool_call_complete 01 sh success call_id=c\notlp.tool_result call_id=c copied=true"; have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
	if have, want := brief(t, "otlp", log, span), "tool_call_complete sh success call_id=c\notlp.span 01 copied=true"; have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
}

// The work grows with a record's size, not faster, and so does what is made of it.
func TestOTLPLargeRecords(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	deep := `{"stringValue":"in"}`
	for range 2000 {
		deep = `{"kvlistValue":{"values":[{"key":"k","value":` + deep + `}]}}`
	}
	for name, record := range map[string]string{
		"a long session of many records": `{"resourceLogs":[{"resource":{"attributes":[{"key":"session.id","value":{"stringValue":"` + long + `"}},{"key":"service.name","value":{"stringValue":"` + long + `"}}]},` +
			`"scopeLogs":[{"scope":{"name":"` + long + `"},"logRecords":[` + strings.Repeat(`{"eventName":"a"},`, 999) + `{}]}]}]}`,
		"deep values":         `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":` + deep + `,"attributes":[{"key":"a","value":` + deep + `}]}]}]}]}`,
		"many attributes":     otlpRecord("codex", otlpLog("x", strings.Split(strings.Repeat("a=b ", 20_000), " ")...)),
		"one name many times": otlpRecord("codex", otlpLog("x", strings.Split(strings.Repeat("call_id=1 ", 20_000), " ")...)),
	} {
		t.Run(name, func(t *testing.T) {
			var s events.Scanner
			record = strings.TrimSuffix(record, "\n")
			if err := s.Scan([]byte(record)); err != nil {
				t.Fatal(err)
			}
			decoded, err := dialects.Named("otlp").Begin()().Decode(nil, dialect.Record{Scanner: &s, Line: 1})
			if err != nil || len(decoded) > 2*len(record)+1_500_000 {
				t.Fatalf("%d bytes become %d, %v", len(record), len(decoded), err)
			}
			areEvents(t, dialects.Named("otlp"), decoded)
		})
	}
}

// A record of nothing, very often, does not take memory without bound.
func TestOTLPRecordsOfNothing(t *testing.T) {
	var s events.Scanner
	record := otlpRecord("mine", strings.Repeat(`1,`, 60_000)+`1`)
	if err := s.Scan([]byte(record)); err != nil {
		t.Fatal(err)
	}
	d := dialects.Named("otlp").Begin()()
	dst := []byte("before")
	decoded, err := d.Decode(dst, dialect.Record{Scanner: &s, Line: 1})
	if _, ok := err.(*events.SyntaxError); !ok || string(decoded) != "before" || dialect.IsUnknown(err) {
		t.Fatalf("%d bytes, %v", len(decoded), err)
	}
	if have, want := brief(t, "otlp", record, otlpRecord("mine", `1`)), "refused\notlp.log"; have != want {
		t.Errorf("have %.200s\nwant %s", have, want)
	}
}

// Lists and maps are plain JSON, but for what is very deep.
func TestOTLPDeepValues(t *testing.T) {
	value := `{"arrayValue":{"values":[{"intValue":"1"},{"intValue":"01"},{"doubleValue":"NaN"},{"arrayValue":{}},{}]}}`
	for range 14 {
		value = `{"kvlistValue":{"values":[{"key":"k","value":` + value + `}]}}`
	}
	for _, test := range []struct{ value, want string }{
		{value, strings.Repeat(`{"k": `, 14) + `[1, "01", "NaN", [], null]` + strings.Repeat(`}`, 14)},
		{`{"arrayValue":{"values":[{"arrayValue":{"values":[` + value + `]}}]}}`, `[[` + strings.Repeat(`{"k": `, 14) + `{"values": [{"intValue": "1"}, {"intValue": "01"}, {"doubleValue": "NaN"}, {"arrayValue`},
	} {
		decoded, _ := decode(t, dialects.Named("otlp").Begin()(), []byte(otlpRecord("x", `{"body":`+test.value+`}`)))
		if have := events.Value(decoded[:len(decoded)-1]).Lookup("message").String(); !strings.HasPrefix(have, test.want) {
			t.Errorf("have %s\nwant %s", have, test.want)
		}
	}
}

// An event that auditctl sent comes back as it was, byte for byte. What only looks like one
// is another program's log record.
func TestOTLPOwnEvents(t *testing.T) {
	const line = `{"event_type": "codex.x"}`
	for _, test := range []struct {
		scope, name, body string
		own               bool
	}{
		{"auditctl", "codex.x", line, true},
		{"auditctl", "codex.x", `{"metadata":{"event.sequence":1,"b":[1.50,"\u00e9é"]},  "event_type":"codex.x"}` + "\r", true},
		{"auditctl", "codex.y", line, false},
		{"auditctl", "", line, false},
		{"auditctl", "codex.x", "{\n" + line[1:], false},
		{"auditctl", "codex.x", line[1:], false},
		{"other", "codex.x", line, false},
	} {
		body, _ := json.Marshal(test.body)
		record := fmt.Sprintf(`{"resourceLogs":[{"scopeLogs":[{"scope":{"name":%q},"logRecords":[{"eventName":%q,"body":{"stringValue":%s}}]}]}]}`, test.scope, test.name, body)
		decoded, _ := decode(t, dialects.Named("otlp").Begin()(), []byte(record))
		if have := string(decoded) == test.body+"\n"; have != test.own {
			t.Errorf("%+v: have %s", test, decoded)
		}
	}
}
