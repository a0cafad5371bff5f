package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"

	"auditctl/pkg/events"
)

// appendJSON appends an ExportLogsServiceRequest in the JSON of OTLP. That differs from the
// JSON of protobuf: ids are hexadecimal and enums are numbers.
func (all *records) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"resourceLogs":[{"resource":{"attributes":`...)
	dst = appendArray(dst, all.resource, appendAttribute)
	dst = appendText(append(dst, `},"scopeLogs":[{"scope":{`...), `"name":`, scopeName)
	if all.scopeVersion != "" {
		dst = appendText(dst, `,"version":`, all.scopeVersion)
	}
	dst = append(dst, `},"logRecords":`...)
	return append(appendArray(dst, all.list, appendRecord), `}]}]}`...)
}

func appendRecord(dst []byte, r record) []byte {
	dst = appendUint(dst, `{"timeUnixNano":`, r.time)
	dst = appendUint(dst, `,"observedTimeUnixNano":`, r.observed)
	if r.severity != 0 {
		dst = strconv.AppendUint(append(dst, `,"severityNumber":`...), r.severity, 10)
	}
	if r.severityText != "" {
		dst = appendText(dst, `,"severityText":`, r.severityText)
	}
	if r.eventName != "" {
		dst = appendText(dst, `,"eventName":`, r.eventName)
	}
	dst = appendValue(append(dst, `,"body":`...), r.body)
	if len(r.attributes) > 0 {
		dst = appendArray(append(dst, `,"attributes":`...), r.attributes, appendAttribute)
	}
	if r.traceID != nil {
		dst = append(hex.AppendEncode(append(dst, `,"traceId":"`...), r.traceID), '"')
	}
	if r.spanID != nil {
		dst = append(hex.AppendEncode(append(dst, `,"spanId":"`...), r.spanID), '"')
	}
	return append(dst, '}')
}

func appendAttribute(dst []byte, a attribute) []byte {
	dst = appendText(dst, `{"key":`, a.key)
	return append(appendValue(append(dst, `,"value":`...), a.value), '}')
}

func appendValue(dst []byte, v value) []byte {
	dst = append(dst, '{')
	switch v := v.(type) {
	case string:
		dst = appendText(dst, `"stringValue":`, v)
	case bool:
		dst = strconv.AppendBool(append(dst, `"boolValue":`...), v)
	case int64:
		dst = append(strconv.AppendInt(append(dst, `"intValue":"`...), v, 10), '"')
	case float64:
		dst = events.AppendFloat(append(dst, `"doubleValue":`...), v)
	case []byte:
		dst = append(base64.StdEncoding.AppendEncode(append(dst, `"bytesValue":"`...), v), '"')
	case []value:
		dst = append(dst, `"arrayValue":{"values":`...)
		dst = append(appendArray(dst, v, appendValue), '}')
	case []attribute:
		dst = append(dst, `"kvlistValue":{"values":`...)
		dst = append(appendArray(dst, v, appendAttribute), '}')
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
