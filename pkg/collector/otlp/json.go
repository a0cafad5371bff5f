package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"

	"auditctl/pkg/events"
)

// appendRequest appends a request in the JSON of OTLP. That differs from the JSON of
// protobuf, which protojson writes: ids are hexadecimal and enums are numbers.
func appendRequest(dst []byte, request *collectorpb.ExportLogsServiceRequest) []byte {
	dst = append(dst, `{"resourceLogs":`...)
	dst = appendArray(dst, request.ResourceLogs, func(dst []byte, r *logspb.ResourceLogs) []byte {
		dst = append(dst, `{"resource":{"attributes":`...)
		dst = appendArray(dst, r.Resource.Attributes, appendAttribute)
		dst = append(dst, `},"scopeLogs":`...)
		return append(appendArray(dst, r.ScopeLogs, appendScope), '}')
	})
	return append(dst, '}')
}

func appendScope(dst []byte, s *logspb.ScopeLogs) []byte {
	dst = appendText(append(dst, `{"scope":{`...), `"name":`, s.Scope.Name)
	if s.Scope.Version != "" {
		dst = appendText(dst, `,"version":`, s.Scope.Version)
	}
	dst = append(dst, `},"logRecords":`...)
	return append(appendArray(dst, s.LogRecords, appendRecord), '}')
}

func appendRecord(dst []byte, r *logspb.LogRecord) []byte {
	dst = appendUint(dst, `{"timeUnixNano":`, r.TimeUnixNano)
	dst = appendUint(dst, `,"observedTimeUnixNano":`, r.ObservedTimeUnixNano)
	if r.SeverityNumber != 0 {
		dst = strconv.AppendInt(append(dst, `,"severityNumber":`...), int64(r.SeverityNumber), 10)
	}
	if r.SeverityText != "" {
		dst = appendText(dst, `,"severityText":`, r.SeverityText)
	}
	if r.EventName != "" {
		dst = appendText(dst, `,"eventName":`, r.EventName)
	}
	dst = appendValue(append(dst, `,"body":`...), r.Body)
	if len(r.Attributes) > 0 {
		dst = appendArray(append(dst, `,"attributes":`...), r.Attributes, appendAttribute)
	}
	if r.TraceId != nil {
		dst = append(hex.AppendEncode(append(dst, `,"traceId":"`...), r.TraceId), '"')
	}
	if r.SpanId != nil {
		dst = append(hex.AppendEncode(append(dst, `,"spanId":"`...), r.SpanId), '"')
	}
	return append(dst, '}')
}

func appendAttribute(dst []byte, kv *commonpb.KeyValue) []byte {
	dst = appendText(dst, `{"key":`, kv.Key)
	return append(appendValue(append(dst, `,"value":`...), kv.Value), '}')
}

func appendValue(dst []byte, v *commonpb.AnyValue) []byte {
	dst = append(dst, '{')
	switch v := v.Value.(type) {
	case *commonpb.AnyValue_StringValue:
		dst = appendText(dst, `"stringValue":`, v.StringValue)
	case *commonpb.AnyValue_BoolValue:
		dst = strconv.AppendBool(append(dst, `"boolValue":`...), v.BoolValue)
	case *commonpb.AnyValue_IntValue:
		dst = append(strconv.AppendInt(append(dst, `"intValue":"`...), v.IntValue, 10), '"')
	case *commonpb.AnyValue_DoubleValue:
		dst = events.AppendFloat(append(dst, `"doubleValue":`...), v.DoubleValue)
	case *commonpb.AnyValue_BytesValue:
		dst = append(base64.StdEncoding.AppendEncode(append(dst, `"bytesValue":"`...), v.BytesValue), '"')
	case *commonpb.AnyValue_ArrayValue:
		dst = append(dst, `"arrayValue":{"values":`...)
		dst = append(appendArray(dst, v.ArrayValue.Values, appendValue), '}')
	case *commonpb.AnyValue_KvlistValue:
		dst = append(dst, `"kvlistValue":{"values":`...)
		dst = append(appendArray(dst, v.KvlistValue.Values, appendAttribute), '}')
	}
	return append(dst, '}')
}

func appendArray[T any](dst []byte, all []T, one func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, v := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = one(dst, v)
	}
	return append(dst, ']')
}

// appendText appends a key and a string.
func appendText(dst []byte, key, text string) []byte {
	return events.AppendString(append(dst, key...), text)
}

// appendUint appends a key and a number of 64 bits, which is a string.
func appendUint(dst []byte, key string, n uint64) []byte {
	return append(strconv.AppendUint(append(append(dst, key...), '"'), n, 10), '"')
}
