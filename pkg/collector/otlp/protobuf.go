package otlp

import (
	"math"

	"auditctl/pkg/internal/wire"
)

// appendProtobuf appends an ExportLogsServiceRequest in protobuf.
func (all *records) appendProtobuf(dst []byte) []byte {
	return wire.AppendMessage(dst, 1, func(dst []byte) []byte { // resource_logs
		dst = wire.AppendMessage(dst, 1, func(dst []byte) []byte { // resource
			return appendAttributes(dst, 1, all.resource)
		})
		return wire.AppendMessage(dst, 2, func(dst []byte) []byte { // scope_logs
			dst = wire.AppendMessage(dst, 1, func(dst []byte) []byte { // scope
				dst = wire.AppendBytes(dst, 1, scopeName)
				if all.scopeVersion != "" {
					dst = wire.AppendBytes(dst, 2, all.scopeVersion)
				}
				return dst
			})
			for i := range all.list {
				dst = wire.AppendMessage(dst, 2, all.list[i].appendProtobuf) // log_records
			}
			return dst
		})
	})
}

// appendProtobuf appends the fields of a LogRecord. Zero is what an absent field means.
func (r *record) appendProtobuf(dst []byte) []byte {
	if r.time != 0 {
		dst = wire.AppendFixed64(dst, 1, r.time)
	}
	if r.severity != 0 {
		dst = wire.AppendVarint(dst, 2, r.severity)
	}
	if r.severityText != "" {
		dst = wire.AppendBytes(dst, 3, r.severityText)
	}
	dst = appendAny(dst, 5, r.body)
	dst = appendAttributes(dst, 6, r.attributes)
	if r.traceID != nil {
		dst = wire.AppendBytes(dst, 9, r.traceID)
	}
	if r.spanID != nil {
		dst = wire.AppendBytes(dst, 10, r.spanID)
	}
	if r.observed != 0 {
		dst = wire.AppendFixed64(dst, 11, r.observed)
	}
	if r.eventName != "" {
		dst = wire.AppendBytes(dst, 12, r.eventName)
	}
	return dst
}

// appendAttributes appends a field that has a KeyValue for each attribute.
func appendAttributes(dst []byte, number int32, all []attribute) []byte {
	for i := range all {
		dst = wire.AppendMessage(dst, number, func(dst []byte) []byte {
			if all[i].key != "" {
				dst = wire.AppendBytes(dst, 1, all[i].key)
			}
			return appendAny(dst, 2, all[i].value)
		})
	}
	return dst
}

// appendAny appends a field that is an AnyValue. What it is is said even if it is zero.
func appendAny(dst []byte, number int32, v value) []byte {
	return wire.AppendMessage(dst, number, func(dst []byte) []byte {
		switch v := v.(type) {
		case string:
			dst = wire.AppendBytes(dst, 1, v)
		case bool:
			var bit uint64
			if v {
				bit = 1
			}
			dst = wire.AppendVarint(dst, 2, bit)
		case int64:
			dst = wire.AppendVarint(dst, 3, uint64(v))
		case float64:
			dst = wire.AppendFixed64(dst, 4, math.Float64bits(v))
		case []value:
			dst = wire.AppendMessage(dst, 5, func(dst []byte) []byte {
				for _, element := range v {
					dst = appendAny(dst, 1, element)
				}
				return dst
			})
		case []attribute:
			dst = wire.AppendMessage(dst, 6, func(dst []byte) []byte { return appendAttributes(dst, 1, v) })
		case []byte:
			dst = wire.AppendBytes(dst, 7, v)
		}
		return dst
	})
}
