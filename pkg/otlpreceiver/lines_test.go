package otlpreceiver_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"auditctl/pkg/events"
	"auditctl/pkg/otlpreceiver"
)

func value(v any) *commonpb.AnyValue {
	switch v := v.(type) {
	case string:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}
	case bool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: v}}
	case int64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: v}}
	case float64:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: v}}
	case []byte:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: v}}
	case []*commonpb.AnyValue:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: v}}}
	case []*commonpb.KeyValue:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: v}}}
	}
	return &commonpb.AnyValue{}
}

// everything is a request with every field of the protocol, and what it is in JSON.
var everything = &collectorpb.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{
	Resource: &resourcepb.Resource{
		Attributes:             []*commonpb.KeyValue{{Key: "service.name", Value: value("s")}},
		DroppedAttributesCount: math.MaxUint32,
		EntityRefs:             []*commonpb.EntityRef{{SchemaUrl: "u", Type: "t", IdKeys: []string{"a", "b"}, DescriptionKeys: []string{"c"}}},
	},
	SchemaUrl: "r",
	ScopeLogs: []*logspb.ScopeLogs{{
		Scope:     &commonpb.InstrumentationScope{Name: "n", Version: "1", Attributes: []*commonpb.KeyValue{{Key: "k"}}, DroppedAttributesCount: 2},
		SchemaUrl: "q",
		LogRecords: []*logspb.LogRecord{{}, {
			TimeUnixNano: math.MaxUint64, ObservedTimeUnixNano: 1, SeverityNumber: 9, SeverityText: "INFO", EventName: "e",
			Body: value("\x00\x1f\x7f\"\\/\n\r\t<é\u2028😀"),
			Attributes: []*commonpb.KeyValue{
				{Key: "int", Value: value(int64(math.MinInt64))}, {Key: "bool", Value: value(false)}, {Key: "zero", Value: value(int64(0))},
				{Key: "double", Value: value(1e21)}, {Key: "whole", Value: value(1e6)}, {Key: "small", Value: value(1e-7)}, {Key: "nan", Value: value(math.NaN())}, {Key: "inf", Value: value(math.Inf(-1))},
				{Key: "bytes", Value: value([]byte{0xff, 0})}, {Key: "empty", Value: value(nil)}, {Key: "text", Value: value("")},
				{Key: "list", Value: value([]*commonpb.AnyValue{value(int64(1)), value([]*commonpb.KeyValue{{Key: "x", Value: value("y")}})})},
			},
			DroppedAttributesCount: 3, Flags: 257,
			TraceId: []byte{0xab, 0xcd}, SpanId: []byte{0x01},
		}},
	}},
}}}

const everythingInJSON = `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}],"droppedAttributesCount":4294967295,` +
	`"entityRefs":[{"schemaUrl":"u","type":"t","idKeys":["a","b"],"descriptionKeys":["c"]}]},"schemaUrl":"r","scopeLogs":[{"scope":{"name":"n","version":"1","attributes":[{"key":"k"}],"droppedAttributesCount":2},"schemaUrl":"q",` +
	`"logRecords":[{},{"timeUnixNano":"18446744073709551615","observedTimeUnixNano":"1","severityNumber":9,"severityText":"INFO","eventName":"e","body":{"stringValue":"\u0000\u001f` + "\x7f" + `\"\\/\n\r\t<é` + "\u2028" + `😀"},` +
	`"attributes":[{"key":"int","value":{"intValue":"-9223372036854775808"}},{"key":"bool","value":{"boolValue":false}},{"key":"zero","value":{"intValue":"0"}},` +
	`{"key":"double","value":{"doubleValue":1e+21}},{"key":"whole","value":{"doubleValue":1000000}},{"key":"small","value":{"doubleValue":1e-7}},{"key":"nan","value":{"doubleValue":"NaN"}},{"key":"inf","value":{"doubleValue":"-Infinity"}},` +
	`{"key":"bytes","value":{"bytesValue":"/wA="}},{"key":"empty","value":{}},{"key":"text","value":{"stringValue":""}},` +
	`{"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"},{"kvlistValue":{"values":[{"key":"x","value":{"stringValue":"y"}}]}}]}}}],` +
	`"droppedAttributesCount":3,"flags":257,"traceId":"abcd","spanId":"01"}]}]}]}` + "\n"

func TestLines(t *testing.T) {
	t.Parallel()
	encoded, err := proto.Marshal(everything)
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := otlpreceiver.Decode(encoded, false); err != nil || len(lines) != 1 || lines[0] != everythingInJSON {
		t.Errorf("have %s, %v\nwant %s", lines, err, everythingInJSON)
	}
	for name, test := range map[string]struct {
		body string
		want string // "" is no line
	}{
		"json":          {strings.TrimSpace(everythingInJSON), everythingInJSON},
		"several lines": {"{\"resourceLogs\":\r\n[\n]\n}\n", "{\"resourceLogs\":\r [ ] }\n"},
		"nothing":       {"{ }", ""},
		"null":          {`{"resourceLogs":null,"x":1}`, ""},
	} {
		lines, err := otlpreceiver.Decode([]byte(test.body), true)
		if have := strings.Join(lines, ""); err != nil || have != test.want {
			t.Errorf("%s: have %q, %v", name, have, err)
		}
	}
}

// What protobuf allows in the order and number of fields.
func TestLinesMerged(t *testing.T) {
	t.Parallel()
	join := func(messages ...proto.Message) (encoded []byte) {
		for _, m := range messages {
			text, err := proto.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			encoded = append(encoded, text...)
		}
		return encoded
	}
	field := func(number protowire.Number, text []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), text)
	}
	record := slices.Concat(
		join(&logspb.LogRecord{Attributes: []*commonpb.KeyValue{{Key: "a"}}, SeverityText: "A"}),
		field(5, slices.Concat(join(value("x")), join(value([]*commonpb.AnyValue{value("1")})))),
		join(&logspb.LogRecord{Attributes: []*commonpb.KeyValue{{Key: "b"}}, SeverityText: "B"}),
		field(5, join(value([]*commonpb.AnyValue{value("2")}))),
	)
	lines, err := otlpreceiver.Decode(field(1, field(2, field(2, record))), false)
	const want = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"B","body":{"arrayValue":{"values":[{"stringValue":"1"},{"stringValue":"2"}]}},"attributes":[{"key":"a"},{"key":"b"}]}]}]}]}` + "\n"
	if have := strings.Join(lines, ""); err != nil || have != want {
		t.Errorf("have %s, %v\nwant %s", have, err, want)
	}
	deep := value("x")
	for range 200 {
		deep = value([]*commonpb.AnyValue{deep})
	}
	if _, err := otlpreceiver.Decode(field(1, field(2, field(2, join(&logspb.LogRecord{Body: deep})))), false); err == nil {
		t.Error("no error at any depth")
	}
	if _, err := otlpreceiver.Decode(field(1, field(3, []byte("\xff"))), false); err == nil {
		t.Error("no error of text that is not UTF-8")
	}
}

// A large request is several lines, with the same records, each with its resource and scope.
func TestLinesSplit(t *testing.T) {
	t.Parallel()
	request := &collectorpb.ExportLogsServiceRequest{}
	n, long := 0, strings.Repeat("é", otlpreceiver.SplitFrom/50)
	var want []string
	for r := range 3 {
		logs := &logspb.ResourceLogs{SchemaUrl: fmt.Sprint("r", r)}
		for s := range 3 {
			scope := &logspb.ScopeLogs{Scope: &commonpb.InstrumentationScope{Name: fmt.Sprint("s", s)}}
			for range 10 {
				n++
				scope.LogRecords = append(scope.LogRecords, &logspb.LogRecord{Body: value(long), SeverityText: fmt.Sprint(n)})
				want = append(want, fmt.Sprint("r", r, " s", s, " ", n))
			}
			logs.ScopeLogs = append(logs.ScopeLogs, scope)
		}
		request.ResourceLogs = append(request.ResourceLogs, logs)
	}
	encoded, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := protojson.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	for asJSON, body := range map[bool][]byte{false: encoded, true: whole} {
		lines, err := otlpreceiver.Decode(body, asJSON)
		if err != nil || len(lines) < 2 {
			t.Errorf("%d lines, %v", len(lines), err)
		}
		var have []string
		for _, line := range lines {
			if len(line) > 2*otlpreceiver.SplitFrom {
				t.Errorf("a line of %d bytes", len(line))
			}
			var part collectorpb.ExportLogsServiceRequest
			if err := protojson.Unmarshal([]byte(line), &part); err != nil {
				t.Fatal(err)
			}
			for _, r := range part.GetResourceLogs() {
				for _, s := range r.GetScopeLogs() {
					for _, record := range s.GetLogRecords() {
						if record.GetBody().GetStringValue() != long {
							t.Errorf("record %s has another body", record.GetSeverityText())
						}
						have = append(have, fmt.Sprint(r.GetSchemaUrl(), " ", s.GetScope().GetName(), " ", record.GetSeverityText()))
					}
				}
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("JSON is %t: have %s", asJSON, have)
		}
	}
}

// No body does harm, and what protobuf can read says the same in JSON.
func FuzzProtobuf(f *testing.F) {
	encoded, err := proto.Marshal(everything)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Add(append(encoded, encoded...))
	f.Fuzz(func(t *testing.T, body []byte) {
		check(t, body, false)
		var want, have collectorpb.ExportLogsServiceRequest
		if (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &want) != nil {
			return
		}
		for _, r := range want.GetResourceLogs() {
			for _, s := range r.GetScopeLogs() {
				for _, record := range s.GetLogRecords() {
					record.TraceId, record.SpanId = nil, nil // which OTLP has in hex
				}
			}
		}
		encoded, err := proto.Marshal(&want)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range check(t, encoded, false) {
			if err := protojson.Unmarshal([]byte(line), &have); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if !proto.Equal(&have, &want) {
				t.Errorf("have %v\nwant %v", &have, &want)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(everythingInJSON))
	f.Add([]byte("{\n\"resourceLogs\": [\n{} ]}"))
	f.Fuzz(func(t *testing.T, body []byte) { check(t, body, true) })
}

// check checks that a body is refused, or becomes lines of JSON, which it returns.
func check(t *testing.T, body []byte, json bool) []string {
	t.Helper()
	lines, err := otlpreceiver.Decode(slices.Clone(body), json)
	if err != nil {
		return nil
	}
	var s events.Scanner
	for _, line := range lines {
		text, ok := strings.CutSuffix(line, "\n")
		if err := s.Scan([]byte(text)); err != nil || !ok || strings.Contains(text, "\n") {
			t.Fatalf("%v: %q", err, line)
		}
	}
	return lines
}
