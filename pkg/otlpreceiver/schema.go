package otlpreceiver

import "auditctl/pkg/internal/wire"

// A message is a kind of message of OTLP.
type message uint8

const (
	request message = iota
	resourceLogs
	resource
	entityRef
	scopeLogs
	scope
	logRecord
	keyValue
	anyValue // has one field only, the last one that is set
	arrayValue
	keyValueList
)

// A field is a field of a message, and how the protocol's JSON encoding writes it.
type field struct {
	number   int32
	name     string
	kind     kind
	of       message // if it is a message
	repeated bool
}

// A kind is the type of a field.
type kind uint8

const (
	text     kind = iota
	data          // base64
	id            // hexadecimal
	boolean       //
	enum          // a number that may be negative
	count         // a number that may not
	integer       // a number in a string, since not all programs read large ones exactly
	nanos         // as integer
	flags         // a number
	floating      // a number, or a string for those that JSON has not
	nested        // a message
)

// wireTypes are how values of each kind are encoded.
var wireTypes = [...]wire.Type{
	text: wire.Bytes, data: wire.Bytes, id: wire.Bytes, nested: wire.Bytes,
	boolean: wire.Varint, enum: wire.Varint, count: wire.Varint, integer: wire.Varint,
	nanos: wire.Fixed64, floating: wire.Fixed64, flags: wire.Fixed32,
}

// maxFields is how many fields a message has at most.
const maxFields = 11

// schema has the fields of all messages.
var schema = [...]struct {
	name   string
	fields []field
}{
	request: {"ExportLogsServiceRequest", []field{
		{1, "resourceLogs", nested, resourceLogs, true},
	}},
	resourceLogs: {"ResourceLogs", []field{
		{1, "resource", nested, resource, false},
		{3, "schemaUrl", text, 0, false},
		{2, "scopeLogs", nested, scopeLogs, true},
	}},
	resource: {"Resource", []field{
		{1, "attributes", nested, keyValue, true},
		{2, "droppedAttributesCount", count, 0, false},
		{3, "entityRefs", nested, entityRef, true},
	}},
	entityRef: {"EntityRef", []field{
		{1, "schemaUrl", text, 0, false},
		{2, "type", text, 0, false},
		{3, "idKeys", text, 0, true},
		{4, "descriptionKeys", text, 0, true},
	}},
	scopeLogs: {"ScopeLogs", []field{
		{1, "scope", nested, scope, false},
		{3, "schemaUrl", text, 0, false},
		{2, "logRecords", nested, logRecord, true},
	}},
	scope: {"InstrumentationScope", []field{
		{1, "name", text, 0, false},
		{2, "version", text, 0, false},
		{3, "attributes", nested, keyValue, true},
		{4, "droppedAttributesCount", count, 0, false},
	}},
	logRecord: {"LogRecord", []field{
		{1, "timeUnixNano", nanos, 0, false},
		{11, "observedTimeUnixNano", nanos, 0, false},
		{2, "severityNumber", enum, 0, false},
		{3, "severityText", text, 0, false},
		{12, "eventName", text, 0, false},
		{5, "body", nested, anyValue, false},
		{6, "attributes", nested, keyValue, true},
		{7, "droppedAttributesCount", count, 0, false},
		{8, "flags", flags, 0, false},
		{9, "traceId", id, 0, false},
		{10, "spanId", id, 0, false},
	}},
	keyValue: {"KeyValue", []field{
		{1, "key", text, 0, false},
		{2, "value", nested, anyValue, false},
		{3, "keyStrindex", enum, 0, false}, // in profiles
	}},
	anyValue: {"AnyValue", []field{
		{1, "stringValue", text, 0, false},
		{2, "boolValue", boolean, 0, false},
		{3, "intValue", integer, 0, false},
		{4, "doubleValue", floating, 0, false},
		{5, "arrayValue", nested, arrayValue, false},
		{6, "kvlistValue", nested, keyValueList, false},
		{7, "bytesValue", data, 0, false},
		{8, "stringValueStrindex", enum, 0, false}, // in profiles
	}},
	arrayValue: {"ArrayValue", []field{
		{1, "values", nested, anyValue, true},
	}},
	keyValueList: {"KeyValueList", []field{
		{1, "values", nested, keyValue, true},
	}},
}
